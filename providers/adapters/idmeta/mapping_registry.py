"""What the registries say about an ID number.

Source: IDMeta API reference, "Government data", read 2026. Only the NBI, PhilSys, Dukcapil and
Australian v3 answers are documented. For the others, in this order: a failure inside the 200, a
status we know, `found` and `valid`; otherwise the step is neutral and only finalizing decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date

from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.failures import failed_step, failure_texts, unknown_step
from providers.adapters.idmeta.id_inputs import IdCheck
from providers.adapters.idmeta.mapping_record import Record
from providers.adapters.idmeta.names import FULL_MATCH, match_score
from providers.adapters.idmeta.reading import (
    Object,
    as_flag,
    as_number,
    as_object,
    as_score,
    as_text,
    camel_case,
)
from providers.adapters.idmeta.statuses import VERDICTS, Status, envelope_verdict, first_status
from providers.id_types import ID_NUMBER
from providers.types import (
    BiometricFindings,
    IdFindings,
    IdStatus,
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

# What a reason says of the number; the first one that was found counts.
ID_STATUSES = {
    reasons.RECORD_NOT_FOUND: IdStatus.NOT_FOUND,
    reasons.RECORD_EXPIRED: IdStatus.EXPIRED,
    reasons.RECORD_INVALID: IdStatus.INVALID,
    reasons.REGISTRY_REJECTED: IdStatus.INVALID,
    reasons.REGISTRY_MISMATCH: IdStatus.MISMATCH,
    reasons.NAME_MISMATCH: IdStatus.MISMATCH,
}


def registry_step(
    check: IdCheck, body: Object, subject: Mapping[str, str], today: date
) -> StepResult:
    """subject: what the tenant said of the person; a record of somebody else is review."""
    asked = IdFindings(check.code, subject.get(ID_NUMBER))
    if (failed := failure_texts(body)) is not None:
        return replace(failed_step(check.plan, failed), id_check=asked)
    payload = _payload(body)
    if not payload and not {"status", "verificationStatusCode", "success"} & set(body):
        return replace(unknown_step(check.plan), id_check=asked)
    data = as_object(payload.get("data"))
    record = Record.read(data)
    name_score = match_score(record.name, subject)
    findings = [
        *_findings(body, payload),
        *_record_findings(payload, record, today),
        *_person_findings(record, name_score, subject),
    ]
    verdict = Verdict.worst(*(found for found, _ in findings))
    given_reasons = tuple(dict.fromkeys(reason for _, reason in findings if reason is not None))
    is_found = verdict is Verdict.PASSED or as_flag(payload.get("found")) is True
    return StepResult(
        verdict=verdict,
        reasons=given_reasons,
        biometric=_face(data),
        id_check=replace(
            asked,
            status=_status(given_reasons, is_found),
            expiry_date=record.expiry_date,
            matched_name=record.name.text or None,
            name_match_score=name_score,
            record=record.fields,
        ),
        vendor={camel_case(check.code): _vendor(body, payload)},
    )


def _status(given_reasons: Collection[Reason], is_found: bool) -> IdStatus:
    otherwise = IdStatus.FOUND if is_found else IdStatus.UNKNOWN
    said = (status for reason, status in ID_STATUSES.items() if reason in given_reasons)
    return next(said, otherwise)


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


def _record_findings(payload: Object, record: Record, today: date) -> Iterator[Finding]:
    """Passed needs a record that was found and is valid; silence about either is neutral."""
    found, valid = as_flag(payload.get("found")), as_flag(payload.get("valid"))
    if found is False:
        yield Verdict.FAILED, reasons.RECORD_NOT_FOUND
    elif record.has_expired(today):
        yield Verdict.FAILED, reasons.RECORD_EXPIRED
    elif valid is False:
        yield Verdict.FAILED, reasons.RECORD_INVALID
    elif found and valid:
        yield Verdict.PASSED, None


def _person_findings(
    record: Record, name_score: float | None, subject: Mapping[str, str]
) -> Iterator[Finding]:
    """A record of another person never passes; what the tenant did not say is not compared."""
    if name_score is not None and name_score < FULL_MATCH:
        yield Verdict.REVIEW, reasons.NAME_MISMATCH
    born, said = record.fields.get("dateOfBirth"), subject.get("dateOfBirth")
    if born and said and born != said:
        yield Verdict.REVIEW, reasons.REGISTRY_MISMATCH


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
