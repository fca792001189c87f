"""Dead letters: verifications that ended for a technical reason with nobody waiting for them.

A caller that was told of the failure sends the request again; these are for an operator, who has
them run again once the cause is mended. They go on where they stopped, under the same id.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from verifications.events import EventType, record
from verifications.models import Session, SessionStatus, Status, Step, StepStatus, Verification
from verifications.models.verification import SEALED_COLUMNS
from verifications.transitions import TransitionNotAllowed, reopen
from verifications.wake import wake_worker

log = structlog.get_logger("verifications.dead_letters")


def dead_letters() -> QuerySet[Session]:
    """The sessions, longest dead first, with what a list of them shows."""
    return (
        Session.objects.filter(dead_at__isnull=False)
        .select_related("verification__tenant", "verification__provider")
        .defer(*(f"verification__{column}" for column in SEALED_COLUMNS))
        .order_by("dead_at")
    )


def run_again(verification: Verification) -> None:
    """Have a worker take up a dead letter. Raises TransitionNotAllowed if it is none (any more).

    It gets as much time until it expires as it had at first.
    """
    moment = now()
    begun_at = verification.session.requeued_at or verification.created_at
    with transaction.atomic():
        _reopen_session(verification, moment)
        reopen(verification, expires_at=moment + (verification.expires_at - begun_at))
        record(verification, EventType.REQUEUED, status=Status.IN_PROGRESS.value)
        wake_worker()
    log.info("dead_letter_requeued", verification_id=str(verification.pk))


def _reopen_session(verification: Verification, moment: datetime) -> None:
    reopened = Session.objects.filter(verification=verification, dead_at__isnull=False).update(
        status=SessionStatus.PENDING,
        dead_at=None,
        failed_at=None,
        attempts=0,
        next_attempt_at=moment,
        requeued_at=moment,
        last_progress_message="",
        updated_at=moment,
    )
    if not reopened:
        raise TransitionNotAllowed
    # As if their owner had died: what may have been carried out is looked up before it is sent.
    Step.objects.filter(session__verification=verification, status=StepStatus.FAILED).update(
        status=StepStatus.RUNNING
    )
