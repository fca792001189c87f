"""A tenant's thresholds lower what the provider says, each with a reason of its own."""

from __future__ import annotations

import pytest

from providers.types import BiometricFindings, CheckResult, DocumentFindings, Verdict
from verifications.expectations import Findings, alpha3, judge

PASSPORT = {"documentType": "passport", "issuingCountry": "UTO"}


def judged(expectations, extracted=None, biometric=None, confidence=90.0):
    document = None if extracted is None else DocumentFindings(extracted)
    judgement = judge(expectations, Findings(document, biometric, confidence))
    return judgement.verdict, [reason.code for reason in judgement.reasons]


FINE = (Verdict.NONE, [])


def test_nothing_expected():
    assert judged({}, PASSPORT) == FINE


@pytest.mark.parametrize(
    ("extracted", "outcome"),
    [
        ({"documentType": "passport"}, FINE),
        ({"documentType": "id_card"}, FINE),
        ({"documentType": "visa"}, (Verdict.FAILED, ["document_type_not_allowed"])),
        ({"documentType": "other"}, (Verdict.FAILED, ["document_type_not_allowed"])),
        ({}, (Verdict.REVIEW, ["document_type_unknown"])),
        (None, FINE),
    ],
)
def test_document_type(extracted, outcome):
    assert judged({"allowedDocumentTypes": ["passport", "id_card"]}, extracted) == outcome


@pytest.mark.parametrize(
    ("expected", "extracted", "outcome"),
    [
        (["PHL"], {"issuingCountry": "PHL"}, FINE),
        (["PH"], {"issuingCountry": "PHL"}, FINE),
        (["PHL"], {"issuingCountry": "PH"}, FINE),
        (["US", "ph"], {"issuingCountry": "PHL"}, FINE),
        (["UTO"], {"issuingCountry": "UTO"}, FINE),
        (["XXA"], {"issuingCountry": "XXA"}, FINE),
        (["PH"], {"issuingCountry": "UTO"}, (Verdict.FAILED, ["unexpected_country"])),
        (["ZZ"], {"issuingCountry": "PHL"}, (Verdict.FAILED, ["unexpected_country"])),
        (["PH"], {}, (Verdict.REVIEW, ["country_unknown"])),
        (["PH"], None, FINE),
        ([], {"issuingCountry": "PHL"}, FINE),
    ],
)
def test_country(expected, extracted, outcome):
    assert judged({"expectedCountries": expected}, extracted) == outcome


@pytest.mark.parametrize(
    ("code", "same"),
    [("PH", "PHL"), ("ph ", "PHL"), ("GBR", "GBR"), ("UTO", "UTO"), ("D", "D"), ("ZZ", "ZZ")],
)
def test_alpha3(code, same):
    assert alpha3(code) == same


@pytest.mark.parametrize(
    ("minimum", "outcome"),
    [(None, FINE), (0, FINE), (90, FINE), (90.1, (Verdict.REVIEW, ["low_confidence"]))],
)
def test_confidence(minimum, outcome):
    assert judged({"minimumConfidence": minimum}, PASSPORT, confidence=90.0) == outcome


@pytest.mark.parametrize(
    ("liveness", "outcome"),
    [
        (CheckResult.PASSED, FINE),
        (CheckResult.WARNING, (Verdict.REVIEW, ["liveness_not_confirmed"])),
        (CheckResult.FAILED, (Verdict.REVIEW, ["liveness_not_confirmed"])),
        (CheckResult.NOT_PERFORMED, (Verdict.REVIEW, ["liveness_not_confirmed"])),
        (None, (Verdict.REVIEW, ["liveness_not_confirmed"])),
    ],
)
def test_liveness(liveness, outcome):
    faces = None if liveness is None else BiometricFindings(liveness=liveness)

    assert judged({"requireLiveness": True}, biometric=faces) == outcome
    assert judged({"requireLiveness": False}, biometric=faces) == FINE


def test_address_nobody_verifies():
    extracted = {**PASSPORT, "address": "1 MAIN ST"}

    assert judged({"requireAddressVerification": True}, extracted) == (
        Verdict.REVIEW,
        ["address_not_verified"],
    )
    assert judged({"requireAddressVerification": False}, extracted) == FINE


def test_worst_of_several_with_all_their_reasons():
    expectations = {
        "expectedCountries": ["PH"],
        "minimumConfidence": 99,
        "requireLiveness": True,
    }

    assert judged(expectations, PASSPORT) == (
        Verdict.FAILED,
        ["unexpected_country", "low_confidence", "liveness_not_confirmed"],
    )
