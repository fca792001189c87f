"""What goes over the wire, and what failures become."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import responses

from providers.errors import (
    CredentialsRefused,
    LicenceInvalid,
    OutcomeUnknown,
    ProviderFailed,
    ProviderThrottled,
    RequestRefused,
    UnreadableAnswer,
)
from providers.types import Image, ImageRole, StepInput, StepKind, StepPlan, Verdict

READER = "http://reader.test:8080"
FACE = "http://face.test:41101"
REFERENCE = "0193f2a0-7c1e-7000-8000-000000000001"
DOCUMENT = StepPlan(StepKind.DOCUMENT, "document_reader", "Document check")
FACES = StepPlan(StepKind.FACE_MATCH, "face_match", "Face comparison")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def wire():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def healthz(wire, load):
    return wire.get(f"{READER}/api/healthz", json=load("healthz_docreader"))


def process_bodies(wire):
    return [json.loads(c.request.body) for c in wire.calls if c.request.url.endswith("/process")]


def test_process_request(wire, healthz, load, adapter, session, given):
    wire.post(f"{READER}/api/process", json=load("passed"))
    result = adapter.execute_step(session, DOCUMENT, given, {})
    assert result.verdict is Verdict.PASSED
    assert result.vendor["scenario"] == "FullAuth"
    assert process_bodies(wire) == [
        {
            "processParam": {
                "scenario": "FullAuth",
                "resultTypeOutput": [9, 15, 20, 30, 33, 36, 37],
                "dateFormat": "yyyy-MM-dd",
                "alreadyCropped": False,
                "generateAlpha2Codes": True,
                "imageOutputMaxWidth": 1200,
            },
            "List": [
                {"ImageData": {"image": b64(b"front picture")}, "light": 6, "page_idx": 0},
            ],
            "tag": REFERENCE,
        }
    ]
    headers = wire.calls[-1].request.headers
    assert headers["X-RequestID"] == "corr-1"
    assert headers["Content-Type"] == "application/json"
    assert "Authorization" not in headers


def test_both_sides_are_numbered(wire, healthz, load, adapter, session):
    wire.post(f"{READER}/api/process", json=load("two_pages"))
    images = {
        ImageRole.BACK: Image(b"back picture", "image/jpeg"),
        ImageRole.FRONT: Image(b"front picture", "image/jpeg"),
        ImageRole.ADDITIONAL: Image(b"something else", "image/jpeg"),
    }
    adapter.execute_step(session, DOCUMENT, StepInput(images=images), {})
    assert process_bodies(wire)[0]["List"] == [
        {"ImageData": {"image": b64(b"front picture")}, "light": 6, "page_idx": 0},
        {"ImageData": {"image": b64(b"back picture")}, "light": 6, "page_idx": 1},
    ]


@pytest.mark.parametrize("portrait", [b"cut out portrait", None])
def test_match_request(wire, load, adapter, session, given, portrait):
    wire.post(f"{FACE}/api/match", json=load("face_same"))
    step_input = StepInput(images=given.images, portrait=portrait)
    result = adapter.execute_step(session, FACES, step_input, {})
    assert result.verdict is Verdict.PASSED
    assert json.loads(wire.calls[0].request.body) == {
        "tag": REFERENCE,
        "images": [
            {"index": 0, "type": 1, "data": b64(portrait or b"front picture")},
            {"index": 1, "type": 3, "data": b64(b"selfie picture")},
        ],
    }
    assert wire.calls[0].request.headers["X-RequestID"] == "corr-1"
    assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("health", "scenario"),
    [
        ("healthz_docreader", "FullAuth"),
        ("healthz_docreader_without_full_auth", "FullProcess"),
        ("healthz_hidden", "FullProcess"),
        ("not_regula", "FullProcess"),
    ],
)
def test_the_licence_decides_the_scenario(wire, load, adapter, session, given, health, scenario):
    asked = wire.get(f"{READER}/api/healthz", json=load(health))
    wire.post(f"{READER}/api/process", json=load("passed"))
    for _ in range(3):
        adapter.execute_step(session, DOCUMENT, given, {})
    used = {body["processParam"]["scenario"] for body in process_bodies(wire)}
    assert (used, asked.call_count) == ({scenario}, 1)


def test_many_threads_ask_for_the_scenarios_once(wire, healthz, load, adapter, session, given):
    wire.post(f"{READER}/api/process", json=load("passed"))
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(adapter.execute_step, session, DOCUMENT, given, {}) for _ in range(16)]
    assert {future.result().vendor["scenario"] for future in done} == {"FullAuth"}
    assert healthz.call_count == 1


def test_scenarios_are_asked_again_after_a_while(wire, load, adapter, session, given, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("providers.adapters.regula.adapter.time.monotonic", lambda: clock[0])
    wire.get(f"{READER}/api/healthz", status=404)
    wire.post(f"{READER}/api/process", json=load("passed"))
    adapter.execute_step(session, DOCUMENT, given, {})
    wire.replace(responses.GET, f"{READER}/api/healthz", json=load("healthz_docreader"))
    clock[0] += 600
    adapter.execute_step(session, DOCUMENT, given, {})
    clock[0] += 1
    adapter.execute_step(session, DOCUMENT, given, {})
    scenarios = [body["processParam"]["scenario"] for body in process_bodies(wire)]
    assert scenarios == ["FullProcess", "FullProcess", "FullAuth"]


def test_a_tenants_scenario_needs_no_question(wire, load, adapter, session, given):
    wire.post(f"{READER}/api/process", json=load("passed"))
    adapter.execute_step(session, DOCUMENT, given, {"scenario": "FullProcess"})
    assert [body["processParam"]["scenario"] for body in process_bodies(wire)] == ["FullProcess"]
    assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("readyz", "error"),
    [
        (400, LicenceInvalid),
        (200, CredentialsRefused),
        (403, CredentialsRefused),
        (404, CredentialsRefused),
        (requests.ConnectTimeout(), CredentialsRefused),
    ],
)
def test_readyz_tells_licence_from_proxy(wire, healthz, adapter, session, given, readyz, error):
    wire.post(f"{READER}/api/process", status=403, body="<html>denied</html>")
    if isinstance(readyz, int):
        wire.get(f"{READER}/api/readyz", status=readyz)
    else:
        wire.get(f"{READER}/api/readyz", body=readyz)
    with pytest.raises(error) as caught:
        adapter.execute_step(session, DOCUMENT, given, {})
    assert caught.value.http_status == 403
    assert len(process_bodies(wire)) == 1


def test_a_401_is_the_proxy_without_asking(wire, healthz, adapter, session, given):
    wire.post(f"{READER}/api/process", status=401)
    with pytest.raises(CredentialsRefused):
        adapter.execute_step(session, DOCUMENT, given, {})
    assert [call.request.url for call in wire.calls] == [
        f"{READER}/api/healthz",
        f"{READER}/api/process",
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": 400}, RequestRefused),
        ({"status": 404}, RequestRefused),
        ({"status": 413}, RequestRefused),
        ({"status": 429, "headers": {"Retry-After": "7"}}, ProviderThrottled),
        ({"status": 500}, ProviderFailed),
        ({"status": 504}, OutcomeUnknown),
        ({"status": 200, "body": "<html>demo</html>"}, UnreadableAnswer),
        ({"status": 200, "json": {"app": "portal"}}, UnreadableAnswer),
        ({"status": 200, "json": []}, UnreadableAnswer),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown),
    ],
)
def test_failures_are_typed_and_a_document_is_sent_once(
    wire, healthz, adapter, session, given, answer, error
):
    wire.post(f"{READER}/api/process", **answer)
    with pytest.raises(error):
        adapter.execute_step(session, DOCUMENT, given, {})
    assert len(process_bodies(wire)) == 1


def test_a_face_licence_refused_by_status(wire, adapter, session, given):
    wire.post(f"{FACE}/api/match", status=403)
    wire.get(f"{FACE}/api/readyz", status=400)
    with pytest.raises(LicenceInvalid):
        adapter.execute_step(session, FACES, given, {})


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64(pair.encode())}"}


@pytest.mark.parametrize(
    ("settings", "credentials", "reader_headers", "face_headers"),
    [
        ({"auth": "none"}, {"token": "unused"}, {}, {}),
        (
            {"auth": "basic"},
            {"username": "kyc", "password": "pässwörd"},
            basic("kyc:pässwörd"),
            basic("kyc:pässwörd"),
        ),
        (
            {"auth": "bearer", "face_auth": "none"},
            {"token": "t-1"},
            {"Authorization": "Bearer t-1"},
            {},
        ),
        (
            {"auth": "header", "auth_header": "X-Api-Key"},
            {"header_value": "k-1", "face_header_value": "k-2"},
            {"X-Api-Key": "k-1"},
            {"X-Api-Key": "k-2"},
        ),
        (
            {"face_auth": "header", "face_auth_header": "X-Face"},
            {"face_header_value": "k-3"},
            {},
            {"X-Face": "k-3"},
        ),
    ],
)
def test_each_service_gets_its_credentials(
    wire, load, connect, session, given, settings, credentials, reader_headers, face_headers
):
    wire.post(f"{READER}/api/process", json=load("passed"))
    wire.post(f"{FACE}/api/match", json=load("face_same"))
    adapter = connect(credentials, **settings)
    adapter.execute_step(session, DOCUMENT, given, {"scenario": "FullProcess"})
    adapter.execute_step(session, FACES, given, {})
    names = {"Authorization", "X-Api-Key", "X-Face"}
    sent = [
        {name: value for name, value in call.request.headers.items() if name in names}
        for call in wire.calls
    ]
    assert sent == [reader_headers, face_headers]


def test_a_path_prefix_in_the_address_survives(wire, load, connect, session, given):
    wire.post("https://gate.test/regula/api/process", json=load("passed"))
    adapter = connect(docreader_url="https://gate.test/regula/")
    result = adapter.execute_step(session, DOCUMENT, given, {"scenario": "FullProcess"})
    assert result.verdict is Verdict.PASSED
