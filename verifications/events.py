"""The event log: one row per thing that happened, numbered without gaps.

`recorded` fires inside the transaction, where a failure undoes the change; `committed` fires after
it, where a failure is logged and harms nobody.
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from django.db import connection, transaction
from django.dispatch import Signal
from django.utils.timezone import now

from common import plain_sql
from providers.types import Json
from verifications.models import Verification, VerificationEvent

log = structlog.get_logger("verifications.events")

TAKE_NUMBER = (
    "UPDATE verifications SET event_sequence = event_sequence + 1 WHERE id = %s "
    "RETURNING event_sequence"
)

recorded = Signal()
committed = Signal()


class EventType(StrEnum):
    CREATED = "verification.created"
    STEP_COMPLETED = "verification.step.completed"
    COMPLETED = "verification.completed"
    FAILED = "verification.failed"
    REVIEW = "verification.review"
    CANCELLED = "verification.cancelled"
    EXPIRED = "verification.expired"
    REQUEUED = "verification.requeued"
    REVISED = "verification.revised"


def record(verification: Verification, type_: EventType, **data: Json) -> VerificationEvent:
    """Append to the log, in the transaction of the change it tells of.

    data: camelCase, no personal data; it goes out to sockets and webhooks as it is. The row lock
    taken by the counter makes two writers take turns, so that the sequence has no gap.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of the change it tells of")
    return append(verification, _next_number(verification), type_, data)


def append(
    verification: Verification, sequence: int, type_: EventType, data: dict[str, Json]
) -> VerificationEvent:
    """Write an event whose number the caller has already taken."""
    event = VerificationEvent(
        verification=verification,
        sequence=sequence,
        type=type_.value,
        data=data,
        created_at=now(),
    )
    plain_sql.insert(event)
    recorded.send(sender=VerificationEvent, event=event)
    transaction.on_commit(partial(_announce, event))
    return event


def _next_number(verification: Verification) -> int:
    """Counted up and read in one statement, for which Django's ORM has no words."""
    pk = verification._meta.pk.get_db_prep_value(verification.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(TAKE_NUMBER, [pk])
        (number,) = cursor.fetchone()
    return int(number)


def envelope(event: VerificationEvent) -> dict[str, Any]:
    """What every transport publishes."""
    return {
        "id": str(event.pk),
        "type": event.type,
        "verificationId": str(event.verification_id),
        "sequence": event.sequence,
        "timestamp": event.created_at.isoformat().replace("+00:00", "Z"),
        "data": event.data,
    }


def _announce(event: VerificationEvent) -> None:
    for receiver, answer in committed.send_robust(sender=VerificationEvent, event=event):
        if isinstance(answer, Exception):
            log.error(
                "event_receiver_failed",
                where=getattr(receiver, "__name__", ""),
                error_type=type(answer).__name__,
            )
