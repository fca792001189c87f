"""How a verification ends, with an outcome or without one: written once, under a lease."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from common import crash_points
from providers.errors import ProviderError
from providers.types import Json, Verdict
from tenants.models import Account
from tenants.services import account_of_person
from verifications import claims
from verifications.events import EventType, record
from verifications.models import (
    Decision,
    Revision,
    SessionStatus,
    Status,
    Step,
    StepStatus,
    Verification,
)
from verifications.transitions import move
from verifications.unified_result import Conclusion


@dataclass(frozen=True, slots=True)
class TechnicalFailure:
    """Why there is no verdict. All of it is ours, without personal data."""

    code: str
    message: str
    retryable: bool
    suggested_action: str

    def to_json(self) -> dict[str, Json]:
        """The API's `error` object."""
        return {
            "code": self.code,
            "message": self.message,
            "retryable": self.retryable,
            "suggestedAction": self.suggested_action,
        }


RETRY_LATER = "Send the request again later"
TELL_THE_OPERATOR = "Ask the operator to check the provider's address, credentials and licence"

FINAL_STATUS = {
    Verdict.PASSED: (Status.COMPLETED, Decision.APPROVED, EventType.COMPLETED),
    Verdict.FAILED: (Status.FAILED, Decision.DECLINED, EventType.FAILED),
    Verdict.REVIEW: (Status.IN_PROGRESS, Decision.REVIEW, EventType.REVIEW),
}


def action_after(error: ProviderError) -> str:
    """What the caller may do about a provider's failure."""
    return RETRY_LATER if error.retryable else TELL_THE_OPERATOR


def conclude(
    *,
    lease: claims.Lease,
    verification: Verification,
    conclusion: Conclusion,
    **session_changes: Any,
) -> None:
    """Write the outcome, or what a review has come to, once; in the caller's transaction.

    Raises LeaseLost if the session has another owner by now.
    """
    status, decision, event_type = FINAL_STATUS[conclusion.verdict]
    moment = now()
    claims.hold(
        lease,
        status=SessionStatus.COMPLETED,
        lease_until=None,
        completed_at=moment,
        progress_percentage=100,
        last_progress_message="Done",
        **session_changes,
    )
    account = _account_of(verification, conclusion)
    verification.result = conclusion.result
    move(
        verification,
        status,
        decision=decision,
        sealed_result=verification.sealed_result,
        account=account,
        completed_at=None if conclusion.verdict is Verdict.REVIEW else moment,
    )
    record(
        verification,
        event_type,
        status=status.value,
        decision=decision.value,
        reasonCodes=[reason.code for reason in conclusion.reasons],
    )
    crash_points.reach("end.before_commit")
    transaction.on_commit(partial(crash_points.reach, "end.after_commit"))


def revise(
    *,
    lease: claims.Lease,
    verification: Verification,
    conclusion: Conclusion,
    previous: Decision,
    **session_changes: Any,
) -> None:
    """Write down that the provider has corrected itself; the verification stays as it ended.

    previous: the decision that stood until now. Raises LeaseLost.
    """
    _, decision, _ = FINAL_STATUS[conclusion.verdict]
    codes: list[Json] = [reason.code for reason in conclusion.reasons]
    with transaction.atomic():
        claims.hold(lease, lease_until=None, **session_changes)
        revision = Revision(
            verification=verification,
            number=verification.revisions.count() + 1,
            decision=decision,
            previous_decision=previous,
            reason_codes=codes,
            created_at=now(),
        )
        revision.result = conclusion.result
        revision.save(force_insert=True)
        record(
            verification,
            EventType.REVISED,
            status=verification.status,
            revision=revision.number,
            decision=decision.value,
            previousDecision=previous.value,
            reasonCodes=codes,
        )


def fail_technically(
    *,
    lease: claims.Lease,
    verification: Verification,
    failure: TechnicalFailure,
    is_dead_letter: bool = False,
) -> None:
    """End without a verdict about the person.

    is_dead_letter: nobody waits to send the request again, so an operator may have it run again.
    """
    moment = now()
    error = failure.to_json()
    with transaction.atomic():
        claims.hold(
            lease,
            status=SessionStatus.FAILED,
            lease_until=None,
            failed_at=moment,
            dead_at=moment if is_dead_letter else None,
            last_progress_message=failure.message[:200],
        )
        Step.objects.filter(session=lease.session_id, status=StepStatus.RUNNING).update(
            status=StepStatus.FAILED
        )
        move(verification, Status.FAILED, error=error, completed_at=moment)
        record(
            verification,
            EventType.FAILED,
            status=Status.FAILED.value,
            decision=None,
            error=error,
        )


def _account_of(verification: Verification, conclusion: Conclusion) -> Account | None:
    """Who was verified: the account the tenant named, else the one of the document's holder."""
    if verification.account is not None or conclusion.verdict is not Verdict.PASSED:
        return verification.account
    return account_of_person(tenant=verification.tenant, extracted=conclusion.extracted)
