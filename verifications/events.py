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

    data: camelCase, no personal data; it goes out to sockets and webhooks as it is. The change has
    locked the session, or the verification: two writers take turns, so the numbers have no gap.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of the change it tells of")
    event = VerificationEvent(
        verification=verification, type=type_.value, data=data, created_at=now()
    )
    plain_sql.insert_numbered(event, "sequence", within="verification")
    recorded.send(sender=VerificationEvent, event=event)
    transaction.on_commit(partial(_announce, event))
    return event


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
