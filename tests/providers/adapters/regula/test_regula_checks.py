"""Single checks: the words of the unified result, and the `regula` section."""

from __future__ import annotations

import json

import pytest

from providers.types import CheckResult

PASSED, FAILED = CheckResult.PASSED, CheckResult.FAILED
WARNING, NOT_PERFORMED = CheckResult.WARNING, CheckResult.NOT_PERFORMED


@pytest.mark.parametrize(
    ("payload", "authenticity", "validity", "consistency"),
    [
        ("passed", PASSED, PASSED, PASSED),
        ("passed_without_authenticity", NOT_PERFORMED, PASSED, PASSED),
        ("forged_screen_copy", FAILED, PASSED, PASSED),
        ("authenticity_single_check_failed", FAILED, PASSED, PASSED),
        ("unknown_feature_number", WARNING, PASSED, PASSED),
        ("expired", PASSED, FAILED, PASSED),
        ("mrz_invalid", PASSED, FAILED, PASSED),
        ("unknown_document", PASSED, FAILED, PASSED),
        ("text_field_invalid", PASSED, FAILED, PASSED),
        ("mismatch_number", PASSED, PASSED, FAILED),
        ("mismatch_between_pages", PASSED, PASSED, FAILED),
        ("mismatch_in_lexical_matrix", PASSED, PASSED, FAILED),
        ("mismatch_birth_place", PASSED, PASSED, FAILED),
        ("no_text", PASSED, PASSED, NOT_PERFORMED),
        ("empty_container_list", NOT_PERFORMED, NOT_PERFORMED, NOT_PERFORMED),
    ],
)
def test_document_checks(read, payload, authenticity, validity, consistency):
    document = read(payload).document
    assert document.authenticity is authenticity
    assert document.validity is validity
    assert document.data_consistency is consistency


def test_an_accepted_specimen_is_not_invalid_because_it_says_so(read):
    assert read("specimen").document.validity is FAILED
    assert read("specimen", accept_specimens=True).document.validity is PASSED


def test_the_section_of_a_clean_document(read):
    vendor = dict(read("passed").vendor)
    assert vendor.pop("mrz") == {
        "parsed": {
            "documentCode": "P",
            "issuingCountry": "UTO",
            "documentNumber": "U48210937",
            "expiryDate": "2036-05-21",
            "dateOfBirth": "1986-03-17",
            "lastName": "LINDGREN",
            "firstName": "ELSA KARIN",
            "sex": "F",
            "nationality": "UTO",
        },
        "validity": "valid",
        "checkDigits": "passed",
    }
    assert vendor.pop("authenticityChecks") == [
        {"name": "image_pattern", "result": "passed", "page": 0, "diagnoses": []},
        {"name": "uv_fibers", "result": "not_performed", "page": 0, "diagnoses": []},
        {"name": "document_liveness", "result": "passed", "page": 0, "diagnoses": []},
    ]
    assert vendor.pop("qualityChecks") == [
        {"name": "glare", "result": "passed", "page": 0},
        {"name": "focus", "result": "passed", "page": 0},
        {"name": "resolution", "result": "passed", "page": 0},
    ]
    assert vendor.pop("status")["detailsOptical"] == {
        "overallStatus": 1,
        "docType": 1,
        "expiry": 1,
        "imageQA": 1,
        "mrz": 1,
        "pagesCount": 1,
        "security": 1,
        "text": 1,
        "vds": 2,
    }
    assert vendor == {
        "scenario": "FullAuth",
        "documentType": {"country": "UTO", "type": "passport", "series": "2024"},
        "securityFeatures": {
            "mrz": {"present": True, "authentic": True},
            "mli": {"present": True, "authentic": True},
        },
        "lightSourceChecks": {
            "white": {"performed": True, "result": "passed"},
            "uv": {"performed": False, "result": "not_performed"},
            "ir": {"performed": False, "result": "not_performed"},
            "coaxial": {"performed": False, "result": "not_performed"},
        },
        "icaoOnlyCountries": ["UTO"],
        "serverVersion": "9.2.731.2044",
        "transactionId": "6f1c2d4e-0000-4000-8000-00000000a001",
    }


def test_the_raw_numbers_are_kept(read):
    status = read("processing_time_limit").vendor["status"]
    assert status["ProcessingFinished"] == 2
    assert status["CoreLibResultCode"] == 0
    assert status["overallStatus"] == 1
    assert status["detailsAge"]["over65"] == 0
    assert "overallStatus" not in read("overall_text").vendor["status"]


def test_wrong_check_digits(read):
    zone = read("mrz_check_digit_wrong").vendor["mrz"]
    assert (zone["validity"], zone["checkDigits"]) == ("invalid", "failed")


def test_an_unchecked_zone_is_neither_valid_nor_invalid(read):
    zone = read("mismatch_name_illegible_print_mrz_unchecked").vendor["mrz"]
    assert "validity" not in zone
    assert zone["checkDigits"] == "passed"


def test_no_zone_no_section(read):
    assert "mrz" not in read("mismatch_driving_licence").vendor


def test_chip(read):
    assert read("chip_passed").vendor["rfid"] == {
        "chipPresent": True,
        "dataGroups": [],
        "authentication": {"passive": "passed", "active": "passed", "chip": "passed"},
    }
    assert read("chip_without_certificates").vendor["rfid"]["authentication"] == {
        "passive": "failed",
        "active": "not_performed",
        "chip": "not_performed",
    }
    assert read("chip_clone_active").vendor["rfid"]["chipPresent"] is False
    assert "rfid" not in read("passed").vendor


def test_failed_checks_say_why(read):
    assert read("forged_screen_copy").vendor["authenticityChecks"] == [
        {
            "name": "portrait_comparison",
            "result": "passed",
            "page": 0,
            "diagnoses": [],
            "similarityPercent": [91.0],
        },
        {
            "name": "document_liveness",
            "result": "failed",
            "page": 0,
            "diagnoses": ["electronic_device"],
        },
    ]
    assert read("authenticity_portraits_differ").vendor["authenticityChecks"] == [
        {
            "name": "portrait_comparison",
            "result": "failed",
            "page": 255,
            "diagnoses": ["portraits_differ"],
            "similarityPercent": [31.0],
        }
    ]
    assert read("authenticity_barcode_failed").vendor["securityFeatures"]["barcode"] == {
        "present": True,
        "authentic": False,
    }


def test_optically_variable_ink_is_an_element_of_document_liveness(read):
    features = read("forged_optically_variable_ink").vendor["securityFeatures"]
    assert features["ovi"] == {"present": True, "authentic": False}
    assert features["mli"] == {"present": True, "authentic": True}


def test_features_without_a_name_keep_their_number(read):
    assert read("unknown_feature_type").vendor["authenticityChecks"] == [
        {"name": "type_67108864", "result": "passed", "page": 0, "diagnoses": []},
        {"name": "type_67108864", "result": "failed", "page": 0, "diagnoses": ["diagnose_777"]},
    ]
    assert read("image_quality").vendor["qualityChecks"] == [
        {"name": "glare", "result": "failed", "page": 0},
        {"name": "focus", "result": "failed", "page": 0},
        {"name": "brightness", "result": "not_performed", "page": 0},
        {"name": "type_42", "result": "passed", "page": 0},
    ]


def test_failed_fields_are_named_without_their_values(read):
    assert read("expired").vendor["failedFields"] == [
        {"field": "expiry", "validity": "failed", "comparison": "passed"}
    ]
    assert read("mrz_check_digit_wrong").vendor["failedFields"] == [
        {"field": "number", "validity": "failed", "comparison": "passed"},
        {"field": "field_80", "validity": "failed", "comparison": "not_performed"},
    ]


@pytest.mark.parametrize("payload", ["passed", "passed_server_8", "mismatch_number"])
def test_nothing_about_the_server_or_its_network_gets_out(read, payload):
    everything = json.dumps(read(payload).to_json())
    for secret in ("reader-node-7", "svc-reader", "generic x86_64", "203.0.113.9"):
        assert secret not in everything


def test_personal_data_stays_in_its_places(read):
    vendor = dict(read("passed").vendor)
    del vendor["mrz"]
    text = json.dumps(vendor)
    for personal in ("LINDGREN", "ELSA", "U48210937", "1986-03-17", "ZENITH"):
        assert personal not in text
