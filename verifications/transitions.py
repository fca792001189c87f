"""Which status may follow which. The only place that says so."""

from __future__ import annotations

from verifications.models import Status

ALLOWED: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset(
        {
            Status.IN_PROGRESS,
            Status.COMPLETED,
            Status.FAILED,
            Status.EXPIRED,
            Status.CANCELLED,
        }
    ),
    Status.IN_PROGRESS: frozenset(
        {
            Status.IN_PROGRESS,
            Status.COMPLETED,
            Status.FAILED,
            Status.EXPIRED,
            Status.CANCELLED,
        }
    ),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.CANCELLED: frozenset(),
}
OPEN = tuple(status for status, following in ALLOWED.items() if following)


class TransitionNotAllowed(Exception):
    """The verification is in a state that the wanted one cannot follow."""


def sources(target: Status) -> tuple[Status, ...]:
    """The states from which `target` may be reached."""
    return tuple(status for status, following in ALLOWED.items() if target in following)
