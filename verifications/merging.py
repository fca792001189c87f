"""What several steps found, put together: of two words about the same thing the worse counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from providers.types import (
    BiometricFindings,
    CheckResult,
    DocumentFindings,
    FinalVerdict,
    IdFindings,
    StepResult,
    Verdict,
)


def merged_document(results: Sequence[StepResult]) -> DocumentFindings | None:
    """The first document's findings count; a later step only adds what the first did not read."""
    found = [result.document for result in results if result.document is not None]
    if not found:
        return None
    extracted: dict[str, str] = {}
    for document in reversed(found):
        extracted.update(document.extracted)
    return DocumentFindings(
        extracted=extracted,
        authenticity=_worst_check(*(document.authenticity for document in found)),
        validity=_worst_check(*(document.validity for document in found)),
        data_consistency=_worst_check(*(document.data_consistency for document in found)),
        confidence=least(document.confidence for document in found),
    )


def merged_biometric(
    results: Sequence[StepResult], final: FinalVerdict | None
) -> BiometricFindings | None:
    """A score without a word of its own passed if the provider's final word is that all did."""
    found = [result.biometric for result in results if result.biometric is not None]
    if not found:
        return None
    liveness_score = least(faces.liveness_score for faces in found)
    face_match_score = least(faces.face_match_score for faces in found)
    has_passed = final is not None and final.verdict is Verdict.PASSED
    return BiometricFindings(
        liveness=_judged(
            _worst_check(*(faces.liveness for faces in found)), liveness_score, has_passed
        ),
        face_match=_judged(
            _worst_check(*(faces.face_match for faces in found)), face_match_score, has_passed
        ),
        liveness_score=liveness_score,
        face_match_score=face_match_score,
    )


def merged_id_check(results: Sequence[StepResult]) -> IdFindings | None:
    """An ID number is one registry's, so a verification has one such check; the first counts."""
    return next((result.id_check for result in results if result.id_check is not None), None)


def least(values: Iterable[float | None]) -> float | None:
    """The lowest number there is, None if there is none."""
    return min((value for value in values if value is not None), default=None)


def _judged(check: CheckResult, score: float | None, has_passed: bool) -> CheckResult:
    if check is CheckResult.NOT_PERFORMED and score is not None and has_passed:
        return CheckResult.PASSED
    return check


def _worst_check(*checks: CheckResult) -> CheckResult:
    for check in (CheckResult.FAILED, CheckResult.WARNING, CheckResult.PASSED):
        if check in checks:
            return check
    return CheckResult.NOT_PERFORMED
