"""From a turn to its outcome: what the steps found and the provider said, put together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.timezone import now

from providers.base import FinalizesSession
from providers.types import Reason, RiskLevel, StepResult, Verdict
from verifications.models import Session, StepStatus
from verifications.turn import Turn
from verifications.unified_result import Conclusion, StepOutcome, conclude

MAYBE_BILLED = Reason(
    "outcome_unknown",
    RiskLevel.MEDIUM,
    "Nobody can tell whether a step was carried out; it was not sent again",
)
OVER = (StepStatus.DONE, StepStatus.ANSWER_LOST)


def conclusion_of(turn: Turn) -> Conclusion:
    """A step that is not over is one whose outcome nobody knows; then nothing is approved."""
    verification = turn.session.verification
    over = [
        StepOutcome(
            kind=step.step_kind,
            result=StepResult.from_json(step.outcome) if step.status == StepStatus.DONE else None,
        )
        for step in turn.steps
        if step.status in OVER
    ]
    is_outcome_unknown = len(over) < len(turn.steps)
    return conclude(
        over,
        turn.final,
        expectations=verification.expectations,
        provider=verification.provider.slug,
        started_at=turn.session.started_at or verification.created_at,
        ended_at=now(),
        extra_reasons=[MAYBE_BILLED] if is_outcome_unknown else [],
        settled_codes=_settled_codes(turn),
    )


def provider_word(turn: Turn) -> dict[str, Any]:
    """What the session keeps of the provider's final word, and when it is asked again.

    Only a provider that wants a review is asked again by itself: its word is still to come.
    """
    final = turn.final
    if final is None:
        return {}
    session = turn.session
    return {
        "provider_verdict": final.verdict,
        "had_reviewer": session.had_reviewer or final.is_with_reviewer,
        "ask_again_at": next_question(session) if final.verdict is Verdict.REVIEW else None,
    }


def next_question(session: Session) -> datetime | None:
    """When to ask again about an outcome: after as long as we have waited already, up to a limit.

    The wait begins with the outcome, and anew when the provider calls us. None when it has been
    long enough.
    """
    moment = now()
    begun_at = max(filter(None, (session.completed_at, session.notified_at)), default=moment)
    waited = moment - begun_at
    if waited > timedelta(days=settings.REVIEW_ASK_AGAIN_DAYS):
        return None
    return moment + growing_pause(waited, settings.REVIEW_ASK_AGAIN_AT_MOST)


def growing_pause(waited: timedelta, at_most: float) -> timedelta:
    """Until the provider is asked again: as long as we have waited already, up to `at_most` s.

    What has been waited is in the database, so a restart changes nothing.
    """
    pause = max(timedelta(seconds=settings.ASK_AGAIN_AFTER), waited)
    return min(pause, timedelta(seconds=at_most))


def _settled_codes(turn: Turn) -> frozenset[str]:
    """The doubts that are gone now, because a reviewer at the provider has looked."""
    adapter, final = turn.adapter, turn.final
    if not isinstance(adapter, FinalizesSession) or final is None:
        return frozenset()
    has_passed_review = turn.session.had_reviewer and final.verdict is Verdict.PASSED
    return adapter.settled_by_reviewer if has_passed_review else frozenset()
