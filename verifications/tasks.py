"""What the queue runs. Every task may run twice, or not at all; the database decides."""

from __future__ import annotations

from verifications import claims, evidence_store, runner, services
from verifications.wake import wake_worker


def work_due() -> None:
    """Work whatever is due."""
    runner.work_slice()


def sweep() -> None:
    """Find what got lost: expired verifications, sessions nobody works on, pictures to purge."""
    services.expire_overdue()
    evidence_store.purge()
    if claims.due_sessions(1):
        wake_worker()


def purge_orphans() -> None:
    """Delete pictures' files that a crash left without a row."""
    evidence_store.purge_orphans()
