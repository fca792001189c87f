"""`POST /verifications`: what existing clients send, what they get, and what is refused."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection

from tenants.models import Account, Mode, Tenant
from tenants.services import account_of_person
from tests.verifications.api.conftest import EXTRACTED
from tests.verifications_support import (
    RUNS_WORKFLOW,
    base64_of,
    blank_picture,
    data_url,
    document_request,
    png_claiming,
)
from verifications.api import starting
from verifications.models import Evidence, Verification

pytestmark = pytest.mark.django_db

URL = "/api/v1/verifications"
PICTURE = blank_picture()
MINIMAL = document_request(PICTURE)


def post(client, body):
    return client.post(URL, body, format="json")


def assert_refused(answer, *, status=400):
    assert answer.status_code == status, answer.json()
    assert not Verification.objects.exists()
    assert not Evidence.objects.exists()


@RUNS_WORKFLOW
def test_minimal_body_answers_with_every_field(client, regula_tenant):
    answer = post(client, MINIMAL)

    assert answer.status_code == 201
    body = answer.json()
    verification = Verification.objects.get()
    assert body.pop("result")["overall"]["status"] == "passed"
    for name in ("expiresAt", "createdAt", "updatedAt", "completedAt"):
        assert body.pop(name).endswith("Z")
    assert body == {
        "id": str(verification.pk),
        "tenantId": str(regula_tenant.pk),
        "accountId": str(verification.account_id),
        "providerName": "regula",
        "providerVerificationId": str(verification.pk),
        "templateId": None,
        "status": "completed",
        "decision": "approved",
        "verificationType": "document",
        "verificationMethod": "document",
        "processingMethod": "direct",
        "processingMode": "sync",
        "mode": "live",
        "metadata": {},
    }


@RUNS_WORKFLOW
def test_unified_result(client):
    result = post(client, MINIMAL).json()["result"]

    metadata = result.pop("metadata")
    assert metadata.pop("processingTime") >= 0
    assert metadata.pop("timestamp").endswith("Z")
    assert metadata == {
        "provider": "regula",
        "mrzParsed": False,
        "authenticityChecksPerformed": ["authenticity", "dataConsistency", "validity"],
        "rfidProcessed": False,
    }
    assert result["overall"] == {"status": "passed", "confidence": 97.0, "riskLevel": "low"}
    assert result["document"] == {
        "extracted": {
            "firstName": "JUAN",
            "lastName": "DELA CRUZ",
            "issuingCountry": "PHL",
            "documentNumber": "N01",
        },
        "checks": {"authenticity": "passed", "validity": "passed", "dataConsistency": "passed"},
        "confidence": 97.0,
    }
    assert result["biometric"] is None
    assert result["risks"] == result["reasonCodes"] == []
    assert result["regula"] == {}
    assert result["providerDetails"] is None


FULL = {
    **MINIMAL,
    "allowedDocumentTypes": ["passport", "id_card"],
    "expectedCountries": ["PH"],
    "callbackUrl": "https://example.com/hook",
    "expiresIn": 600,
    "requireLiveness": False,
    "requireAddressVerification": False,
    "minimumConfidence": 80,
    "processingMethod": "direct",
    "customProperties": {"orderId": 7},
    "userData": {"firstName": "Juan", "lastName": "Dela Cruz", "dateOfBirth": "1990-05-17"},
    "metadata": {
        "userAgent": "x",
        "ipAddress": "192.0.2.1",
        "location": {"country": "PH", "latitude": 14.6, "longitude": 121},
        "device": {"type": "mobile", "os": "x"},
        "sessionId": "s",
        "referrer": "https://example.com/a",
        "initiatedAt": "2026-01-01T00:00:00Z",
        "appVersion": "1",
        "custom": {"a": [1]},
        "anythingElse": True,
    },
}


@RUNS_WORKFLOW
def test_every_optional_field(client):
    answer = post(client, FULL)

    assert answer.status_code == 201
    metadata = answer.json()["metadata"]
    assert metadata["anythingElse"] is True
    assert metadata["orderId"] == 7
    assert metadata["minimumConfidence"] == 80
    verification = Verification.objects.get()
    assert verification.webhook_url == "https://example.com/hook"
    assert verification.subject["lastName"] == "Dela Cruz"
    assert (verification.expires_at - verification.created_at).total_seconds() == pytest.approx(
        600, abs=2
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"verificationType": "passport"}, "verificationType"),
        ({"verificationType": None}, "verificationType"),
        ({"accountId": "no-uuid"}, "accountId"),
        ({"documentImages": {"back": data_url(PICTURE)}}, "documentImages.front"),
        ({"allowedDocumentTypes": ["library_card"]}, "allowedDocumentTypes.0"),
        ({"callbackUrl": "ftp://example.com"}, "callbackUrl"),
        ({"callbackUrl": "http://localhost/hook"}, "callbackUrl"),
        ({"webhookUrl": "https://user@example.com"}, "webhookUrl"),
        ({"expiresIn": 299}, "expiresIn"),
        ({"expiresIn": 86401}, "expiresIn"),
        ({"minimumConfidence": -1}, "minimumConfidence"),
        ({"minimumConfidence": 101}, "minimumConfidence"),
        ({"requireLiveness": "perhaps"}, "requireLiveness"),
        ({"processingMethod": "pigeon"}, "processingMethod"),
        ({"metadata": "text"}, "metadata"),
        ({"metadata": {"ipAddress": "300.0.0.1"}}, "metadata.ipAddress"),
        ({"metadata": {"location": {"latitude": 91}}}, "metadata.location.latitude"),
        ({"metadata": {"location": {"longitude": -181}}}, "metadata.location.longitude"),
        ({"metadata": {"device": {"type": "fridge"}}}, "metadata.device.type"),
        ({"metadata": {"initiatedAt": "yesterday"}}, "metadata.initiatedAt"),
        ({"userData": {"dateOfBirth": "17.05.1990"}}, "userData.dateOfBirth"),
        ({"surprise": 1}, "surprise"),
        ({"documentImages": {"front": data_url(PICTURE), "top": "x"}}, "documentImages.top"),
    ],
)
def test_each_broken_limit_names_its_field(client, vendor, change, field):
    answer = post(client, {**MINIMAL, **change})

    assert_refused(answer)
    body = answer.json()
    assert body["code"] == "validation_failed"
    assert isinstance(body["message"], list)
    assert [problem["field"] for problem in body["details"]["fields"]] == [field]
    assert body["message"][0].startswith(field)
    assert vendor == []


@RUNS_WORKFLOW
@pytest.mark.parametrize("front", [base64_of(PICTURE), data_url(PICTURE, "image/png")])
def test_bytes_decide_what_a_picture_is(client, front):
    """Plain base64 is fine, and so is a wrong declared type."""
    assert post(client, {**MINIMAL, "documentImages": {"front": front}}).status_code == 201
    assert Evidence.objects.get().mime_type == "image/jpeg"


@RUNS_WORKFLOW
def test_lines_in_base64_are_fine(client):
    text = base64_of(PICTURE)
    folded = "\r\n".join(text[start : start + 76] for start in range(0, len(text), 76))

    assert post(client, {**MINIMAL, "documentImages": {"front": folded}}).status_code == 201


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        (base64_of(PICTURE[: len(PICTURE) // 2]), "is damaged or cut off; send the whole file"),
        (base64_of(blank_picture(kind="PNG")[:-40]), "is damaged or cut off; send the whole file"),
        (base64_of(blank_picture(kind="GIF")), "is not a JPEG, PNG or WebP picture"),
        (base64_of(b"%PDF-1.7 ..."), "is not a JPEG, PNG or WebP picture"),
        (base64_of(b"<svg xmlns='x'/>"), "is not a JPEG, PNG or WebP picture"),
        ("", "is not a JPEG, PNG or WebP picture"),
        (base64_of(b"x" * (10 * 1024 * 1024 + 1)), "is larger than 10 MB"),
        (
            base64_of(blank_picture(299, 800)),
            "is 299x800 px; the shorter side needs at least 300 px",
        ),
        (base64_of(png_claiming(9000, 9000)), "has more than 40 megapixels"),
        ("not base64!", "must be a picture in base64, plain or as data:image/jpeg;base64,..."),
        ("data:image/jpeg,abc", "must be a picture in base64, plain or as data:image/jpeg;base64,"),
        (7, "must be a text: a picture in base64"),
    ],
)
def test_unusable_pictures(client, vendor, front, reason):
    answer = post(client, {**MINIMAL, "documentImages": {"front": front}})

    assert_refused(answer)
    [problem] = answer.json()["details"]["fields"]
    assert problem["field"] == "documentImages.front"
    assert problem["reason"].startswith(reason)
    assert vendor == []


def test_body_over_20_megabytes(client):
    body = b'{"verificationType": "' + b"x" * (20 * 1024 * 1024) + b'"}'

    answer = client.generic("POST", URL, body, content_type="application/json")

    assert_refused(answer, status=413)
    assert answer.json()["code"] == "body_too_large"


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff", b'{"verificationType": NaN}'])
def test_malformed_json(client, body):
    answer = client.generic("POST", URL, body, content_type="application/json")

    assert_refused(answer)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1"])
def test_json_that_is_no_object(client, body):
    assert_refused(client.generic("POST", URL, body, content_type="application/json"))


def test_missing_pictures(client, vendor):
    answer = post(client, {"verificationType": "comprehensive"})

    assert_refused(answer)
    assert answer.json()["code"] == "input_missing"
    assert answer.json()["details"]["missing"] == [
        "documentImages.front",
        "documentImages.selfie",
    ]


def test_unknown_account(client, regula_tenant):
    account_id = str(uuid.uuid4())

    answer = post(client, {**MINIMAL, "accountId": account_id})

    assert_refused(answer, status=404)
    assert answer.json()["message"] == (
        f"Account {account_id} not found in tenant {regula_tenant.pk}"
    )


def test_account_of_another_tenant(client, vendor):
    stranger = Tenant.objects.create(name="Another bank")
    account = account_of_person(tenant=stranger, extracted=EXTRACTED)

    answer = post(client, {**MINIMAL, "accountId": str(account.pk)})

    assert_refused(answer, status=404)
    assert answer.json()["code"] == "account_not_found"
    assert vendor == []


@RUNS_WORKFLOW
def test_account_the_tenant_names_is_kept(client, regula_tenant):
    other = account_of_person(tenant=regula_tenant, extracted={**EXTRACTED, "documentNumber": "2"})

    answer = post(client, {**MINIMAL, "accountId": str(other.pk)})

    assert answer.json()["accountId"] == str(other.pk)
    assert Account.objects.get() == other


def test_template_of_a_provider_without_templates(client, vendor):
    answer = post(client, {**MINIMAL, "templateId": "99999"})

    assert_refused(answer)
    assert answer.json()["message"] == "Template 99999 not found"
    assert answer.json()["suggestedAction"] == "Use valid template ID or omit for default"
    assert vendor == []


@RUNS_WORKFLOW
def test_metadata_for_another_provider_are_kept_and_ignored(client, vendor):
    answer = post(client, {**MINIMAL, "metadata": {"idmeta_template_id": 99999}})

    assert (answer.status_code, answer.json()["decision"]) == (201, "approved")


@RUNS_WORKFLOW
def test_test_key_makes_test_verifications(regula_tenant, vendor, client_of):
    assert post(client_of(regula_tenant, Mode.TEST), MINIMAL).json()["mode"] == "test"


def test_tenant_without_a_provider(client, regula_tenant):
    regula_tenant.provider_configs.all().delete()

    answer = post(client, MINIMAL)

    assert_refused(answer)
    assert answer.json()["message"] == (
        f"No KYC provider configured for tenant {regula_tenant.pk}. "
        "Please contact admin to assign a provider."
    )


@RUNS_WORKFLOW
@pytest.mark.parametrize(
    ("expectation", "status", "code"),
    [
        ({"expectedCountries": ["DE"]}, "failed", "unexpected_country"),
        ({"allowedDocumentTypes": ["passport"]}, "in_progress", "document_type_unknown"),
        ({"minimumConfidence": 98}, "in_progress", "low_confidence"),
        ({"requireLiveness": True}, "in_progress", "liveness_not_confirmed"),
        ({"requireAddressVerification": True}, "in_progress", "address_not_verified"),
    ],
)
def test_expectations_lower_the_verdict(client, expectation, status, code):
    body = post(client, {**MINIMAL, **expectation}).json()

    assert body["status"] == status
    assert body["result"]["reasonCodes"] == [code]


def test_crash_of_ours_tells_nothing(client, monkeypatch):
    def crash(request):
        raise ValueError("DELA CRUZ")

    monkeypatch.setattr("verifications.services.create", crash)

    answer = post(client, MINIMAL)

    assert answer.status_code == 500
    assert answer.json()["message"] == "An unexpected error occurred"
    assert "DELA CRUZ" not in answer.content.decode()


@RUNS_WORKFLOW
def test_picture_that_was_lost_since(client, vendor, monkeypatch):
    monkeypatch.setattr("verifications.evidence_store.seal_bytes", lambda plain, place: b"altered")

    answer = post(client, MINIMAL)

    assert answer.status_code == 500
    body = answer.json()
    assert (body["code"], body["retryable"]) == ("evidence_unreadable", False)
    assert "with its pictures" in body["suggestedAction"]
    assert body["details"]["verificationId"] == str(Verification.objects.get().pk)
    assert vendor == []


@RUNS_WORKFLOW
def test_a_caller_waits_without_a_connection(client, monkeypatch):
    """Otherwise callers who wait would hold all of them, and no verification could go on."""
    held = []
    run = starting.runner.run_for_caller
    monkeypatch.setattr(
        starting.runner,
        "run_for_caller",
        lambda session_id: held.append(connection.connection) or run(session_id),
    )

    assert post(client, MINIMAL).status_code == 201
    assert held == [None]
