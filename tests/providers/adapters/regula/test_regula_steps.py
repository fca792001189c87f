"""Which steps a verification has, and what it needs."""

from __future__ import annotations

import pytest

from providers.adapters.regula.adapter import RegulaAdapter
from providers.errors import RequestRefused
from providers.types import (
    ImageRole,
    OpenRequest,
    ProcessingMode,
    StepInput,
    StepKind,
    StepPlan,
)

FRONT, SELFIE = ImageRole.FRONT, ImageRole.SELFIE
DOCUMENT = (StepKind.DOCUMENT, "document_reader")
FACES = (StepKind.FACE_MATCH, "face_match")


def request(verification_type, *images):
    return OpenRequest("ref", verification_type, frozenset(images))


def test_what_the_adapter_is():
    assert RegulaAdapter.slug == "regula"
    assert RegulaAdapter.display_name == "Regula"
    assert RegulaAdapter.processing_mode is ProcessingMode.SINGLE_STEP
    assert RegulaAdapter.resend_is_safe is True
    assert RegulaAdapter.opens_remotely is False


@pytest.mark.parametrize(
    ("verification_type", "images", "steps"),
    [
        ("document", (FRONT,), [DOCUMENT]),
        ("document", (FRONT, SELFIE), [DOCUMENT, FACES]),
        ("biometric", (FRONT, SELFIE), [DOCUMENT, FACES]),
        ("comprehensive", (FRONT, SELFIE), [DOCUMENT, FACES]),
    ],
)
def test_steps(adapter, verification_type, images, steps):
    opened = adapter.open(request(verification_type, *images), {})
    assert [(step.kind, step.plan_code) for step in opened.steps] == steps
    assert opened.external_id is None


@pytest.mark.parametrize(
    ("verification_type", "images", "missing"),
    [
        ("document", (), ("documentImages.front",)),
        ("document", (FRONT,), ()),
        ("biometric", (FRONT,), ("documentImages.selfie",)),
        ("comprehensive", (), ("documentImages.front", "documentImages.selfie")),
        ("comprehensive", (FRONT, SELFIE), ()),
    ],
)
def test_missing_for_type(adapter, verification_type, images, missing):
    assert adapter.missing_for_type(verification_type, frozenset(images)) == missing


def test_missing_for_step(adapter):
    document, faces = adapter.open(request("biometric", FRONT, SELFIE), {}).steps
    assert adapter.missing_for_step(document, frozenset({SELFIE}), frozenset()) == (
        "documentImages.front",
    )
    assert adapter.missing_for_step(faces, frozenset({FRONT}), frozenset()) == (
        "documentImages.selfie",
    )
    assert adapter.missing_for_step(faces, frozenset({SELFIE}), frozenset()) == ()


def test_without_face_url_documents_work_and_faces_say_what_to_do(connect, session, given):
    adapter = connect(face_url=None)
    assert len(adapter.open(request("document", FRONT), {}).steps) == 1
    with pytest.raises(RequestRefused, match="face_url is not configured"):
        adapter.open(request("comprehensive", FRONT, SELFIE), {})
    with pytest.raises(RequestRefused, match="face_url is not configured"):
        adapter.execute_step(session, StepPlan(*FACES, "Face comparison"), given, {})


def test_open_refuses_settings_out_of_range(adapter):
    with pytest.raises(RequestRefused, match="minimum_age must be between 0 and 150"):
        adapter.open(request("document", FRONT), {"minimum_age": 400.0})


def test_a_step_of_another_kind_is_refused(adapter, session, given):
    with pytest.raises(RequestRefused, match="watchlist_check"):
        adapter.execute_step(
            session, StepPlan(StepKind.WATCHLIST, "watchlist_check", "Watchlist"), given, {}
        )


@pytest.mark.parametrize(("step", "role"), [(DOCUMENT, "front"), (FACES, "front")])
def test_a_step_without_its_picture_is_refused(adapter, session, step, role):
    with pytest.raises(RequestRefused, match=f"documentImages.{role}"):
        adapter.execute_step(
            session, StepPlan(*step, "Step"), StepInput(), {"scenario": "FullProcess"}
        )
