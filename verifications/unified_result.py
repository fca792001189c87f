"""The unified result: the same shape, with the same keys, whichever provider did the work.

    overall    {status: passed|failed|pending, confidence: 0-100, riskLevel: low|medium|high}
    document   null or {extracted{...}, checks{authenticity, validity, dataConsistency}, confidence}
    biometric  null or {livenessCheck, faceMatch, confidence, faceMatchScore, livenessScore}
    idCheck    null or {type, number, status, expiryDate, matchedName, nameMatchScore, record{...}}
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
    IdFindings,
    Json,
    Reason,
    RiskLevel,
    StepKind,
    StepResult,
    Verdict,
)
from verifications.expectations import Findings, judge
from verifications.merging import least, merged_biometric, merged_document, merged_id_check

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
NO_ID_DATA = Reason(
    "id_check_data_missing",
    RiskLevel.MEDIUM,
    "The ID number was checked, but what the registry says was lost on the way",
)
SETTLED = Reason(
    "settled_by_provider", RiskLevel.LOW, "A reviewer at the provider has settled its doubts"
)
# Steps whose findings an approval rests on.
LOST_DATA = {StepKind.DOCUMENT: NO_DOCUMENT_DATA, StepKind.ID_CHECK: NO_ID_DATA}


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
    settled_codes: frozenset[str] = frozenset(),
) -> Conclusion:
    """Put together what the steps and the provider's final word say; the worst wins.

    extra_reasons: why a human must look although no step says so (an outcome nobody knows).
    settled_codes: reasons for which no step's doubt counts any more, because a reviewer at the
    provider has looked since.
    """
    results = [outcome.result for outcome in outcomes if outcome.result is not None]
    document = merged_document(results)
    biometric = merged_biometric(results, final)
    id_check = merged_id_check(results)
    settled = [result for result in results if _is_settled(result, settled_codes)]
    provisional = Verdict.worst(
        *(result.verdict for result in results if result not in settled),
        final.verdict if final else Verdict.NONE,
    )
    confidence = _confidence(document, biometric, id_check, provisional)
    judgement = judge(expectations, Findings(document, biometric, confidence))
    reasons = [
        *(reason for result in results for reason in result.reasons),
        *(final.reasons if final else ()),
        *judgement.reasons,
        *extra_reasons,
        *([SETTLED] if settled else []),
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
            "idCheck": id_check.to_json() if id_check else None,
            "risks": [_risk_json(reason) for reason in reasons],
            "reasonCodes": [reason.code for reason in reasons],
            **_vendor_sections(provider, results, final),
            "metadata": _metadata(provider, results, started_at, ended_at),
        },
    )


def _is_settled(result: StepResult, codes: frozenset[str]) -> bool:
    """Whether all that is doubted in it is doubted by the provider alone."""
    doubts = {reason.code for reason in result.reasons if reason.level is not RiskLevel.LOW}
    return result.verdict is Verdict.REVIEW and bool(doubts) and doubts <= codes


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
    lost = [
        LOST_DATA[outcome.kind]
        for outcome in outcomes
        if outcome.result is None and outcome.kind in LOST_DATA
    ]
    if verdict is Verdict.PASSED and lost:
        return Verdict.REVIEW, [*reasons, *dict.fromkeys(lost)]
    return verdict, reasons


def _confidence(
    document: DocumentFindings | None,
    biometric: BiometricFindings | None,
    id_check: IdFindings | None,
    verdict: Verdict,
) -> float:
    """The lowest score any part has; see USUAL_CONFIDENCE if there is none.

    That the name is right says nothing for a record that is not valid.
    """
    has_failed = verdict is Verdict.FAILED
    scores = [
        document.confidence if document else None,
        _biometric_confidence(biometric),
        id_check.name_match_score if id_check and not has_failed else None,
    ]
    lowest = least(scores)
    return USUAL_CONFIDENCE.get(verdict, 50.0) if lowest is None else round(lowest, 2)


def _biometric_confidence(biometric: BiometricFindings | None) -> float | None:
    if biometric is None:
        return None
    return least((biometric.face_match_score, biometric.liveness_score))


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
    merged = merged_document(results)
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
