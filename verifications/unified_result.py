"""The unified result: the same shape, with the same keys, whichever provider did the work.

    overall    {status: passed|failed|pending, confidence: 0-100, riskLevel: low|medium|high}
    document   null or {extracted{...}, checks{authenticity, validity, dataConsistency}, confidence}
    biometric  null or {livenessCheck, faceMatch, confidence, faceMatchScore, livenessScore}
    risks      [{type, level, description}]
    reasonCodes, regula, providerDetails, metadata

`regula` is the section Regula's clients know, null for other providers; theirs is
`providerDetails`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from providers.types import (
    BiometricFindings,
    CheckResult,
    DocumentFindings,
    FinalVerdict,
    Json,
    Reason,
    RiskLevel,
    StepKind,
    StepResult,
    Verdict,
)
from verifications.expectations import Findings, judge

# When a provider gives no score at all: the middle of the band clients know for the outcome.
USUAL_CONFIDENCE = {Verdict.PASSED: 90.0, Verdict.REVIEW: 50.0, Verdict.FAILED: 20.0}
OVERALL_STATUS = {Verdict.PASSED: "passed", Verdict.FAILED: "failed", Verdict.REVIEW: "pending"}
# The wire knows passed, failed and warning for documents, passed, failed and not_performed for
# faces: a document check not done is a warning, a doubtful face is not a pass.
DOCUMENT_CHECKS = {CheckResult.NOT_PERFORMED: CheckResult.WARNING}
FACE_CHECKS = {CheckResult.WARNING: CheckResult.FAILED}

NO_VERDICT = Reason(
    "no_verdict", RiskLevel.MEDIUM, "Neither a step nor the provider gave a verdict"
)
NO_DOCUMENT_DATA = Reason(
    "document_data_missing",
    RiskLevel.MEDIUM,
    "The document was checked, but what it says was lost on the way",
)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """A step that is over. result None: it was done, but its answer was lost."""

    kind: StepKind
    result: StepResult | None


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict that counts, the reasons for it, what the document says, the result as JSON."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    extracted: Mapping[str, str]
    result: dict[str, Json]


def conclude(
    outcomes: Sequence[StepOutcome],
    final: FinalVerdict | None,
    *,
    expectations: Mapping[str, Any],
    provider: str,
    started_at: datetime,
    ended_at: datetime,
    extra_reasons: Sequence[Reason] = (),
) -> Conclusion:
    """Put together what the steps and the provider's final word say; the worst wins.

    extra_reasons: why a human must look although no step says so (an outcome nobody knows).
    """
    results = [outcome.result for outcome in outcomes if outcome.result is not None]
    document = _merged_document(results)
    biometric = _merged_biometric(results, final)
    provisional = Verdict.worst(
        *(result.verdict for result in results), final.verdict if final else Verdict.NONE
    )
    confidence = _confidence(document, biometric, provisional)
    judgement = judge(expectations, Findings(document, biometric, confidence))
    reasons = [
        *(reason for result in results for reason in result.reasons),
        *(final.reasons if final else ()),
        *judgement.reasons,
        *extra_reasons,
    ]
    verdict = Verdict.worst(
        provisional,
        judgement.verdict,
        Verdict.REVIEW if extra_reasons else Verdict.NONE,
    )
    verdict, reasons = _never_approve_blindly(verdict, reasons, outcomes)
    return Conclusion(
        verdict,
        tuple(reasons),
        document.extracted if document else {},
        {
            "overall": {
                "status": OVERALL_STATUS[verdict],
                "confidence": confidence,
                "riskLevel": _risk_level(verdict, reasons).value,
            },
            "document": _document_json(document),
            "biometric": _biometric_json(biometric),
            "risks": [_risk_json(reason) for reason in reasons],
            "reasonCodes": [reason.code for reason in reasons],
            **_vendor_sections(provider, results, final),
            "metadata": _metadata(provider, results, started_at, ended_at),
        },
    )


def _risk_json(reason: Reason) -> Json:
    return {
        "type": reason.code,
        "level": reason.level.value,
        "description": reason.description,
    }


def _never_approve_blindly(
    verdict: Verdict, reasons: list[Reason], outcomes: Sequence[StepOutcome]
) -> tuple[Verdict, list[Reason]]:
    if verdict is Verdict.NONE:
        return Verdict.REVIEW, [*reasons, NO_VERDICT]
    lost_document = any(
        outcome.kind is StepKind.DOCUMENT and outcome.result is None for outcome in outcomes
    )
    if verdict is Verdict.PASSED and lost_document:
        return Verdict.REVIEW, [*reasons, NO_DOCUMENT_DATA]
    return verdict, reasons


def _merged_document(results: Sequence[StepResult]) -> DocumentFindings | None:
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
        confidence=_least(document.confidence for document in found),
    )


def _merged_biometric(
    results: Sequence[StepResult], final: FinalVerdict | None
) -> BiometricFindings | None:
    """A score without a word of its own passed if the provider's final word is that all did."""
    found = [result.biometric for result in results if result.biometric is not None]
    if not found:
        return None
    liveness_score = _least(faces.liveness_score for faces in found)
    face_match_score = _least(faces.face_match_score for faces in found)
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


def _judged(check: CheckResult, score: float | None, has_passed: bool) -> CheckResult:
    if check is CheckResult.NOT_PERFORMED and score is not None and has_passed:
        return CheckResult.PASSED
    return check


def _worst_check(*checks: CheckResult) -> CheckResult:
    for check in (CheckResult.FAILED, CheckResult.WARNING, CheckResult.PASSED):
        if check in checks:
            return check
    return CheckResult.NOT_PERFORMED


def _least(values: Any) -> float | None:
    return min((value for value in values if value is not None), default=None)


def _confidence(
    document: DocumentFindings | None, biometric: BiometricFindings | None, verdict: Verdict
) -> float:
    """The lowest score any part has; see USUAL_CONFIDENCE if there is none."""
    scores = [
        document.confidence if document else None,
        _biometric_confidence(biometric),
    ]
    least = _least(scores)
    return USUAL_CONFIDENCE.get(verdict, 50.0) if least is None else round(least, 2)


def _biometric_confidence(biometric: BiometricFindings | None) -> float | None:
    if biometric is None:
        return None
    return _least((biometric.face_match_score, biometric.liveness_score))


def _risk_level(verdict: Verdict, reasons: Sequence[Reason]) -> RiskLevel:
    if verdict is Verdict.FAILED:
        return RiskLevel.HIGH
    if verdict is Verdict.REVIEW or any(reason.level is not RiskLevel.LOW for reason in reasons):
        return RiskLevel.MEDIUM
    return RiskLevel.LOW


def _document_json(document: DocumentFindings | None) -> Json:
    if document is None:
        return None
    return {
        "extracted": dict(document.extracted),
        "checks": {
            "authenticity": DOCUMENT_CHECKS.get(document.authenticity, document.authenticity).value,
            "validity": DOCUMENT_CHECKS.get(document.validity, document.validity).value,
            "dataConsistency": DOCUMENT_CHECKS.get(
                document.data_consistency, document.data_consistency
            ).value,
        },
        "confidence": document.confidence,
    }


def _biometric_json(biometric: BiometricFindings | None) -> Json:
    if biometric is None:
        return None
    return {
        "livenessCheck": FACE_CHECKS.get(biometric.liveness, biometric.liveness).value,
        "faceMatch": FACE_CHECKS.get(biometric.face_match, biometric.face_match).value,
        "confidence": _biometric_confidence(biometric),
        "faceMatchScore": biometric.face_match_score,
        "livenessScore": biometric.liveness_score,
    }


def _vendor_sections(
    provider: str, results: Sequence[StepResult], final: FinalVerdict | None
) -> dict[str, Json]:
    section: dict[str, Json] = {}
    for result in results:
        section.update(result.vendor)
    section.update(final.vendor if final else {})
    is_regula = provider == "regula"
    return {
        "regula": section if is_regula else None,
        "providerDetails": None if is_regula else section,
    }


def _metadata(
    provider: str, results: Sequence[StepResult], started_at: datetime, ended_at: datetime
) -> Json:
    merged = _merged_document(results)
    return {
        "provider": provider,
        "processingTime": round((ended_at - started_at).total_seconds() * 1000),
        "timestamp": ended_at.isoformat().replace("+00:00", "Z"),
        "mrzParsed": merged is not None and "mrz" in merged.extracted,
        "authenticityChecksPerformed": _checks_performed(merged),
        "rfidProcessed": any(bool(result.vendor.get("rfid")) for result in results),
    }


def _checks_performed(document: DocumentFindings | None) -> list[Json]:
    if document is None:
        return []
    checks = {
        "authenticity": document.authenticity,
        "dataConsistency": document.data_consistency,
        "validity": document.validity,
    }
    return [name for name, check in checks.items() if check is not CheckResult.NOT_PERFORMED]
