"""Liveness, face comparison, registration and the custom document."""

from __future__ import annotations

import base64
import logging

import pytest

from providers.errors import SessionUnknown
from providers.types import BiometricFindings, CheckResult, ImageRole, StepInput, Verdict
from tests.providers.adapters.idmeta.support import (
    FRONT,
    IDS,
    IDS_V3,
    IMAGES,
    REFERENCE,
    SELFIE,
    connect,
    load,
    run,
)

V1 = "/v1/verification/biometricsverification"
V3 = "/v3/verifications/biometrics-verification"
COMPARE = "/v1/verification/biometricsfacecompare"
REGISTER = "/v1/verification/biometricsregistration"
DETECT = "/v3/verifications/biometrics-detection"
CUSTOM = "/v1/verification/customdocument"
SELFIE_URI = "data:image/png;base64," + base64.b64encode(SELFIE.data).decode()
FRONT_URI = "data:image/jpeg;base64," + base64.b64encode(FRONT.data).decode()
PASSED, FAILED, WARNING = CheckResult.PASSED, CheckResult.FAILED, CheckResult.WARNING
NOT_PERFORMED = CheckResult.NOT_PERFORMED


def codes(result):
    return [reason.code for reason in result.reasons]


@pytest.mark.parametrize(
    ("payload", "verdict", "check", "score", "reasons"),
    [
        ("biometrics-verification.v3", Verdict.PASSED, PASSED, 86.36, []),
        ("biometrics-verification.v3.fail", Verdict.FAILED, FAILED, 4.12, ["liveness_failed"]),
        (
            "biometrics-verification.v3.review",
            Verdict.REVIEW,
            WARNING,
            50.0,
            ["liveness_review_needed"],
        ),
        ("biometrics-verification.v3.undecided", Verdict.NONE, NOT_PERFORMED, 50.0, []),
    ],
)
def test_liveness_v3(adapter, vendor, payload, verdict, check, score, reasons):
    vendor.answers(V3, payload)
    result = run(adapter, "biometrics_verification")
    assert vendor.sent() == {**IDS_V3, "image": SELFIE_URI}
    assert (result.verdict, codes(result)) == (verdict, reasons)
    assert result.biometric == BiometricFindings(liveness=check, liveness_score=score)
    assert result.vendor == {"liveness": {"version": "v3", "score": score}}


@pytest.mark.parametrize(
    ("body", "verdict", "reasons"),
    [
        ({"data": {"livenessPass": True}}, Verdict.PASSED, []),
        ({"data": {"livenessPass": False}}, Verdict.FAILED, ["liveness_failed"]),
        (
            {"data": {"livenessPass": False}, "verificationStatusCode": 42},
            Verdict.FAILED,
            ["liveness_failed"],
        ),
        (
            {"data": {"livenessPass": False}, "verificationStatusCode": 3},
            Verdict.FAILED,
            ["liveness_failed"],
        ),
        ({"data": {}}, Verdict.REVIEW, ["unknown_outcome"]),
        ({"data": {"livenessPass": None}}, Verdict.REVIEW, ["unknown_outcome"]),
        ({"anything": 1}, Verdict.REVIEW, ["unknown_outcome"]),
    ],
)
def test_liveness_v3_by_its_parts(adapter, vendor, body, verdict, reasons):
    vendor.answers(V3, body)
    result = run(adapter, "biometrics_verification")
    assert (result.verdict, codes(result)) == (verdict, reasons)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("biometrics-verification.v3.unknown-status", "unknown_outcome"),
        ("biometrics-verification.v3.unsuccessful", "step_failed_at_provider"),
        ("error.200.logical-failure", "step_failed_at_provider"),
        ("error.200.face-quality", "face_not_found"),
    ],
)
def test_liveness_v3_that_says_nothing_of_the_person(adapter, vendor, payload, code):
    vendor.answers(V3, payload)
    result = run(adapter, "biometrics_verification")
    assert (result.verdict, codes(result)) == (Verdict.REVIEW, [code])
    assert result.biometric is None


@pytest.mark.parametrize(
    ("payload", "score"),
    [
        ("biometrics-verification.v1", 98.7),
        ("biometrics-verification.v1.spoof", 3.1),
        ("biometrics-verification.v1.iad", 99.4),
    ],
)
def test_liveness_v1_scores_without_a_verdict(vendor, payload, score):
    vendor.answers(V1, payload)
    result = run(connect(liveness_version="v1"), "biometrics_verification")
    assert vendor.paths == [V1]
    assert (result.verdict, codes(result)) == (Verdict.NONE, [])
    assert result.biometric == BiometricFindings(liveness=NOT_PERFORMED, liveness_score=score)
    assert result.vendor == {"liveness": {"version": "v1", "score": score}}


@pytest.mark.parametrize(
    ("probability", "verdict", "check"),
    [
        (0.85, Verdict.PASSED, PASSED),
        ("0.85", Verdict.PASSED, PASSED),
        (0.84999, Verdict.FAILED, FAILED),
    ],
)
def test_liveness_v1_with_the_tenants_threshold(vendor, probability, verdict, check):
    vendor.answers(V1, {"status": True, "result": {"probability": probability}})
    result = run(
        connect(liveness_version="v1"),
        "biometrics_verification",
        options={"liveness_threshold": 0.85},
    )
    assert (result.verdict, result.biometric.liveness) == (verdict, check)


@pytest.mark.parametrize("result", [None, "text", {"probability": 1.5}, {"probability": True}, []])
def test_liveness_v1_without_a_probability_is_review(vendor, result):
    vendor.answers(V1, {"status": True, "result": result})
    found = run(connect(liveness_version="v1"), "biometrics_verification")
    assert (found.verdict, codes(found)) == (Verdict.REVIEW, ["unknown_outcome"])


def test_an_account_without_v3_falls_back_once_and_remembers(adapter, vendor, caplog):
    vendor.answers(V3, "error.404.verification-not-found", status=404)
    vendor.answers(V1, "biometrics-verification.v1")
    with caplog.at_level(logging.WARNING, "providers.idmeta"):
        first = run(adapter, "biometrics_verification")
        second = run(adapter, "biometrics_verification")
    assert vendor.paths == [V3, V1, V1]
    assert first == second
    assert first.verdict is Verdict.NONE
    assert len(caplog.records) == 1


def test_a_vanished_session_is_not_taken_for_a_missing_v3(adapter, vendor):
    vendor.answers(V3, "error.404.verification-not-found", status=404)
    vendor.answers(V1, "error.404.verification-not-found", status=404)
    for _ in range(2):
        with pytest.raises(SessionUnknown):
            run(adapter, "biometrics_verification")
    assert vendor.paths == [V3, V1, V3, V1]


QUALITY_TEXTS = [
    (
        "No face detected in the image. Please ensure face is clearly visible.",
        "face_not_found",
    ),
    ("Face is too small. Please move face closer to the camera.", "face_too_small"),
    (
        "Multiple faces detected in the image. Please ensure only one face is visible.",
        "multiple_faces",
    ),
    (
        "Face is partially hidden or obscured. Please ensure full face is clearly visible.",
        "face_occluded",
    ),
    ("Face is cropped. Please ensure full face is in frame.", "face_cropped"),
    ("Face angle is too large. Please ensure face is clearly visible.", "face_angle"),
    (
        "Face is too close to the border. Please ensure face is clearly visible.",
        "face_near_border",
    ),
]


@pytest.mark.parametrize(("text", "code"), QUALITY_TEXTS)
@pytest.mark.parametrize("place", ["message", "result"])
def test_faults_of_a_face_picture(adapter, vendor, text, code, place):
    body = {"status": False, "message": text}
    if place == "result":
        body = {"status": True, "result": {"status": "failed", "message": text}}
    vendor.answers(COMPARE, body)
    result = run(adapter, "biometrics_face_compare")
    assert (result.verdict, codes(result)) == (Verdict.REVIEW, [code])


@pytest.mark.parametrize(
    ("payload", "score"),
    [
        ("face-compare.v1.match", 96.0),
        ("face-compare.v1.mismatch", 11.0),
        ("face-compare.v1.text-score", 73.5),
        ("face-compare.v1.bare-result", 64.0),
    ],
)
def test_face_comparison_gives_a_score_for_display_only(adapter, vendor, payload, score):
    vendor.answers(COMPARE, payload)
    result = run(adapter, "biometrics_face_compare")
    assert (result.verdict, codes(result)) == (Verdict.NONE, [])
    assert result.biometric == BiometricFindings(face_match=NOT_PERFORMED, face_match_score=score)
    assert result.vendor == {"faceCompare": {"score": score}}


def test_face_comparison_without_a_score_is_review(adapter, vendor):
    vendor.answers(COMPARE, "face-compare.v1.no-score")
    result = run(adapter, "biometrics_face_compare")
    assert (result.verdict, codes(result)) == (Verdict.REVIEW, ["unknown_outcome"])


@pytest.mark.parametrize(
    ("portrait", "part"),
    [
        (None, b"image1.jpg"),
        (b"\xff\xd8portrait", b"image1.jpg"),
        (b"\x89PNGportrait", b"image1.png"),
    ],
)
def test_the_portrait_is_compared_where_there_is_one(adapter, vendor, portrait, part):
    vendor.answers(COMPARE, "face-compare.v1.match")
    run(adapter, "biometrics_face_compare", given=StepInput(images=IMAGES, portrait=portrait))
    sent = vendor.sent_raw()
    assert b'name="image1"; filename="' + part + b'"' in sent
    assert (portrait or FRONT.data) in sent
    assert b'name="image2"; filename="image2.png"\r\nContent-Type: image/png' in sent
    assert SELFIE.data in sent
    assert (FRONT.data in sent) is (portrait is None)


def test_faces_in_json_are_data_uris(vendor):
    vendor.answers(COMPARE, "face-compare.v1.match")
    run(connect(document_encoding="json"), "biometrics_face_compare")
    assert vendor.sent() == {**IDS, "image1": FRONT_URI, "image2": SELFIE_URI}


@pytest.mark.parametrize(
    ("payload", "was_registered"),
    [("biometrics-registration.v1", False), ("biometrics-registration.v1.duplicate", True)],
)
def test_registration_is_neutral(adapter, vendor, payload, was_registered):
    vendor.answers(REGISTER, payload)
    result = run(adapter, "biometrics_registration")
    assert (result.verdict, codes(result)) == (Verdict.NONE, [])
    assert result.vendor == {"registration": {"alreadyRegistered": was_registered}}
    assert b'name="username"\r\n\r\n' + REFERENCE.encode() in vendor.sent_raw()
    assert "requestdata" not in repr(result)


def test_registered_before_in_other_words(adapter, vendor):
    vendor.answers(REGISTER, {"status": False, "message": "This user is already registered."})
    assert run(adapter, "biometrics_registration").verdict is Verdict.NONE


def test_registration_that_failed(adapter, vendor):
    vendor.answers(REGISTER, "error.200.face-quality")
    assert codes(run(adapter, "biometrics_registration")) == ["face_not_found"]


def test_detection_finds_a_listed_face(vendor):
    vendor.answers(DETECT, "biometrics-detection.v3")
    result = run(connect(enrolment_version="v3"), "biometrics_registration")
    assert vendor.sent() == {**IDS_V3, "username": REFERENCE, "image": SELFIE_URI}
    assert (result.verdict, codes(result)) == (Verdict.REVIEW, ["face_watchlist_match"])
    assert result.vendor == {"registration": {"alreadyRegistered": False, "matchScores": [99.0]}}
    assert "tala.s" not in repr(result.vendor)


@pytest.mark.parametrize(
    ("change", "verdict", "reasons"),
    [
        ({"data": {}, "verificationStatusCode": 3}, Verdict.PASSED, []),
        ({"data": {}, "verificationStatusCode": 1}, Verdict.FAILED, ["face_enrolment_rejected"]),
        (
            {"data": {}, "verificationStatusCode": 2},
            Verdict.REVIEW,
            ["face_enrolment_review_needed"],
        ),
        ({"verificationStatusCode": 3}, Verdict.REVIEW, ["face_watchlist_match"]),
        (
            {"data": {}, "verificationStatus": None, "verificationStatusCode": None},
            Verdict.REVIEW,
            ["unknown_outcome"],
        ),
        ({"success": False, "message": "Account already exists"}, Verdict.NONE, []),
        ({"success": False, "message": "?"}, Verdict.REVIEW, ["step_failed_at_provider"]),
    ],
)
def test_detection(vendor, change, verdict, reasons):
    vendor.answers(DETECT, {**load("biometrics-detection.v3"), **change})
    result = run(connect(enrolment_version="v3"), "biometrics_registration")
    assert (result.verdict, codes(result)) == (verdict, reasons)


def test_a_custom_document_names_its_fields_only(adapter, vendor):
    vendor.answers(CUSTOM, "custom-document.v1")
    result = run(adapter, "custom_document")
    assert result.verdict is Verdict.NONE
    assert result.vendor == {"customDocument": {"fields": ["document_type", "name", "address"]}}
    assert b'name="document"; filename="document.jpg"' in vendor.sent_raw()


def test_a_custom_document_is_the_additional_picture_first(vendor):
    vendor.answers(CUSTOM, "error.200.logical-failure")
    images = {ImageRole.FRONT: FRONT, ImageRole.ADDITIONAL: SELFIE}
    result = run(
        connect(document_encoding="json"), "custom_document", given=StepInput(images=images)
    )
    assert vendor.sent() == {**IDS, "document": SELFIE_URI}
    assert (result.verdict, codes(result)) == (Verdict.REVIEW, ["step_failed_at_provider"])


def test_liveness_v1_that_failed_inside_a_200(vendor):
    vendor.answers(V1, "error.200.face-quality")
    result = run(connect(liveness_version="v1"), "biometrics_verification")
    assert (result.verdict, codes(result)) == (Verdict.REVIEW, ["face_not_found"])
