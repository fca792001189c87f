"""`POST /verifications/upload`: the same with files."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.verifications_support import RUNS_WORKFLOW, blank_picture
from verifications.models import Verification

pytestmark = pytest.mark.django_db

URL = "/api/v1/verifications/upload"


def file(name="front.jpg", data=None):
    return SimpleUploadedFile(name, blank_picture() if data is None else data, "image/jpeg")


def upload(client, **fields):
    return client.post(URL, {"verificationType": "document", **fields}, format="multipart")


@RUNS_WORKFLOW
def test_four_files_and_metadata(client):
    files = {role: file(f"{role}.jpg") for role in ("front", "back", "selfie", "additional")}

    answer = upload(client, metadata=json.dumps({"orderId": 7}), **files)

    assert answer.status_code == 201, answer.json()
    metadata = answer.json()["metadata"]
    assert metadata["orderId"] == 7
    assert metadata["uploadMethod"] == "multipart"
    assert metadata["uploadedFiles"][0] == {
        "fieldName": "front",
        "originalName": "front.jpg",
        "size": len(blank_picture()),
        "width": 400,
        "height": 400,
        "mimeType": "image/jpeg",
    }
    assert len(metadata["uploadedFiles"]) == Verification.objects.get().evidence.count() == 4


@RUNS_WORKFLOW
@pytest.mark.parametrize("text", ["{broken", "[1]", "word"])
def test_invalid_metadata_does_not_fail(client, text):
    metadata = upload(client, front=file(), metadata=text).json()["metadata"]

    assert metadata["invalidMetadata"] == text


@RUNS_WORKFLOW
@pytest.mark.parametrize("text", ["", "string"])
def test_no_metadata(client, text):
    metadata = upload(client, front=file(), metadata=text).json()["metadata"]

    assert set(metadata) == {"uploadMethod", "uploadedFiles"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "front"),
        ({"front": file(data=b"not a picture")}, "front"),
        ({"front": file(), "back": file(data=b"%PDF")}, "back"),
        ({"front": file(), "accountId": "x"}, "accountId"),
        ({"front": file(), "callbackUrl": "http://localhost"}, "callbackUrl"),
        ({"front": file(), "verificationType": "x"}, "verificationType"),
    ],
)
def test_refused(client, vendor, fields, field):
    answer = upload(client, **fields)

    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["details"]["fields"]] == [field]
    assert not Verification.objects.exists()
    assert vendor == []


def test_body_over_20_megabytes(client):
    answer = client.post(
        URL,
        {"verificationType": "document", "front": file(data=b"x" * (21 * 1024 * 1024))},
        format="multipart",
    )

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_only_multipart(client):
    assert client.post(URL, {}, format="json").status_code == 415
