"""Document verification: what was read, in BlinkID Verify's words.

Source: IDMeta documentation, "Document verification" (envelope); BlinkID Verify API reference v2
(items). Which condition leads to which outcome is assumed: it is a setting of the vendor's flow.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from providers.sandbox.calls import JsonObject
from providers.sandbox.countries import country
from providers.sandbox.idmeta.checks import Findings, checks_body, outcome
from providers.sandbox.idmeta.steps import Step, StepResult
from providers.sandbox.idmeta.verifications import Status
from providers.sandbox.reading.fields import DATE_FIELDS, Field, Source, Value
from providers.sandbox.reading.page import Kind, Page
from providers.sandbox.reading.pictures import jpeg
from providers.sandbox.staging import marks, staged

FIELD_NAMES = {
    Field.SURNAME: "LastName",
    Field.GIVEN_NAMES: "FirstName",
    Field.MIDDLE_NAME: "MiddleName",
    Field.FULL_NAME: "FullName",
    Field.ADDRESS: "Address",
    Field.SEX: "Sex",
    Field.PLACE_OF_BIRTH: "PlaceOfBirth",
    Field.NATIONALITY: "Nationality",
    Field.DATE_OF_BIRTH: "DateOfBirth",
    Field.DATE_OF_ISSUE: "DateOfIssue",
    Field.DATE_OF_EXPIRY: "DateOfExpiry",
    Field.DOCUMENT_NUMBER: "DocumentNumber",
    Field.PERSONAL_NUMBER: "PersonalIdNumber",
    Field.AUTHORITY: "IssuingAuthority",
}
CLASS_TYPES = {Kind.PASSPORT: "Passport", Kind.ID_CARD: "Id", Kind.DRIVING_LICENCE: "Dl"}
SIDES = ("Front", "Back")
VERDICTS = {
    "Accept": Status.VERIFIED,
    "ManuallyReview": Status.REVIEW_NEEDED,
    "Reject": Status.REJECTED,
    "Retry": None,
}


def verify_document(step: Step) -> StepResult:
    """Read the posted sides and answer in the document shape that is switched on."""
    step.require("imageFrontSide")
    pages = [page for page in (step.page("imageFrontSide"), step.page("imageBackSide")) if page]
    for page in pages:
        for mark in marks(page):
            step.call.note(mark)
    pages = [staged(page, step.call.scenarios) for page in pages]
    findings = Findings.of(pages, step.call.scenarios, datetime.now(UTC).date())
    recommended = outcome(findings, step.call.scenarios)
    values = overall_values(pages)
    if step.call.sandbox.settings.documentShape == "B":
        body = _legacy_body(pages, values if findings.is_readable else {})
    else:
        body = _current_body(step, pages, findings, recommended)
    verdict = VERDICTS.get(recommended, Status.REVIEW_NEEDED)
    return StepResult(body, verdict, _full_name(values))


def overall_values(pages: Sequence[Page]) -> dict[Field, tuple[Value, str]]:
    """Each field once, with its side: a printed value before one from a zone or barcode.

    As a printed name is complete and a zone's may be cut off.
    """
    merged: dict[Field, tuple[Value, str]] = {}
    for source in (Source.VISUAL, Source.MRZ, Source.BARCODE):
        for page, side in zip(pages, SIDES, strict=False):
            for field, value in page.values().get(source, {}).items():
                merged.setdefault(field, (value, side))
    return merged


def _current_body(
    step: Step, pages: Sequence[Page], findings: Findings, recommended: str
) -> JsonObject:
    """Shape A: BlinkID Verify's answer at top level."""
    readable = findings.is_readable
    return {
        "processingStatus": "Completed",
        "verification": {
            "certaintyLevel": "High" if readable else "Low",
            "recommendedOutcome": recommended,
            "type": "DetailedCheck",
            "result": findings.result,
            "performedChecks": 21 if readable else 0,
        },
        "checks": checks_body(findings) if readable else [],
        "processIndicators": [
            {"name": "Clarity", "type": "ImageQuality", "result": "Pass" if readable else "Fail"},
            {"name": "HandPresence", "type": "ScanProcess", "result": "Fail"},
            {"name": "Cropped", "type": "ImageQuality", "result": "Pass"},
        ],
        "extraction": _extraction(pages, readable=readable),
        "images": _images(step, pages) if readable else [],
        "messages": []
        if readable
        else [{"code": "E004", "message": "Sandbox: no document was read", "status": "Error"}],
    }


def _extraction(pages: Sequence[Page], *, readable: bool) -> JsonObject:
    values = overall_values(pages) if readable else {}
    overall = [_item(field, value, side) for field, (value, side) in values.items()
               if field in FIELD_NAMES]  # fmt: skip
    if Field.FULL_NAME not in values and _full_name(values):
        overall.append(_text_item("FullName", _full_name(values), "Front"))
    sides: dict[str, list[JsonObject]] = {"front": [], "back": []}
    for page, side in zip(pages, SIDES, strict=False):
        sides[side.lower()] = [
            _item(field, value, side) for field, value in page.visual.items()
            if field in FIELD_NAMES
        ]  # fmt: skip
    barcode = [
        _text_item(FIELD_NAMES[field], text, side)
        for page, side in zip(pages, SIDES, strict=False)
        for code in page.barcodes
        for field, text in code.fields.items()
        if field in FIELD_NAMES
    ]
    return {
        "processingStatus": "Success" if readable else "MandatoryFieldMissing",
        "recognitionStatus": "Valid" if readable else "Uncertain",
        "overall": overall,
        "viz": sides,
        "barcode": barcode,
        "classInfo": _class_info(pages, values),
    }


def _class_info(pages: Sequence[Page], values: dict[Field, tuple[Value, str]]) -> JsonObject:
    state = country(values[Field.ISSUING_STATE][0].text) if Field.ISSUING_STATE in values else None
    kinds = [page.kind for page in pages if page.kind is not Kind.UNKNOWN]
    return {
        "country": state.name if state else "None",
        "type": CLASS_TYPES[kinds[0]] if kinds and values else "None",
        "region": "None",
        "isoAlpha3CountryCode": state.alpha3 if state else "",
        "isoAlpha2CountryCode": state.alpha2 if state else "",
        "isoNumericCountryCode": state.numeric if state else "",
    }


def _images(step: Step, pages: Sequence[Page]) -> list[JsonObject]:
    """The face, unless `returnFaceImage` is false; the whole page only if it is asked for."""
    portraits = [page.portrait for page in pages if page.portrait]
    images: list[JsonObject] = []
    if portraits and step.call.text("returnFaceImage").lower() not in ("false", "0"):
        images.append({"name": "FaceImage", "base64": _base64(portraits[0])})
    if step.call.text("returnFullDocumentImage").lower() in ("true", "1"):
        images += [{"name": f"FullDocument{side}Image", "base64": _base64(jpeg(page.pixels))}
                   for page, side in zip(pages, SIDES, strict=False)]  # fmt: skip
    return images


def _item(field: Field, value: Value, side: str) -> JsonObject:
    name = FIELD_NAMES[field]
    if field in DATE_FIELDS:
        return {"field": name, **_date(value), "originalResult": [
            {key: part for key, part in _text_item(name, value.printed, side).items()
             if key != "field"}
        ], "filledByDomainKnowledge": False, "type": "DetailedDateResult"}  # fmt: skip
    return _text_item(name, value.text, side)


def _text_item(name: str, text: str, side: str) -> JsonObject:
    return {"side": side, "script": "Latin", "value": text, "type": "DetailedStringResult",
            "field": name}  # fmt: skip


def _date(value: Value) -> JsonObject:
    """Day, month and year, or zeros for a date that could not be read."""
    try:
        found = datetime.strptime(value.text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return {"day": 0, "month": 0, "year": 0, "successfullyParsed": False}
    return {"day": found.day, "month": found.month, "year": found.year, "successfullyParsed": True}


def _legacy_body(pages: Sequence[Page], values: dict[Field, tuple[Value, str]]) -> JsonObject:
    """Shape B (IDMeta/idmeta_sdk_flutter, lib/src/core/repository.dart). It has no verdict."""
    if not values:
        return {"status": False, "message": "Sandbox: no document was read", "result": {
            "status": "failed", "message": "Sandbox: no document was read"}}  # fmt: skip
    texts = {field: value.text for field, (value, _) in values.items()}
    dates = {name: {part: found for part, found in _date(values[field][0]).items()
                    if part != "successfullyParsed"}
             for field, name in ((Field.DATE_OF_BIRTH, "dateOfBirth"),
                                 (Field.DATE_OF_EXPIRY, "dateOfExpiry"))
             if field in values}  # fmt: skip
    portraits = [page.portrait for page in pages if page.portrait]
    extraction: JsonObject = {
        "fullName": {"latin": _full_name(values)},
        "firstName": {"latin": texts.get(Field.GIVEN_NAMES, "")},
        "lastName": {"latin": texts.get(Field.SURNAME, "")},
        "documentNumber": {"latin": texts.get(Field.DOCUMENT_NUMBER, "")},
        "sex": {"latin": texts.get(Field.SEX, "")},
        **dates,
        "faceImageBase64": _base64(portraits[0]) if portraits else "",
        "mrzData": {"documentType": pages[0].kind.name},
    }
    result: JsonObject = {"status": "success", "data": {"extractionResult": extraction}}
    return {"status": True, "message": "OK", "result": result}


def _full_name(values: dict[Field, tuple[Value, str]]) -> str:
    parts = (Field.GIVEN_NAMES, Field.MIDDLE_NAME, Field.SURNAME)
    return " ".join(values[part][0].text for part in parts if part in values)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
