"""The `regula` section of the unified result.

No pictures, host names, kernel versions or addresses. Personal data is in `mrz.parsed` and
`readings` only; everything else is numbers and our own words.
"""

from __future__ import annotations

from providers.adapters.regula import mapping_checks
from providers.adapters.regula.field_codes import field_name
from providers.adapters.regula.mapping_answer import Answer, Status
from providers.adapters.regula.mapping_extract import Extraction
from providers.adapters.regula.mapping_numbers import Check, check_result
from providers.types import CheckResult, Json, JsonObject

CHIP_CHECKS = {"passive": "detailsRFID.PA", "active": "detailsRFID.AA", "chip": "detailsRFID.CA"}
VALIDITY = {Check.PASSED: "valid", Check.FAILED: "invalid"}


def document_section(answer: Answer, extraction: Extraction, scenario: str) -> JsonObject:
    """Parts that say nothing are left out."""
    parts: JsonObject = {
        "scenario": scenario,
        "documentType": _document_type(answer, extraction),
        "mrz": _zone(answer, extraction),
        "rfid": _chip(answer),
        "securityFeatures": mapping_checks.security_features(answer),
        "lightSourceChecks": mapping_checks.light_source_checks(answer),
        "authenticityChecks": mapping_checks.authenticity_checks(answer),
        "qualityChecks": mapping_checks.quality_checks(answer),
        "failedFields": _failed_fields(answer),
        "icaoOnlyCountries": list[Json](extraction.icao_only_countries),
        "readings": _readings(extraction),
        "status": {**answer.raw, **(answer.status.raw if answer.status else {})},
        "serverVersion": answer.server_version,
        "transactionId": answer.transaction_id,
    }
    return {name: part for name, part in parts.items() if part not in ("", [], {}, None)}


def _document_type(answer: Answer, extraction: Extraction) -> JsonObject:
    page = answer.pages[0] if answer.pages else None
    parts: JsonObject = {
        "country": extraction.values.get("issuingCountry"),
        "type": extraction.values["documentType"],
        "series": page.year if page else None,
    }
    return {name: part for name, part in parts.items() if part}


def _zone(answer: Answer, extraction: Extraction) -> JsonObject | None:
    if not extraction.zone and "mrz" not in extraction.values:
        return None
    zone: JsonObject = {"parsed": dict[str, Json](extraction.zone)}
    if answer.status is not None and answer.status["detailsOptical.mrz"] in VALIDITY:
        zone["validity"] = VALIDITY[answer.status["detailsOptical.mrz"]]
    digits = check_result(*answer.text.check_digits)
    if digits in {CheckResult.PASSED, CheckResult.FAILED}:
        zone["checkDigits"] = digits.value
    return zone


def _chip(answer: Answer) -> JsonObject | None:
    """dataGroups stays empty: only a reader that talks to the chip knows them."""
    is_present = answer.has_chip_page or any(page.has_chip for page in answer.pages)
    status = answer.status
    if not is_present and (status is None or status["rfid"] is Check.NOT_DONE):
        return None
    return {
        "chipPresent": is_present,
        "dataGroups": [],
        "authentication": _chip_authentication(status),
    }


def _chip_authentication(status: Status | None) -> JsonObject:
    return {
        name: check_result(status[member] if status else Check.NOT_DONE).value
        for name, member in CHIP_CHECKS.items()
    }


def _failed_fields(answer: Answer) -> list[Json]:
    """Which fields failed and why, without their values."""
    return [
        {
            "field": field_name(text_field.code),
            "validity": check_result(text_field.validity).value,
            "comparison": check_result(text_field.comparison).value,
        }
        for text_field in answer.text.fields
        if text_field.has_failed
    ]


def _readings(extraction: Extraction) -> JsonObject:
    parts: JsonObject = {
        "disagreements": [dict(entry) for entry in extraction.disagreements],
        "unreadDates": dict[str, Json](extraction.unread_dates),
    }
    return {name: part for name, part in parts.items() if part}
