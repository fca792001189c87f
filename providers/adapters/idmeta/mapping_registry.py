"""What the registries say about an ID number.

Source: IDMeta API reference, "Government data", read 2026. Only the NBI, PhilSys, Dukcapil and
Australian v3 answers are documented. For the others, in this order: a failure inside the 200, a
status we know, `found` and `valid`; otherwise the step is neutral and only finalizing decides.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping

from providers.adapters.idmeta import names, reasons
from providers.adapters.idmeta.document_fields import tidy
from providers.adapters.idmeta.failures import failed_step, failure_texts, unknown_step
from providers.adapters.idmeta.reading import (
    Object,
    as_date,
    as_flag,
    as_number,
    as_object,
    as_score,
    as_text,
    camel_case,
)
from providers.adapters.idmeta.statuses import VERDICTS, Status, envelope_verdict, first_status
from providers.types import (
    BiometricFindings,
    DocumentFindings,
    Json,
    Reason,
    StepResult,
    Verdict,
)

Finding = tuple[Verdict, Reason | None]

STATUS_FINDINGS: dict[Status, Finding] = {
    Status.REJECTED: (Verdict.FAILED, reasons.REGISTRY_REJECTED),
    Status.REVIEW_NEEDED: (Verdict.REVIEW, reasons.REGISTRY_REVIEW),
    Status.VERIFIED: (Verdict.PASSED, None),
    Status.FAILED: (Verdict.REVIEW, reasons.STEP_FAILED),
    Status.PURGED: (Verdict.REVIEW, reasons.PROVIDER_PURGED),
}
ENVELOPE_FINDINGS = {VERDICTS[status]: STATUS_FINDINGS[status] for status in VERDICTS}

# Fields the Indonesian registry answers with true or false: whether they agree with its record.
COMPARED_FIELDS = ("nik", "name", "date_of_birth", "dateOfBirth", "gender")

# Our keys, and the names NBI and PhilSys give them.
RECORD_FIELDS = {
    "fullName": "full_name",
    "firstName": "first_name",
    "middleName": "middle_name",
    "lastName": "last_name",
    "dateOfBirth": "birth_date",
    "sex": "gender",
    "documentNumber": "ID_no",
    "address": "full_address",
}


def registry_step(plan_code: str, body: Object, subject: Mapping[str, str]) -> StepResult:
    """subject: what the tenant said of the person; a record with another name is review."""
    if (failed := failure_texts(body)) is not None:
        return failed_step(plan_code, failed)
    payload = _payload(body)
    if not payload and not {"status", "verificationStatusCode", "success"} & set(body):
        return unknown_step(plan_code)
    findings = [*_findings(body, payload), *_name_findings(payload, subject)]
    extracted = _record(as_object(payload.get("data")))
    return StepResult(
        verdict=Verdict.worst(*(verdict for verdict, _ in findings)),
        reasons=tuple(dict.fromkeys(reason for _, reason in findings if reason is not None)),
        document=DocumentFindings(extracted=extracted) if extracted else None,
        biometric=_face(as_object(payload.get("data"))),
        vendor={camel_case(plan_code): _vendor(body, payload)},
    )


def _payload(body: Object) -> Object:
    """NBI answers under `response`, the others under `result`, perhaps as text, v3 under `data`."""
    holders = (as_object(body.get(key)) for key in ("response", "result", "data"))
    return next((holder for holder in holders if holder), {})


def _findings(body: Object, payload: Object) -> Iterator[Finding]:
    if "verificationStatusCode" in body or "isValid" in payload:
        yield _v3_finding(body, payload)
    else:
        status = first_status(body.get("status"), body.get("status_message"))
        if status in STATUS_FINDINGS:
            yield STATUS_FINDINGS[status]
    if as_flag(payload.get("success")) is False:
        yield Verdict.REVIEW, reasons.STEP_FAILED
    yield from _record_findings(payload)
    data = as_object(payload.get("data"))
    if any(data.get(field) is False for field in COMPARED_FIELDS):
        yield Verdict.REVIEW, reasons.REGISTRY_MISMATCH


def _v3_finding(body: Object, payload: Object) -> Finding:
    is_valid = as_flag(payload.get("isValid"))
    if is_valid is False:
        return Verdict.FAILED, reasons.REGISTRY_MISMATCH
    verdict = envelope_verdict(body, Verdict.PASSED if is_valid else Verdict.NONE)
    if verdict is None:
        return Verdict.REVIEW, reasons.UNKNOWN_OUTCOME
    return ENVELOPE_FINDINGS.get(verdict, (verdict, None))


def _record_findings(payload: Object) -> Iterator[Finding]:
    """Passed needs a record that was found and is valid; silence about either is neutral."""
    found, valid = as_flag(payload.get("found")), as_flag(payload.get("valid"))
    if found is False:
        yield Verdict.FAILED, reasons.RECORD_NOT_FOUND
    elif as_flag(as_object(payload.get("data")).get("is_expired")):
        yield Verdict.FAILED, reasons.RECORD_EXPIRED
    elif valid is False:
        yield Verdict.FAILED, reasons.RECORD_INVALID
    elif found and valid:
        yield Verdict.PASSED, None


def _name_findings(payload: Object, subject: Mapping[str, str]) -> Iterator[Finding]:
    record_name = as_text(as_object(payload.get("data")).get("full_name"))
    if not names.agrees(record_name, subject):
        yield Verdict.REVIEW, reasons.NAME_MISMATCH


def _record(data: Object) -> dict[str, str]:
    read = {key: as_text(data.get(name)) for key, name in RECORD_FIELDS.items()}
    read["expiryDate"] = _long_date(as_text(data.get("clearance_expiry")))
    if not read["fullName"]:
        return {}
    return tidy(read)


def _long_date(text: str) -> str:
    """YYYY-MM-DD of a date such as "July 25, 2023", "" for anything else."""
    parts = re.fullmatch(r"([A-Z][a-z]+) (\d{1,2}), (\d{4})", text)
    months = list(calendar.month_name)
    if parts is None or parts[1] not in months:
        return ""
    return as_date(parts[3], months.index(parts[1]), parts[2])


def _face(data: Object) -> BiometricFindings | None:
    """A similarity without a verdict of its own."""
    score = as_score(data.get("selfie_image_percentage"), 1)
    return BiometricFindings(face_match_score=score) if score is not None else None


def _vendor(body: Object, payload: Object) -> Json:
    """Flags, grades and codes, as far as given; nothing from the record itself."""
    data, meta = as_object(payload.get("data")), as_object(payload.get("meta"))
    flags = {
        "found": payload.get("found"),
        "valid": payload.get("valid"),
        "isValid": payload.get("isValid"),
        "isExpired": data.get("is_expired"),
    }
    facts: dict[str, Json] = {key: bool(flag) for key, flag in flags.items() if flag is not None}
    compared: dict[str, Json] = {
        camel_case(field): flag
        for field in COMPARED_FIELDS
        if isinstance(flag := data.get(field), bool)
    }
    if compared:
        facts["comparedFields"] = compared
    texts = {"riskRating": body.get("risk_rating"), "tierLevel": meta.get("tier_level")}
    facts.update({key: text for key, value in texts.items() if (text := as_text(value))})
    numbers = {
        "verificationResultCode": payload.get("VerificationResultCode"),
        "resultGrade": meta.get("result_grade"),
    }
    facts.update({key: as_number(value) for key, value in numbers.items() if value is not None})
    return facts
