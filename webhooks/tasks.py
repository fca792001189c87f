"""What the queue runs. Every task may run twice, or not at all; the database decides."""

from __future__ import annotations

from webhooks.inbound import processing
from webhooks.outbound import claims, retention, runner
from webhooks.wake import wake_processor, wake_sender


def deliver_due() -> None:
    """Send whatever is due."""
    runner.work_slice()


def process_inbound() -> None:
    """Process whatever providers have sent. On the default queue."""
    processing.process_due()


def sweep() -> None:
    """On the default queue, each minute: wake who has something overdue; delete what is old."""
    if claims.is_any_due():
        wake_sender()
    if processing.is_any_due():
        wake_processor()
    processing.purge()
    retention.purge()
