"""Answers that are no result: failures inside an HTTP 200, and shapes we do not know.

IDMeta answers 200 with `status: false`, `result.status: "failed"` or, in v3, `success: false`. The
step was processed, and may be billed, so it is never an error to be tried again: a person looks.
"""

from __future__ import annotations

from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.reading import Object, as_object, as_text
from providers.adapters.idmeta.statuses import log, warn_unknown
from providers.types import StepResult, Verdict

ALREADY_ENROLLED = ("account already exists", "already registered")
LIVENESS_SESSION_ERROR = "face_liveness_error_exception"


def failure_texts(body: Object) -> tuple[str, ...] | None:
    """What IDMeta says about a failed call, the most specific first; None if it did not fail."""
    result = as_object(body.get("result"))
    has_failed = (
        body.get("status") is False
        or body.get("success") is False
        or as_text(result.get("status")).casefold() == "failed"
    )
    if not has_failed:
        return None
    texts = (as_text(result.get("message")), as_text(body.get("message")))
    return tuple(text for text in texts if text)


def failed_step(plan_code: str, texts: tuple[str, ...]) -> StepResult:
    """A step that could not be carried out: review, with the picture's fault if there is one."""
    fault = reasons.face_quality(texts)
    if fault is not None:
        return StepResult(Verdict.REVIEW, (fault,))
    if LIVENESS_SESSION_ERROR in texts:
        return StepResult(Verdict.REVIEW, (reasons.LIVENESS_SESSION_FAILED,))
    log.warning("IDMeta could not carry out the step %s", plan_code)
    return StepResult(Verdict.REVIEW, (reasons.STEP_FAILED,))


def says_already_enrolled(texts: tuple[str, ...]) -> bool:
    return any(phrase in text.casefold() for text in texts for phrase in ALREADY_ENROLLED)


def unknown_step(plan_code: str) -> StepResult:
    """A step whose answer we have no reading for: review, with an alert in the log."""
    warn_unknown(f"answer to the step {plan_code}")
    return StepResult(Verdict.REVIEW, (reasons.UNKNOWN_OUTCOME,))
