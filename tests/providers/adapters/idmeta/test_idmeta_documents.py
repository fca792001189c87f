"""The document step: both shapes, every outcome, what is sent."""

from __future__ import annotations

import base64

import pytest

from providers.errors import RequestRefused, SessionUnknown
from providers.types import CheckResult, ImageRole, StepInput, StepResult, Verdict
from tests.providers.adapters.idmeta.support import (
    BACK,
    FRONT,
    IDS,
    IMAGES,
    connect,
    load,
    run,
)

PATH = "/v1/verification/document_verification"
KTP = "/v2/verification/ktp-extraction"
PASSED, FAILED, NOT_PERFORMED = CheckResult.PASSED, CheckResult.FAILED, CheckResult.NOT_PERFORMED
PIXEL = base64.b64decode(load("document-verification.accept")["images"][0]["base64"])


def test_an_accepted_document(adapter, vendor):
    vendor.answers(PATH, "document-verification.accept")
    result = run(adapter, "document_verification")
    assert (result.verdict, result.reasons) == (Verdict.PASSED, ())
    assert result.document.extracted == {
        "firstName": "MAYUMI",
        "lastName": "HALIMBAWA",
        "fullName": "MAYUMI SUBOK HALIMBAWA",
        "sex": "F",
        "address": "1 SAMPLE ST, BARANGAY UNA, QUEZON CITY",
        "documentNumber": "N01-23-456789",
        "dateOfBirth": "1994-05-17",
        "expiryDate": "2031-05-17",
        "issuingCountry": "PHL",
        "documentType": "drivers_license",
    }
    assert result.document.authenticity is PASSED
    assert result.document.validity is PASSED
    assert result.document.data_consistency is NOT_PERFORMED
    assert result.document.confidence == 95.0
    assert result.portrait == PIXEL
    assert result.vendor == {
        "document": {
            "recommendedOutcome": "Accept",
            "certaintyLevel": "High",
            "performedChecks": 21,
            "processingStatus": "Completed",
            "extractionStatus": "Success",
            "documentClass": {"country": "Philippines", "region": "None", "type": "Dl"},
            "checks": {
                "extractedDataCheck": "Pass",
                "matchCheck": "NotPerformed",
                "logicCheck": "Pass",
                "visualCheck": "Pass",
                "securityFeatures": "Pass",
                "photoForgeryCheck": "Pass",
                "generativeAiCheck": "Pass",
                "documentLivenessCheck": "Pass",
                "screenCheck": "Pass",
                "photocopyCheck": "Pass",
                "handPresenceCheck": "NotPerformed",
            },
            "imageQuality": {"clarity": "Pass", "handPresence": "Fail", "cropped": "Pass"},
        }
    }
    assert StepResult.from_json(result.to_json()) == result


@pytest.mark.parametrize(
    ("payload", "verdict", "codes", "confidence"),
    [
        (
            "document-verification.reject",
            Verdict.FAILED,
            ["document_rejected", "photo_forgery"],
            95.0,
        ),
        (
            "document-verification.manual-review",
            Verdict.REVIEW,
            ["document_review_needed"],
            75.0,
        ),
        (
            "document-verification.undeterminable",
            Verdict.REVIEW,
            ["document_undeterminable"],
            40.0,
        ),
        (
            "document-verification.retry",
            Verdict.REVIEW,
            ["new_photo_needed", "image_blurred"],
            40.0,
        ),
        ("document-verification.unknown-outcome", Verdict.REVIEW, ["unknown_outcome"], 95.0),
        ("document-verification.accept-but-fail", Verdict.REVIEW, ["unknown_outcome"], 95.0),
    ],
)
def test_outcomes(adapter, vendor, payload, verdict, codes, confidence):
    vendor.answers(PATH, payload)
    result = run(adapter, "document_verification")
    assert result.verdict is verdict
    assert [reason.code for reason in result.reasons] == codes
    assert result.document.confidence == confidence
    assert result.document.extracted["firstName"] == "MAYUMI"


def test_a_forged_photo_fails_authenticity_only(adapter, vendor):
    vendor.answers(PATH, "document-verification.reject")
    document = run(adapter, "document_verification").document
    assert (document.authenticity, document.validity) == (FAILED, PASSED)


def test_an_unreadable_document_names_no_country_or_type(adapter, vendor):
    vendor.answers(PATH, "document-verification.retry")
    result = run(adapter, "document_verification")
    assert result.document.extracted == {"firstName": "MAYUMI"}
    assert result.document.authenticity is NOT_PERFORMED
    assert result.portrait is None


def test_unnamed_faults_of_a_picture(adapter, vendor):
    body = load("document-verification.retry")
    body["processIndicators"] = [
        {"name": name, "type": "ImageQuality", "result": "Fail"}
        for name in ("Cropped", "Glare", "Darkness")
    ]
    vendor.answers(PATH, body)
    codes = [reason.code for reason in run(adapter, "document_verification").reasons]
    assert codes == ["new_photo_needed", "image_cropped", "image_quality_poor"]


def test_latin_first_native_beside_and_impossible_dates_left_out(adapter, vendor):
    vendor.answers(PATH, "document-verification.native-script")
    result = run(adapter, "document_verification_v2")
    assert result.document.extracted == {
        "firstName": "MAYUMI",
        "nativeFirstName": "МАЮМИ",
        "lastName": "ХАЛИМБАВА",
        "nativeLastName": "ХАЛИМБАВА",
        "nationality": "PHL",
        "sex": "F",
        "issuingCountry": "PHL",
    }
    assert result.portrait is None


def test_an_unknown_outcome_is_reported(adapter, vendor, caplog):
    vendor.answers(PATH, "document-verification.unknown-outcome")
    run(adapter, "document_verification")
    assert "recommendedOutcome = Maybe" in caplog.text
    assert "MAYUMI" not in caplog.text


def test_the_older_shape_has_data_but_no_verdict(adapter, vendor):
    vendor.answers(PATH, "document-verification.legacy-wrapped")
    result = run(adapter, "document_verification")
    assert result.verdict is Verdict.NONE
    assert result.document.extracted == {
        "firstName": "MAYUMI",
        "lastName": "HALIMBAWA",
        "fullName": "MAYUMI SUBOK HALIMBAWA",
        "documentNumber": "P0000000A",
        "sex": "F",
        "dateOfBirth": "1994-05-17",
        "expiryDate": "2031-05-17",
        "documentType": "passport",
    }
    assert result.portrait == PIXEL


def test_the_older_shape_with_plain_values(adapter, vendor):
    vendor.answers(KTP, "ktp-extraction.v2")
    result = run(adapter, "ktp_details_extraction")
    assert result.document.extracted == {
        "fullName": "BUDI CONTOH",
        "documentNumber": "3200000000000001",
        "sex": "M",
        "dateOfBirth": "1990-06-12",
    }
    assert result.portrait == PIXEL


def test_the_older_shape_as_text_with_two_scripts_and_text_dates(adapter, vendor):
    inner = (
        '{"result": {"fullName": {"latin": "MAYUMI", "cyrillic": "МАЮМИ"},'
        ' "dateOfBirth": "1994-05-17", "dateOfExpiry": "soon"}}'
    )
    vendor.answers(PATH, {"status": True, "result": inner})
    assert run(adapter, "document_verification").document.extracted == {
        "fullName": "MAYUMI",
        "nativeFullName": "МАЮМИ",
        "dateOfBirth": "1994-05-17",
    }


FOREIGN = [
    "custom-form.v2",
    "email-send.v1",
    "email-send.v3",
    "email-verify.v1",
    "generate-trust-flow-link.v3",
    "generic-step-success",
    "get-design-settings",
    "philsys-js-sdk-result",
    "philsys-validate-verification.v2",
    "qr-code-verification.v1",
    "sms-send.v1",
    "sms-send.v2",
    "sms-send.v3",
    "sms-verify.v2",
    "sms-verify.v3.invalid",
    "sms-verify.v3",
    "voice-liveness.v1",
]


@pytest.mark.parametrize(
    ("name", "unified"),
    [
        ("Passport", "passport"),
        ("Dl", "drivers_license"),
        ("Id", "id_card"),
        ("RESIDENCE_PERMIT", "residence_permit"),
        ("Visa", "visa"),
        ("TaxId", "other"),
        ("None", None),
        ("SpaceBadge", None),
    ],
)
def test_document_types(adapter, vendor, name, unified):
    body = load("document-verification.accept")
    body["extraction"]["classInfo"]["type"] = name
    vendor.answers(PATH, body)
    extracted = run(adapter, "document_verification").document.extracted
    assert extracted.get("documentType") == unified


@pytest.mark.parametrize("payload", FOREIGN)
def test_an_answer_of_another_call_is_review(adapter, vendor, payload):
    vendor.answers(PATH, payload)
    result = run(adapter, "document_verification")
    assert result.verdict is Verdict.REVIEW
    assert [reason.code for reason in result.reasons] == ["unknown_outcome"]


def test_files_go_as_parts(adapter, vendor):
    vendor.answers(PATH, "document-verification.accept")
    run(adapter, "document_verification", given=StepInput(images={**IMAGES, ImageRole.BACK: BACK}))
    sent = vendor.sent_raw()
    assert b'name="template_id"\r\n\r\n426' in sent
    assert b'name="verification_id"\r\n\r\n' + IDS["verification_id"].encode() in sent
    front = b'name="imageFrontSide"; filename="imageFrontSide.jpg"\r\nContent-Type: image/jpeg'
    assert front + b"\r\n\r\n" + FRONT.data in sent
    assert b'name="imageBackSide"; filename="imageBackSide.jpg"' in sent
    assert b"selfie" not in sent


def test_a_back_that_was_not_given_is_left_out(adapter, vendor):
    vendor.answers(PATH, "document-verification.accept")
    run(adapter, "document_verification")
    assert b"imageBackSide" not in vendor.sent_raw()


def test_json_carries_plain_base64(vendor):
    vendor.answers(PATH, "document-verification.accept")
    run(connect(document_encoding="json"), "document_verification")
    assert vendor.sent() == {**IDS, "imageFrontSide": base64.b64encode(FRONT.data).decode()}


def test_a_vanished_verification(adapter, vendor):
    vendor.answers(PATH, "error.404.verification-not-found", status=404)
    with pytest.raises(SessionUnknown):
        run(adapter, "document_verification")


def test_a_missing_picture_makes_no_call(adapter, vendor):
    with pytest.raises(RequestRefused):
        run(adapter, "document_verification", given=StepInput())
    assert vendor.paths == []


def test_a_step_that_failed_inside_a_200(adapter, vendor):
    vendor.answers(PATH, "error.200.logical-failure")
    result = run(adapter, "document_verification")
    assert result.verdict is Verdict.REVIEW
    assert [reason.code for reason in result.reasons] == ["step_failed_at_provider"]
    assert "upstream" not in repr(result)
