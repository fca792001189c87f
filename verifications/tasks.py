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
    if claims.is_any_due():
        wake_worker()
    # Last, for a storage that fails must hold up nothing else.
    evidence_store.purge()


def purge_orphans() -> None:
    """Delete pictures' files that a crash left without a row."""
    evidence_store.purge_orphans()
