"""What a registry's answer makes of the number: `StepResult.id_check`."""

from __future__ import annotations

import pytest

from providers.types import IdFindings, IdStatus, StepInput, Verdict
from tests.providers.adapters.idmeta.support import load, run

NBI = "philippines_nbi_clearance"
PATHS = {
    NBI: "/v1/verification/philippines/nbiclearance",
    "philippines_national_police": "/v1/verification/philippines/nationalpolice",
    "philippines_prc": "/v1/verification/philippines/prc",
    "scan_qr": "/v1/verification/philippines/philsys",
    "dukcapil": "/v1/verification/dukcapil",
    "australia_driver_license": "/v3/verifications/australia/driver-license",
    "australia_passport": "/v1/verification/australia/passport",
}
FOUND, UNKNOWN = IdStatus.FOUND, IdStatus.UNKNOWN
MAYUMI = {"firstName": "Mayumi", "lastName": "Halimbawa"}


@pytest.fixture
def found(adapter, vendor):
    def check(plan_code, body, **subject):
        vendor.answers(PATHS[plan_code], body)
        return run(adapter, plan_code, given=StepInput(subject={"idNumber": "1", **subject}))

    return check


def nbi(**response):
    return {"status": True, "response": response}


def test_everything_nbi_says(found):
    result = found(NBI, "ph-nbi-clearance.v1.found", **MAYUMI)

    assert result.id_check == IdFindings(
        id_type=NBI,
        number="1",
        status=FOUND,
        expiry_date="2037-07-25",
        matched_name="HALIMBAWA, MAYUMI SUBOK",
        name_match_score=100.0,
        record={
            "fullName": "HALIMBAWA, MAYUMI SUBOK",
            "documentNumber": "H000AAAA00-AA00000000",
            "expiryDate": "2037-07-25",
        },
    )


@pytest.mark.parametrize(
    ("plan_code", "body", "status"),
    [
        (NBI, "ph-nbi-clearance.v1.expired", IdStatus.EXPIRED),
        (NBI, "ph-nbi-clearance.v1.not-found", IdStatus.NOT_FOUND),
        (NBI, nbi(found=True), FOUND),
        (NBI, nbi(found=True, valid=False), IdStatus.INVALID),
        (NBI, nbi(statusCode=200), UNKNOWN),
        (NBI, "error.200.logical-failure", UNKNOWN),
        (NBI, {"anything": 1}, UNKNOWN),
        ("scan_qr", "ph-philsys.v1.verified", FOUND),
        ("scan_qr", "ph-philsys.v1.mismatch", IdStatus.INVALID),
        ("scan_qr", "ph-philsys.v1.liveness-error", UNKNOWN),
        ("dukcapil", "dukcapil.v1", FOUND),
        ("australia_driver_license", "australia-driver-license.v3", FOUND),
        ("australia_passport", "australia-dvs.v1", UNKNOWN),
    ],
)
def test_status(plan_code, body, status, found):
    assert found(plan_code, body).id_check.status is status


@pytest.mark.parametrize(
    ("expiry", "verdict", "status", "shown"),
    [
        ("July 25, 2023", Verdict.FAILED, IdStatus.EXPIRED, "2023-07-25"),
        ("2023-07-25", Verdict.FAILED, IdStatus.EXPIRED, "2023-07-25"),
        ("2023-07-25T00:00:00Z", Verdict.FAILED, IdStatus.EXPIRED, "2023-07-25"),
        ("2123-07-25", Verdict.PASSED, FOUND, "2123-07-25"),
        ("07/25/23", Verdict.PASSED, FOUND, None),
        ("Juillet 25, 2023", Verdict.PASSED, FOUND, None),
        ("", Verdict.PASSED, FOUND, None),
    ],
)
def test_a_date_in_the_past_outweighs_valid(expiry, verdict, status, shown, found):
    data = {"full_name": "X", "clearance_expiry": expiry, "is_expired": False}
    result = found(NBI, nbi(found=True, valid=True, data=data))

    assert (result.verdict, result.id_check.status) == (verdict, status)
    assert result.id_check.expiry_date == shown


@pytest.mark.parametrize(
    ("subject", "verdict", "reasons", "score"),
    [
        ({}, Verdict.PASSED, [], None),
        (MAYUMI, Verdict.PASSED, [], 100.0),
        ({"firstName": "Tala", "lastName": "Una"}, Verdict.REVIEW, ["name_mismatch"], 0.0),
    ],
)
def test_somebody_elses_record(subject, verdict, reasons, score, found):
    result = found(NBI, "ph-nbi-clearance.v1.found", **subject)

    assert result.verdict is verdict
    assert [reason.code for reason in result.reasons] == reasons
    assert result.id_check.name_match_score == score
    assert result.id_check.status is (IdStatus.MISMATCH if reasons else FOUND)


def test_somebody_elses_expired_record_is_declined(found):
    result = found(NBI, "ph-nbi-clearance.v1.expired", **MAYUMI)

    assert result.verdict is Verdict.FAILED
    assert [reason.code for reason in result.reasons] == ["record_expired", "name_mismatch"]
    assert result.id_check.status is IdStatus.EXPIRED


@pytest.mark.parametrize(
    ("born", "verdict"), [("1994-05-17", Verdict.PASSED), ("1994-05-18", Verdict.REVIEW)]
)
def test_date_of_birth_is_compared(born, verdict, found):
    result = found("scan_qr", "ph-philsys.v1.verified", dateOfBirth=born)

    assert result.verdict is verdict


def test_undocumented_records_are_read_where_they_look_familiar(found):
    prc = found("philippines_prc", "ph-prc.v1", profession="NURSE", **MAYUMI)
    assert prc.id_check.matched_name == "MAYUMI HALIMBAWA"
    assert prc.id_check.expiry_date == "2038-05-17"

    police = found("philippines_national_police", "ph-national-police.v1", **MAYUMI)
    assert police.id_check.matched_name == "HALIMBAWA"
    assert police.id_check.name_match_score == 100.0


def test_a_field_that_differs_is_a_mismatch(found):
    body = load("dukcapil.v1")
    body["result"]["data"]["date_of_birth"] = False

    assert found("dukcapil", body).id_check.status is IdStatus.MISMATCH
