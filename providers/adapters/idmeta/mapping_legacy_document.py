"""Document answers in the older shape, and the Indonesian identity card.

`result.data.extractionResult` holds values by script (`{"latin": ...}`); `result.result` holds
them as plain text. Neither says whether the document is genuine: only finalizing decides. Source:
IDMeta's Flutter SDK, read 2026.
"""

from __future__ import annotations

from providers.adapters.idmeta.document_fields import document_type, tidy
from providers.adapters.idmeta.failures import unknown_step
from providers.adapters.idmeta.reading import Object, as_date, as_object, as_picture, as_text
from providers.types import DocumentFindings, StepResult, Verdict

NATIVE_KEYS = {
    "firstName": "nativeFirstName",
    "lastName": "nativeLastName",
    "fullName": "nativeFullName",
}

TEXT_KEYS = {
    "firstName": "firstName",
    "lastName": "lastName",
    "fullName": "fullName",
    "documentNumber": "documentNumber",
    "personalIdNumber": "personalNumber",
    "sex": "sex",
    "address": "address",
    "placeOfBirth": "placeOfBirth",
    "nationality": "nationality",
    "issuingAuthority": "authority",
}

DATE_KEYS = {
    "dateOfBirth": "dateOfBirth",
    "dateOfIssue": "issueDate",
    "dateOfExpiry": "expiryDate",
}


def document_step(plan_code: str, body: Object) -> StepResult:
    """What was read, without a verdict; review if nothing we know is in the answer."""
    extraction = _extraction(as_object(body.get("result")))
    extracted = _extracted(extraction)
    if not extracted:
        return unknown_step(plan_code)
    return StepResult(
        verdict=Verdict.NONE,
        document=DocumentFindings(extracted=extracted),
        portrait=as_picture(extraction.get("faceImageBase64")),
    )


def _extraction(result: Object) -> Object:
    for holder in (as_object(result.get("data")), result):
        for key in ("extractionResult", "result"):
            if found := as_object(holder.get(key)):
                return found
    return {}


def _extracted(extraction: Object) -> dict[str, str]:
    read: dict[str, str] = {}
    for name, key in TEXT_KEYS.items():
        latin, native = _by_script(extraction.get(name))
        read[key] = latin or native
        if native and name in NATIVE_KEYS:
            read[NATIVE_KEYS[name]] = native
    for name, key in DATE_KEYS.items():
        read[key] = _date(extraction.get(name))
    mrz = as_object(extraction.get("mrzData"))
    read["documentType"] = document_type(as_text(mrz.get("documentType")))
    return tidy(read)


def _by_script(value: object) -> tuple[str, str]:
    """(Latin, another script) of plain text or of values by script."""
    scripts = as_object(value)
    if not scripts:
        return as_text(value), ""
    others = (as_text(text) for script, text in scripts.items() if script != "latin")
    return as_text(scripts.get("latin")), next((text for text in others if text), "")


def _date(value: object) -> str:
    """Of parts, or of text written YYYY-MM-DD."""
    parts = as_object(value)
    if parts:
        return as_date(parts.get("year"), parts.get("month"), parts.get("day"))
    pieces = as_text(value).split("-")
    return as_date(*pieces) if len(pieces) == 3 else ""
