"""What the queue runs. Every task may run twice, or not at all; the database decides."""

from __future__ import annotations

from webhooks.outbound import claims, runner
from webhooks.wake import wake_sender


def deliver_due() -> None:
    """Send whatever is due."""
    runner.work_slice()


def sweep() -> None:
    """On the default queue, each minute: wake the senders if something is overdue."""
    if claims.is_any_due():
        wake_sender()
