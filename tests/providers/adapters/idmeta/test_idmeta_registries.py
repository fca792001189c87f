"""Watchlists and ID checks: what is sent, and what the answers mean."""

from __future__ import annotations

import base64

import pytest

from providers.types import (
    BiometricFindings,
    CheckResult,
    ImageRole,
    StepInput,
    StepKind,
    Verdict,
)
from tests.providers.adapters.idmeta.support import (
    EXTERNAL_ID,
    IDS,
    IDS_V3,
    SELFIE,
    load,
    plan,
    run,
)

AML = "/v1/verification/aml"
PH = "/v1/verification/philippines/"
NBI = PH + "nbiclearance"
PERSON = {
    "firstName": "MAYUMI",
    "middleName": "SUBOK",
    "lastName": "HALIMBAWA",
    "dateOfBirth": "1994-05-17",
    "gender": "female",
}
PASSED, FAILED, REVIEW, NONE = Verdict.PASSED, Verdict.FAILED, Verdict.REVIEW, Verdict.NONE


def codes(result):
    return [reason.code for reason in result.reasons]


def check(adapter, vendor, code, path, payload, **subject):
    vendor.answers(path, payload)
    return run(adapter, code, given=StepInput(subject=subject))


@pytest.mark.parametrize("payload", ["aml.v1.clear", "business-aml.v2"])
def test_nobody_on_a_watchlist(adapter, vendor, payload):
    result = check(adapter, vendor, "aml", AML, payload, **PERSON)
    assert (result.verdict, result.reasons) == (PASSED, ())
    assert result.vendor == {"aml": {"matchCount": 0, "matches": []}}
    assert vendor.sent() == {
        **IDS,
        "name": "MAYUMI SUBOK HALIMBAWA",
        "dob": "1994-05-17",
        "gender": "female",
    }


def test_a_hit_is_review(adapter, vendor):
    result = check(adapter, vendor, "aml", AML, "aml.v1.match", **PERSON)
    assert (result.verdict, codes(result)) == (REVIEW, ["watchlist_match"])
    assert result.vendor == {
        "aml": {
            "matchCount": 1,
            "matches": [
                {
                    "resourceId": "00000000-0000-4000-8000-000000000001",
                    "score": 98.0,
                    "matchedBy": "name",
                    "datasets": ["PEP-FORMER"],
                    "countries": ["GB"],
                }
            ],
        }
    }


@pytest.mark.parametrize(
    ("results", "verdict", "code"),
    [
        ({"matchCount": "2"}, REVIEW, "watchlist_match"),
        ({"matchCount": 0, "matches": [{}]}, REVIEW, "watchlist_match"),
        ({"matches": []}, PASSED, None),
        ({}, REVIEW, "unknown_outcome"),
        ("nothing", REVIEW, "unknown_outcome"),
    ],
)
def test_counts_of_hits(adapter, vendor, results, verdict, code):
    body = {"status": True, "result": {"results": results}}
    result = check(adapter, vendor, "aml", AML, body, **PERSON)
    assert (result.verdict, codes(result)) == (verdict, [code] if code else [])


def test_a_search_that_failed(adapter, vendor):
    result = check(adapter, vendor, "aml", AML, "error.200.logical-failure", **PERSON)
    assert (result.verdict, codes(result)) == (REVIEW, ["step_failed_at_provider"])


@pytest.mark.parametrize(
    ("subject", "document", "sent"),
    [
        (
            {},
            {"fullName": "TALA UNA", "dateOfBirth": "1990-01-02", "sex": "F"},
            {"name": "TALA UNA", "dob": "1990-01-02", "gender": "female"},
        ),
        ({}, {"firstName": "TALA", "lastName": "UNA"}, {"name": "TALA UNA"}),
        ({"lastName": "X"}, {"fullName": "TALA UNA"}, {"name": "TALA UNA"}),
        ({"lastName": "UNA", "gender": "other"}, {}, {"name": "UNA"}),
        ({"fullName": "TALA"}, {"fullName": "OTHER"}, {"name": "TALA"}),
    ],
)
def test_whose_name_is_searched(adapter, vendor, subject, document, sent):
    vendor.answers(AML, "aml.v1.clear")
    run(adapter, "aml", given=StepInput(subject=subject, document=document))
    assert vendor.sent() == {**IDS, **sent}


def test_without_a_name_nothing_is_searched(adapter, vendor):
    result = run(adapter, "aml", given=StepInput(subject={"dateOfBirth": "1990-01-02"}))
    assert (result.verdict, codes(result)) == (REVIEW, ["name_missing"])
    assert vendor.paths == []


def test_the_tenants_lists_and_threshold(adapter, vendor):
    vendor.answers(AML, "aml.v1.clear")
    options = {"aml_datasets": "pep, SAN", "aml_countries": "ph,", "aml_threshold": 80.0}
    run(adapter, "aml", given=StepInput(subject={"fullName": "TALA UNA"}), options=options)
    assert vendor.sent() == {
        **IDS,
        "name": "TALA UNA",
        "datasets": ["PEP", "SAN"],
        "countries": ["PH"],
        "threshold": 80.0,
    }


@pytest.mark.parametrize(
    ("payload", "verdict", "reasons", "extracted", "facts"),
    [
        (
            "ph-nbi-clearance.v1.found",
            PASSED,
            [],
            {
                "fullName": "HALIMBAWA, MAYUMI SUBOK",
                "documentNumber": "H000AAAA00-AA00000000",
                "expiryDate": "2037-07-25",
            },
            {"found": True, "valid": True, "isExpired": False},
        ),
        (
            "ph-nbi-clearance.v1.expired",
            FAILED,
            ["record_expired"],
            {
                "fullName": "SUBOK, TALA UNA",
                "documentNumber": "H000AAAA00-AA00000001",
                "expiryDate": "2023-07-25",
            },
            {"found": True, "valid": False, "isExpired": True},
        ),
        (
            "ph-nbi-clearance.v1.not-found",
            FAILED,
            ["record_not_found"],
            {},
            {"found": False, "valid": False},
        ),
    ],
)
def test_nbi(adapter, vendor, payload, verdict, reasons, extracted, facts):
    number = "H000AAAA00-AA00000000"
    code = "philippines_nbi_clearance"
    result = check(adapter, vendor, code, NBI, payload, idNumber=number)
    assert vendor.sent() == {**IDS, "clearanceNo": number}
    assert (result.verdict, codes(result)) == (verdict, reasons)
    assert result.document is None
    assert result.id_check.record == extracted
    assert (result.id_check.id_type, result.id_check.number) == (code, number)
    assert result.vendor == {"philippinesNbiClearance": facts}
    assert "photo" not in repr(result)


@pytest.mark.parametrize(
    ("first", "last", "verdict", "reasons"),
    [
        ("Mayumi", "Halimbawa", PASSED, []),
        ("HALIMBAWA", "MAYUMI", PASSED, []),
        ("Mayúmi", "Halimbawa", PASSED, []),
        ("Tala", "Halimbawa", REVIEW, ["name_mismatch"]),
    ],
)
def test_the_record_must_carry_the_given_name(adapter, vendor, first, last, verdict, reasons):
    subject = {"idNumber": "1", "firstName": first, "lastName": last}
    code, payload = "philippines_nbi_clearance", "ph-nbi-clearance.v1.found"
    result = check(adapter, vendor, code, NBI, payload, **subject)
    assert (result.verdict, codes(result)) == (verdict, reasons)


@pytest.mark.parametrize(
    ("code", "path", "payload", "subject", "sent"),
    [
        (
            "philippines_driving_license",
            "drivinglicense",
            "ph-driving-license.v1",
            {"idNumber": "N01-23-456789", "expirationDate": "2031-05-17"},
            {
                "licenseNumber": "N01-23-456789",
                "licenseNo": "N01-23-456789",
                "expirationDate": "2031-05-17",
            },
        ),
        (
            "philippines_prc",
            "prc",
            "ph-prc.v1",
            {"idNumber": "0000001", "profession": "NURSE", "dateOfBirth": "1994-05-17"},
            {
                "licenseNo": "0000001",
                "profession": "NURSE",
                "dateOfBirth": "1994-05-17",
                "dateofBirth": "1994-05-17",
            },
        ),
        (
            "philippines_national_police",
            "nationalpolice",
            "ph-national-police.v1",
            {"idNumber": "NPC-0000001", "lastName": "HALIMBAWA"},
            {"clearanceNo": "NPC-0000001", "surname": "HALIMBAWA"},
        ),
        (
            "philippines_social_security",
            "socialsecurity",
            "ph-social-security.v1",
            {"idNumber": "34-1234567-8"},
            {"crnSsNumber": "34-1234567-8"},
        ),
    ],
)
def test_other_philippine_registries(adapter, vendor, code, path, payload, subject, sent):
    result = check(adapter, vendor, code, PH + path, payload, **subject)
    assert vendor.sent() == {**IDS, **sent}
    assert (result.verdict, result.reasons) == (PASSED, ())


@pytest.mark.parametrize(
    ("body", "verdict", "reasons"),
    [
        ({"status": 3, "result": {}}, PASSED, []),
        ({"status": "3", "result": None}, PASSED, []),
        ({"status": 1}, FAILED, ["registry_rejected"]),
        ({"status": "Review Needed"}, REVIEW, ["registry_review_needed"]),
        ({"status": True, "status_message": "REJECTED"}, FAILED, ["registry_rejected"]),
        ({"status": 6}, REVIEW, ["step_failed_at_provider"]),
        ({"status": 7}, REVIEW, ["provider_purged"]),
        ({"status": 5}, NONE, []),
        ({"status": 200, "result": '{"found": true, "valid": true}'}, PASSED, []),
        ({"status": True, "result": '{"found": false}'}, FAILED, ["record_not_found"]),
        ({"status": 3, "result": {"found": False}}, FAILED, ["record_not_found"]),
        ({"status": True, "result": {"valid": False}}, FAILED, ["record_invalid"]),
        ({"status": True, "result": {"found": True}}, NONE, []),
        ({"status": True, "result": "free text"}, NONE, []),
        ({"status": True}, NONE, []),
        ({"anything": 1}, REVIEW, ["unknown_outcome"]),
        ({"status": False, "message": "down"}, REVIEW, ["step_failed_at_provider"]),
    ],
)
def test_undocumented_answers(adapter, vendor, body, verdict, reasons):
    path, code = PH + "socialsecurity", "philippines_social_security"
    result = check(adapter, vendor, code, path, body, idNumber="1")
    assert (result.verdict, codes(result)) == (verdict, reasons)


@pytest.mark.parametrize(
    ("payload", "verdict", "reasons"),
    [
        ("ph-philsys.v1.verified", PASSED, []),
        ("ph-philsys.v1.mismatch", FAILED, ["registry_rejected"]),
        ("ph-philsys.v1.liveness-error", REVIEW, ["liveness_session_failed"]),
    ],
)
def test_philsys(adapter, vendor, payload, verdict, reasons):
    subject = {"idNumber": "0000-0000-0000-0001", "faceLivenessSessionId": "s-1"}
    result = check(adapter, vendor, "scan_qr", PH + "philsys", payload, **subject)
    assert vendor.sent() == {
        **IDS,
        "pcn": "0000-0000-0000-0001",
        "face_liveness_session_id": "s-1",
    }
    assert (result.verdict, codes(result)) == (verdict, reasons)


def test_philsys_record(adapter, vendor):
    path, payload = PH + "philsys", "ph-philsys.v1.verified"
    result = check(adapter, vendor, "scan_qr", path, payload, idNumber="1")
    assert result.id_check.record == {
        "fullName": "MAYUMI SUBOK HALIMBAWA",
        "firstName": "MAYUMI",
        "middleName": "SUBOK",
        "lastName": "HALIMBAWA",
        "dateOfBirth": "1994-05-17",
        "sex": "F",
        "address": "1 Sample St, Barangay Una, Quezon City",
    }
    assert result.vendor == {"philippinesPhilsys": {"tierLevel": "Tier II", "resultGrade": 1.0}}


BUDI = {"idNumber": "3200000000000001", "fullName": "BUDI CONTOH", "dateOfBirth": "1990-06-12"}


@pytest.mark.parametrize(
    ("options", "birth"),
    [({}, "1990-06-12"), ({"dukcapil_date_format": "DD-MM-YYYY"}, "12-06-1990")],
)
def test_dukcapil(adapter, vendor, options, birth):
    vendor.answers("/v1/verification/dukcapil", "dukcapil.v1")
    result = run(adapter, "dukcapil", given=StepInput(subject=BUDI), options=options)
    assert vendor.sent() == {
        **IDS,
        "nik": "3200000000000001",
        "name": "BUDI CONTOH",
        "date_of_birth": birth,
    }
    assert result.verdict is PASSED
    assert result.vendor == {
        "dukcapil": {
            "riskRating": "LOW",
            "comparedFields": {"nik": True, "name": True, "dateOfBirth": True},
        }
    }


def test_dukcapil_field_that_differs(adapter, vendor):
    body = load("dukcapil.v1")
    body["result"]["data"]["name"] = False
    path = "/v1/verification/dukcapil"
    result = check(adapter, vendor, "dukcapil", path, body, **BUDI)
    assert (result.verdict, codes(result)) == (REVIEW, ["registry_mismatch"])


def test_dukcapil_that_did_not_succeed(adapter, vendor):
    body = load("dukcapil.v1")
    body["result"]["success"] = False
    result = check(adapter, vendor, "dukcapil", "/v1/verification/dukcapil", body, **BUDI)
    assert (result.verdict, codes(result)) == (REVIEW, ["step_failed_at_provider"])


def test_dukcapil_with_face(adapter, vendor):
    vendor.answers("/v1/verification/dukcapilfacematch", "dukcapil-facematch.v1")
    given = StepInput(images={ImageRole.SELFIE: SELFIE}, subject=BUDI)
    result = run(adapter, "dukcapil_facematch", given=given)
    assert vendor.sent()["selfie_image"] == base64.b64encode(SELFIE.data).decode()
    assert result.verdict is PASSED
    assert result.biometric == BiometricFindings(
        face_match=CheckResult.NOT_PERFORMED, face_match_score=99.8
    )


def test_dukcapil_full(adapter, vendor):
    path = "/v3/verifications/indonesia/dukcapil-full"
    subject = {**BUDI, "gender": "male"}
    result = check(adapter, vendor, "dukcapil_full", path, "dukcapil-full.v3", **subject)
    assert vendor.sent() == {
        **IDS_V3,
        "nik": "3200000000000001",
        "name": "BUDI CONTOH",
        "date_of_birth": "1990-06-12",
        "gender": "male",
    }
    assert (result.verdict, result.reasons) == (PASSED, ())


def test_australian_passport_gives_no_verdict(adapter, vendor):
    path, payload = "/v1/verification/australia/passport", "australia-dvs.v1"
    result = check(adapter, vendor, "australia_passport", path, payload, idNumber="N0000001")
    assert vendor.sent() == {**IDS, "travel_document_number": "N0000001"}
    assert (result.verdict, result.reasons) == (NONE, ())
    assert result.vendor == {"australiaPassport": {"verificationResultCode": 3.0}}


@pytest.mark.parametrize(
    ("change", "verdict", "reasons"),
    [
        ({}, PASSED, []),
        ({"data": {"isValid": False}}, FAILED, ["registry_mismatch"]),
        ({"verificationStatusCode": 1}, FAILED, ["registry_rejected"]),
        ({"verificationStatusCode": 2}, REVIEW, ["registry_review_needed"]),
        ({"verificationStatusCode": 5, "data": {}}, NONE, []),
        ({"verificationStatusCode": 42}, REVIEW, ["unknown_outcome"]),
        ({"success": False}, REVIEW, ["step_failed_at_provider"]),
    ],
)
def test_australian_driver_license(adapter, vendor, change, verdict, reasons):
    path = "/v3/verifications/australia/driver-license"
    body = {**load("australia-driver-license.v3"), "verificationStatus": None, **change}
    result = check(adapter, vendor, "australia_driver_license", path, body, idNumber="1")
    assert vendor.sent()["trustValidationId"] == EXTERNAL_ID
    assert (result.verdict, codes(result)) == (verdict, reasons)


FRONT, BACK, SELFIE_ROLE = ImageRole.FRONT, ImageRole.BACK, ImageRole.SELFIE


@pytest.mark.parametrize(
    ("code", "config", "images", "subject", "missing"),
    [
        ("document_verification", {}, {FRONT}, set(), ()),
        ("document_verification", {}, set(), set(), ("documentImages.front",)),
        (
            "document_verification",
            {"multiSide": True},
            {FRONT},
            set(),
            ("documentImages.back",),
        ),
        ("document_verification", {"multiSide": True}, {FRONT, BACK}, set(), ()),
        ("biometrics_verification", {}, {FRONT}, set(), ("documentImages.selfie",)),
        (
            "biometrics_face_compare",
            {},
            set(),
            set(),
            ("documentImages.front", "documentImages.selfie"),
        ),
        ("biometrics_registration", {}, {SELFIE_ROLE}, set(), ()),
        ("custom_document", {}, set(), set(), ("documentImages.additional",)),
        ("custom_document", {}, {FRONT}, set(), ()),
        ("aml", {}, {FRONT}, set(), ()),
        ("aml", {}, set(), {"lastName"}, ()),
        ("aml", {}, {SELFIE_ROLE}, set(), ("userData.firstName", "userData.lastName")),
        ("philippines_nbi_clearance", {}, set(), set(), ("idNumber",)),
        ("philippines_nbi_clearance", {}, set(), {"idNumber"}, ()),
        (
            "philippines_prc",
            {},
            set(),
            {"idNumber"},
            ("userData.profession", "userData.dateOfBirth"),
        ),
        ("dukcapil", {}, set(), {"idNumber", "firstName", "dateOfBirth"}, ()),
        ("dukcapil_facematch", {}, set(), set(BUDI), ("documentImages.selfie",)),
        ("brand_new_check", {}, set(), set(), ()),
    ],
)
def test_missing_for_step(adapter, code, config, images, subject, missing):
    step = plan(code, **config)
    assert adapter.missing_for_step(step, frozenset(images), frozenset(subject)) == missing


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("document", ("documentImages.front",)),
        ("biometric", ("documentImages.selfie",)),
        ("comprehensive", ("documentImages.front", "documentImages.selfie")),
        ("philippines_nbi_clearance", ()),
    ],
)
def test_missing_for_type(adapter, kind, missing):
    assert adapter.missing_for_type(kind, frozenset()) == missing
    assert adapter.missing_for_type(kind, frozenset({FRONT, SELFIE_ROLE})) == ()


def test_id_types_match_their_own_examples(adapter):
    types = adapter.id_types()
    assert [found.code for found in types if found.country == "PH"] == [
        "philippines_nbi_clearance",
        "philippines_driving_license",
        "philippines_prc",
        "philippines_national_police",
        "philippines_social_security",
        "philippines_philsys",
    ]
    assert len({found.code for found in types}) == len(types)
    for found in types:
        assert plan(found.plan_code).kind is StepKind.ID_CHECK
        examples = {field.name: field.example for field in found.fields}
        assert all(examples.values())
        assert found.malformed(examples) == []
        assert found.missing(examples, found.images) == []
