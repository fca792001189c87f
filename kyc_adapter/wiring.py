"""Who listens to which event."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings

from kyc_adapter.worker.due import DueSource
from verifications import claims, events
from verifications.models import VerificationEvent
from verifications.sockets import announce
from verifications.wake import wake_worker
from webhooks.inbound import processing
from webhooks.outbound import claims as outbound_claims
from webhooks.outbound.services import queue_deliveries
from webhooks.wake import QUEUE, wake_processor, wake_sender

log = structlog.get_logger("kyc_adapter.events")


def due_sources() -> list[DueSource]:
    """Which rows become due, on which queue; the worker's supervisor looks each second."""
    return [
        DueSource(settings.Q_CLUSTER["name"], claims.is_any_due, wake_worker),
        DueSource(settings.Q_CLUSTER["name"], processing.is_any_due, wake_processor),
        DueSource(QUEUE, outbound_claims.is_any_due, wake_sender),
    ]


def connect() -> None:
    events.recorded.connect(queue_deliveries, dispatch_uid="queue_deliveries")
    events.committed.connect(log_event, dispatch_uid="log_event")
    events.committed.connect(announce.announce, dispatch_uid="wake_sockets")


def log_event(sender: Any, event: VerificationEvent, **kwargs: Any) -> None:
    """One log line per event; operators follow a verification by its id."""
    log.info(
        "verification_event",
        type=event.type,
        sequence=event.sequence,
        verification_id=str(event.verification_id),
        decision=event.data.get("decision"),
    )
