"""Input that a browser never sends: it is refused or served, and never crashes anything."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.verifications_support import RUNS_WORKFLOW, blank_picture, document_request
from verifications.models import Evidence, Verification

pytestmark = pytest.mark.django_db

URL = "/api/v1/verifications"
PICTURE = blank_picture()
MINIMAL = document_request(PICTURE)


def post_text(client, **more):
    """`more` as JSON text, with what only the text can say (lone surrogates) left as it is."""
    body = json.dumps({**MINIMAL, **more})
    return client.generic("POST", URL, body, content_type="application/json")


def nested(depth):
    return json.loads("[" * depth + "]" * depth)


def assert_nothing_happened(vendor):
    assert not Verification.objects.exists()
    assert not Evidence.objects.exists()
    assert vendor == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"minimumConfidence": "nan"}, "minimumConfidence"),
        ({"minimumConfidence": "inf"}, "minimumConfidence"),
        ({"metadata": {"location": {"latitude": "nan"}}}, "metadata.location.latitude"),
        ({"templateId": "3\x0006"}, "templateId"),
        ({"userData": {"lastName": "\x00"}}, "userData.lastName"),
    ],
)
def test_values_that_cannot_be_stored(client, vendor, more, field):
    answer = post_text(client, **more)

    assert answer.status_code == 400, answer.json()
    assert [problem["field"] for problem in answer.json()["details"]["fields"]] == [field]
    assert_nothing_happened(vendor)


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": {"text": "\ud800"}},
        {"metadata": {"\ud800": 1}},
        {"customProperties": {"deep": [{"text": "\udfff"}]}},
        {"customProperties": {"number": float("inf")}},
        {"customProperties": {"deep": nested(101)}},
        {"verificationType": "\ud800"},
        {"\ud800": 1},
    ],
    ids=repr,
)
def test_json_that_cannot_be_sent_back(client, vendor, more):
    answer = post_text(client, **more)

    assert answer.status_code == 400, answer.json()
    assert answer.json()["message"].startswith("JSON parse error - ")
    assert_nothing_happened(vendor)


def test_number_that_overflows(client, vendor):
    body = json.dumps(MINIMAL)[:-1] + ', "customProperties": {"a": 1e999}}'

    answer = client.generic("POST", URL, body, content_type="application/json")

    assert answer.json()["message"] == "JSON parse error - a number is out of range"
    assert_nothing_happened(vendor)


@RUNS_WORKFLOW
@pytest.mark.parametrize("depth", [40, 200, 700, 800, 850, 900, 930, 960, 990, 1200])
def test_nesting_never_crashes(client, depth):
    body = json.dumps(MINIMAL)[:-1] + ', "customProperties": {"a": ' + "[" * depth + "]" * depth
    answer = client.generic("POST", URL, body + "}}", content_type="application/json")

    assert answer.status_code == (201 if depth < 50 else 400)


@RUNS_WORKFLOW
def test_characters_that_can_be_stored_come_back(client):
    text = "\x00\u2028😀Åé\\"

    answer = post_text(client, metadata={"text": text})

    assert answer.json()["metadata"] == {"text": text}


@RUNS_WORKFLOW
@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a": ' * 100_000, '{"a": NaN}', '{"a": "\\ud800"}', '{"a": 1e999}'],
    ids=lambda text: text[:12],
)
def test_upload_metadata_never_fails(client, text):
    answer = client.post(
        URL + "/upload",
        {
            "verificationType": "document",
            "front": SimpleUploadedFile("f.jpg", PICTURE, "image/jpeg"),
            "metadata": text,
        },
        format="multipart",
    )

    assert answer.status_code == 201, answer.json()
    assert answer.json()["metadata"]["invalidMetadata"] == text
    assert client.get(f"{URL}/{answer.json()['id']}").status_code == 200


@pytest.mark.parametrize("reference", ["9" * 256, "3\x0006", {"id": 306}, ["306"], True])
def test_template_by_metadata_is_checked_like_templateid(
    idmeta_tenant, client_of, sandbox, reference
):
    answer = post_text(client_of(idmeta_tenant), metadata={"idmeta_template_id": reference})

    assert answer.status_code == 400, answer.json()
    assert not Verification.objects.exists()
    assert sandbox.requests() == []


@pytest.mark.parametrize(
    "query",
    [
        {"status": "a\x00"},
        {"verificationType": "\x00"},
        {"page": "9" * 5000},
        {"limit": "9" * 30},
        {"page": "1e3"},
        {"page": str(10**30)},
        {"accountId": "{" + "0" * 32},
    ],
    ids=lambda query: next(iter(query)),
)
def test_queries_never_crash(client, query):
    for path in (URL, URL + "/users"):
        assert client.get(path, query).status_code in (200, 400)


@pytest.mark.parametrize("wanted", ["%00", "..", "%ff", "0" * 33, "é" * 36, "-" * 36])
def test_ids_never_crash(client, wanted):
    for method in (client.get, client.delete):
        assert method(f"{URL}/{wanted}").status_code in (400, 404)


@pytest.mark.parametrize(
    ("boundary", "length"),
    [
        ("", "11"),
        ("; boundary=x", "many"),
        ("; boundary=x", "-1"),
    ],
)
def test_broken_multipart(client, boundary, length):
    answer = client.generic(
        "POST",
        URL + "/upload",
        b"--x\r\nbroken",
        content_type="multipart/form-data" + boundary,
        CONTENT_LENGTH=length,
    )

    assert answer.status_code == 400, answer.json()
    assert answer.json()["success"] is False


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "no-such", "rot13", "idna", "zlib"])
def test_charsets(client, charset):
    answer = client.generic("POST", URL, b"{}", content_type=f"application/json; charset={charset}")

    assert answer.status_code == 400
