"""What the face steps say: liveness, comparison and registration.

Sources: IDMeta API reference, "Biometric verification" and "Biometrics registration", and IDMeta's
Flutter SDK, read 2026. v1 gives scores but no verdicts: thresholds are set in the template and are
in no answer. So a score alone is shown, but judges nobody: the check stays NOT_PERFORMED, the step
is neutral, and only IDMeta's final answer decides.
"""

from __future__ import annotations

from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.failures import (
    failed_step,
    failure_texts,
    says_already_enrolled,
    unknown_step,
)
from providers.adapters.idmeta.reading import (
    Object,
    as_flag,
    as_list,
    as_number,
    as_object,
    as_score,
)
from providers.adapters.idmeta.statuses import envelope_verdict
from providers.types import BiometricFindings, CheckResult, Json, Reason, StepResult, Verdict

LIVENESS_CHECKS = {
    Verdict.PASSED: CheckResult.PASSED,
    Verdict.FAILED: CheckResult.FAILED,
    Verdict.REVIEW: CheckResult.WARNING,
    Verdict.NONE: CheckResult.NOT_PERFORMED,
}
LIVENESS_REASONS: dict[Verdict, tuple[Reason, ...]] = {
    Verdict.FAILED: (reasons.LIVENESS_FAILED,),
    Verdict.REVIEW: (reasons.LIVENESS_REVIEW,),
}
ENROLMENT_REASONS: dict[Verdict, tuple[Reason, ...]] = {
    Verdict.FAILED: (reasons.ENROLMENT_REJECTED,),
    Verdict.REVIEW: (reasons.ENROLMENT_REVIEW,),
}
FLAG_VERDICTS = {True: Verdict.PASSED, False: Verdict.FAILED, None: Verdict.NONE}


def liveness_v1(plan_code: str, body: Object, threshold: float | None) -> StepResult:
    """threshold: the tenant's, 0 to 1; None leaves the verdict to IDMeta."""
    if (failed := failure_texts(body)) is not None:
        return failed_step(plan_code, failed)
    probability = _probability(as_object(body.get("result")))
    score = as_score(probability, 100)
    if probability is None or score is None:
        return unknown_step(plan_code)
    if threshold is None:
        return _liveness(Verdict.NONE, score, "v1")
    return _liveness(FLAG_VERDICTS[probability >= threshold], score, "v1")


def liveness_v3(plan_code: str, body: Object) -> StepResult:
    """The worst of the flag and of the envelope's status; neither is review."""
    if (failed := failure_texts(body)) is not None:
        return failed_step(plan_code, failed)
    data = as_object(body.get("data"))
    verdict = envelope_verdict(body, FLAG_VERDICTS[as_flag(data.get("livenessPass"))])
    if verdict is None:
        return unknown_step(plan_code)
    return _liveness(verdict, as_score(data.get("livenessScore"), 100), "v3")


def face_comparison(plan_code: str, body: Object) -> StepResult:
    """The score, 0 to 100; the template's own thresholds decide when finalizing.

    `result` is an object with the score in it, or now and then the bare score.
    """
    if (failed := failure_texts(body)) is not None:
        return failed_step(plan_code, failed)
    result = body.get("result")
    score = as_score(as_object(result).get("score", result), 1)
    if score is None:
        return unknown_step(plan_code)
    return StepResult(
        Verdict.NONE,
        biometric=BiometricFindings(face_match_score=score),
        vendor={"faceCompare": {"score": score}},
    )


def registration_v1(plan_code: str, body: Object) -> StepResult:
    """Neutral: enrolling a face says nothing about the person; enrolled before is success."""
    failed = failure_texts(body)
    if failed is None:
        return StepResult(Verdict.NONE, vendor={"registration": {"alreadyRegistered": False}})
    if says_already_enrolled(failed):
        return StepResult(Verdict.NONE, vendor={"registration": {"alreadyRegistered": True}})
    return failed_step(plan_code, failed)


def detection_v3(plan_code: str, body: Object) -> StepResult:
    """Enrolment with a search in the account's face watchlists; a match is at least review."""
    failed = failure_texts(body)
    if failed is not None and not says_already_enrolled(failed):
        return failed_step(plan_code, failed)
    if failed is not None:
        return StepResult(Verdict.NONE, vendor={"registration": {"alreadyRegistered": True}})
    screen = as_object(as_object(body.get("data")).get("screen"))
    scores = _match_scores(screen)
    verdict = envelope_verdict(body, Verdict.REVIEW if scores is not None else Verdict.NONE)
    if verdict is None:
        return unknown_step(plan_code)
    matched = (reasons.FACE_WATCHLIST_MATCH,) if scores is not None else ()
    return StepResult(
        verdict,
        matched or ENROLMENT_REASONS.get(verdict, ()),
        vendor={"registration": {"alreadyRegistered": False, "matchScores": scores or []}},
    )


def custom_document(plan_code: str, body: Object) -> StepResult:
    """Neutral. Which fields were read, not what they say: the form is the account's own."""
    if (failed := failure_texts(body)) is not None:
        return failed_step(plan_code, failed)
    form = as_object(as_object(body.get("result")).get("formData"))
    names: list[Json] = [str(name) for name in form]
    return StepResult(Verdict.NONE, vendor={"customDocument": {"fields": names}})


def _probability(result: Object) -> float | None:
    """Of a plain selfie, or of an encrypted capture bundle."""
    response = as_object(result.get("response"))
    bundles = (as_object(response.get(key)) for key in ("capture_liveness", "face_liveness"))
    values = (holder.get("probability") for holder in (result, *bundles))
    return next((number for value in values if (number := as_number(value)) is not None), None)


def _liveness(verdict: Verdict, score: float | None, version: str) -> StepResult:
    return StepResult(
        verdict,
        LIVENESS_REASONS.get(verdict, ()),
        biometric=BiometricFindings(liveness=LIVENESS_CHECKS[verdict], liveness_score=score),
        vendor={"liveness": {"version": version, "score": score}},
    )


def _match_scores(screen: Object) -> list[Json] | None:
    """Similarities, 0 to 100, of the faces that matched; None if no watchlist matched."""
    watchlists = [as_object(watchlist) for watchlist in as_list(screen.get("watchlists"))]
    matching = [
        as_list(watchlist.get("matches"))
        for watchlist in watchlists
        if as_flag(watchlist.get("hasMatches")) or as_list(watchlist.get("matches"))
    ]
    if not matching:
        return None
    return [
        as_score(as_object(match).get("similarityScore"), 1)
        for matches in matching
        for match in matches
    ]
