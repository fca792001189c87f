"""Verifications whose time is up before they have an outcome: no step of them is begun any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils.timezone import now

from common.images import inspect_image
from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.types import FinalVerdict, ImageRole, Verdict
from tests.conftest import idmeta_tenant_of
from tests.verifications_support import RUNS_WORKFLOW, blank_picture
from verifications import claims, runner, services, tasks, workflow
from verifications.evidence_store import Picture
from verifications.models import Session, Verification, VerificationType

pytestmark = RUNS_WORKFLOW

LIFETIME = 600


@pytest.fixture
def session(sandbox, stored):
    """Its provider wants a document, a liveness and a face step, and a last word."""
    picture = Picture(blank_picture(), inspect_image(blank_picture()))
    verification = stored(
        idmeta_tenant_of(sandbox, default_template_id="456"),
        verification_type=VerificationType.COMPREHENSIVE,
        pictures={ImageRole.FRONT: picture, ImageRole.SELFIE: picture},
        expires_in=LIFETIME,
    )
    return verification.session


@pytest.fixture
def time_is_up_in(monkeypatch):
    """Let the lifetime pass while the provider is called by this method for the nth time."""
    with time_machine.travel(now()) as traveller:

        def arm(name, nth=1):
            original = getattr(IdmetaAdapter, name)
            calls = []

            def slow(self, *args):
                calls.append(name)
                if len(calls) == nth:
                    traveller.shift(LIFETIME)
                return original(self, *args)

            monkeypatch.setattr(IdmetaAdapter, name, slow)

        yield arm


def calls(session):
    return [(call.operation, call.status) for call in session.provider_calls.order_by("id")]


def status(session):
    return Verification.objects.get(session=session.pk).status


def test_overdue_verification_is_nobodys(session):
    Verification.objects.update(expires_at=now())

    assert claims.due_sessions(10) == []
    assert claims.backlog() == (0, None)
    assert claims.claim(session.pk) is None
    assert Session.objects.get().fence == 0
    assert status(session) == "pending"


def test_overdue_verification_is_ended_without_a_call(session, sandbox):
    Verification.objects.update(expires_at=now())

    runner.work_slice()
    tasks.sweep()

    assert status(session) == "expired"
    assert calls(session) == []
    assert sandbox.bills() == []


def test_no_step_is_begun_once_time_is_up(session, sandbox, time_is_up_in):
    time_is_up_in("execute_step")

    workflow.run(session.pk)

    assert calls(session) == [("open", "done"), ("step", "done")]
    assert len(sandbox.bills()) == 1
    assert Session.objects.get().lease_until is None
    services.expire_overdue()
    assert status(session) == "expired"


def test_no_step_is_sent_again_once_time_is_up(session, sandbox, time_is_up_in):
    time_is_up_in("execute_step")
    sandbox.fault("document_verification", "503")

    workflow.run(session.pk)

    assert calls(session) == [("open", "done"), ("step", "rejected")]
    assert sandbox.bills() == []


def test_what_is_paid_for_may_still_be_finished(session, sandbox, time_is_up_in):
    time_is_up_in("execute_step", nth=3)

    workflow.run(session.pk)

    assert calls(session)[-1] == ("finalize", "done")
    assert Verification.objects.get().decision is not None


REVIEW = FinalVerdict(Verdict.REVIEW, (reasons.PROVIDER_REVIEW,), is_with_reviewer=True)
REJECTED = FinalVerdict(Verdict.FAILED, (reasons.PROVIDER_REJECTED,))


def test_review_is_asked_about_at_any_age(session, monkeypatch):
    provider_says = iter([REVIEW, REJECTED])
    monkeypatch.setattr(IdmetaAdapter, "finalize", lambda self, ref: next(provider_says))
    workflow.run(session.pk)

    with time_machine.travel(now() + timedelta(days=30)):
        runner.work_slice()

    verification = Verification.objects.get()
    assert (verification.status, verification.decision) == ("failed", "declined")
