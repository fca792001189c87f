"""What a document step read and checked.

Two shapes exist. The current one is the answer of the engine behind IDMeta (Microblink BlinkID
Verify v2) passed through; the older one wraps it in `result`. Sources: IDMeta API reference,
"Document verification", BlinkID Verify API reference v2, IDMeta's Flutter SDK, read 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from providers.adapters.idmeta import mapping_legacy_document as legacy
from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.countries import alpha3
from providers.adapters.idmeta.document_fields import DATE_FIELDS, TEXT_FIELDS, document_type, tidy
from providers.adapters.idmeta.failures import failed_step, failure_texts
from providers.adapters.idmeta.reading import (
    Object,
    as_date,
    as_flag,
    as_list,
    as_number,
    as_object,
    as_picture,
    as_text,
    camel_case,
)
from providers.adapters.idmeta.statuses import warn_unknown
from providers.types import CheckResult, DocumentFindings, Json, Reason, StepResult, Verdict

OUTCOMES: dict[str, tuple[Verdict, tuple[Reason, ...]]] = {
    "Accept": (Verdict.PASSED, ()),
    "Reject": (Verdict.FAILED, (reasons.DOCUMENT_REJECTED,)),
    "ManuallyReview": (Verdict.REVIEW, (reasons.DOCUMENT_REVIEW,)),
    "Undeterminable": (Verdict.REVIEW, (reasons.DOCUMENT_UNDETERMINABLE,)),
    "Retry": (Verdict.REVIEW, (reasons.NEW_PHOTO_NEEDED,)),
}

# Our scale for the engine's words; the engine gives no number.
CONFIDENCE = {"High": 95.0, "Medium": 75.0, "Low": 40.0}

CHECK_RESULTS = {"Pass": CheckResult.PASSED, "Fail": CheckResult.FAILED}

AUTHENTICITY_CHECKS = ("VisualCheck", "DocumentLivenessCheck")
VALIDITY_CHECKS = ("LogicCheck",)
CONSISTENCY_CHECKS = ("MatchCheck",)


def document_step(plan_code: str, body: Object) -> StepResult:
    """The result of a document step, whichever shape the answer has."""
    failed = failure_texts(body)
    if failed is not None:
        return failed_step(plan_code, failed)
    if "recommendedOutcome" in as_object(body.get("verification")):
        return _engine_result(body)
    return legacy.document_step(plan_code, body)


def _engine_result(body: Object) -> StepResult:
    verification = as_object(body.get("verification"))
    verdict, why = _outcome(verification)
    checks = dict(_checks(body.get("checks")))
    retries = verification.get("recommendedOutcome") == "Retry"
    return StepResult(
        verdict=verdict,
        reasons=(*why, *_failed_checks(checks), *(_image_faults(body) if retries else ())),
        document=DocumentFindings(
            extracted=_extracted(as_object(body.get("extraction"))),
            authenticity=_worst(checks, AUTHENTICITY_CHECKS),
            validity=_worst(checks, VALIDITY_CHECKS),
            data_consistency=_worst(checks, CONSISTENCY_CHECKS),
            confidence=CONFIDENCE.get(as_text(verification.get("certaintyLevel"))),
        ),
        vendor={"document": _vendor(body, checks)},
        portrait=_portrait(body.get("images")),
    )


def _outcome(verification: Object) -> tuple[Verdict, tuple[Reason, ...]]:
    """Only an outcome we know may pass, and only if the engine's own result does not fail."""
    name = as_text(verification.get("recommendedOutcome"))
    known = OUTCOMES.get(name)
    if known is None:
        warn_unknown("recommendedOutcome", name)
        return Verdict.REVIEW, (reasons.UNKNOWN_OUTCOME,)
    if known[0] is Verdict.PASSED and verification.get("result") == "Fail":
        warn_unknown("accepted document whose result fails")
        return Verdict.REVIEW, (reasons.UNKNOWN_OUTCOME,)
    return known


def _checks(checks: object) -> Iterator[tuple[str, str]]:
    """(name, result) of every named check, groups before their parts."""
    for given in map(as_object, as_list(checks)):
        if name := as_text(given.get("name")):
            yield name, as_text(given.get("result"))
        yield from _checks(given.get("checks"))


def _worst(checks: dict[str, str], names: tuple[str, ...]) -> CheckResult:
    """Failed before passed; a result that is neither counts as not performed."""
    results = {CHECK_RESULTS.get(checks.get(name, "")) for name in names}
    for result in (CheckResult.FAILED, CheckResult.PASSED):
        if result in results:
            return result
    return CheckResult.NOT_PERFORMED


def _failed_checks(checks: dict[str, str]) -> tuple[Reason, ...]:
    return tuple(
        reason for name, reason in reasons.FAILED_CHECKS.items() if checks.get(name) == "Fail"
    )


def _image_faults(body: Object) -> tuple[Reason, ...]:
    """What to do better in a new photo. The scan's own indicators are no faults of the picture."""
    indicators = map(as_object, as_list(body.get("processIndicators")))
    names = [
        as_text(indicator.get("name"))
        for indicator in indicators
        if indicator.get("type") == "ImageQuality" and indicator.get("result") == "Fail"
    ]
    faults = [reasons.IMAGE_QUALITY.get(name, reasons.IMAGE_QUALITY_POOR) for name in names]
    return tuple(dict.fromkeys(faults))


def _extracted(extraction: Object) -> dict[str, str]:
    read: dict[str, str] = {}
    for item in map(as_object, as_list(extraction.get("overall"))):
        _add_date(read, item)
        _add_text(read, item, is_latin=True)
    for item in map(as_object, as_list(extraction.get("overall"))):
        _add_text(read, item, is_latin=False)
    class_info = as_object(extraction.get("classInfo"))
    read["issuingCountry"] = alpha3(as_text(class_info.get("isoAlpha3CountryCode")))
    read["documentType"] = document_type(as_text(class_info.get("type")))
    return tidy(read)


def _add_date(read: dict[str, str], item: Object) -> None:
    key = DATE_FIELDS.get(as_text(item.get("field")))
    if key is None or as_flag(item.get("successfullyParsed")) is False:
        return
    if day := as_date(item.get("year"), item.get("month"), item.get("day")):
        read.setdefault(key, day)


def _add_text(read: dict[str, str], item: Object, *, is_latin: bool) -> None:
    """Latin values first; values in another script fill gaps and the native names."""
    keys = TEXT_FIELDS.get(as_text(item.get("field")))
    value = as_text(item.get("value"))
    if keys is None or not value or (item.get("script", "Latin") == "Latin") is not is_latin:
        return
    read.setdefault(keys.key, value)
    if keys.native_key and not is_latin:
        read.setdefault(keys.native_key, value)


def _portrait(images: object) -> bytes | None:
    for image in map(as_object, as_list(images)):
        if image.get("name") == "FaceImage":
            return as_picture(image.get("base64"))
    return None


def _vendor(body: Object, checks: dict[str, str]) -> Json:
    verification = as_object(body.get("verification"))
    extraction = as_object(body.get("extraction"))
    class_info = as_object(extraction.get("classInfo"))
    indicators = map(as_object, as_list(body.get("processIndicators")))
    performed = as_number(verification.get("performedChecks"))
    return {
        "recommendedOutcome": as_text(verification.get("recommendedOutcome")),
        "certaintyLevel": as_text(verification.get("certaintyLevel")),
        "performedChecks": int(performed) if performed is not None else None,
        "processingStatus": as_text(body.get("processingStatus")),
        "extractionStatus": as_text(extraction.get("processingStatus")),
        "documentClass": {
            key: as_text(class_info.get(key)) for key in ("country", "region", "type")
        },
        "checks": {camel_case(name): result for name, result in checks.items()},
        "imageQuality": {
            camel_case(as_text(indicator.get("name"))): as_text(indicator.get("result"))
            for indicator in indicators
            if as_text(indicator.get("name"))
        },
    }
