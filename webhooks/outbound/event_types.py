"""Which events are sent to tenants."""

from __future__ import annotations

from verifications.events import EventType

# How a verification ends, or stops for a human, and what a provider corrects later.
OUTCOMES = (
    EventType.COMPLETED,
    EventType.FAILED,
    EventType.REVIEW,
    EventType.CANCELLED,
    EventType.EXPIRED,
    EventType.REVISED,
)
# An endpoint may ask for these; a verification's own webhookUrl gets the outcomes.
OFFERED = (*OUTCOMES, EventType.STEP_COMPLETED)
TEST = "webhook.test"
