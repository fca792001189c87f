"""Who listens to which event."""

from __future__ import annotations

from typing import Any

import structlog

from verifications import events
from verifications.models import VerificationEvent

log = structlog.get_logger("kyc_adapter.events")


def connect() -> None:
    events.committed.connect(log_event, dispatch_uid="log_event")


def log_event(sender: Any, event: VerificationEvent, **kwargs: Any) -> None:
    """One log line per event; operators follow a verification by its id."""
    log.info(
        "verification_event",
        type=event.type,
        sequence=event.sequence,
        verification_id=str(event.verification_id),
        decision=event.data.get("decision"),
    )
