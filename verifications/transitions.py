"""Which status may follow which. The only place that says so."""

from __future__ import annotations

from django.utils.timezone import now

from common import plain_sql
from verifications.models import Status, Verification

ENDS = frozenset({Status.COMPLETED, Status.FAILED, Status.EXPIRED, Status.CANCELLED})
ALLOWED: dict[Status, frozenset[Status]] = {
    Status.PENDING: ENDS | {Status.IN_PROGRESS},
    # in_progress stays what it is when a human must look; only the decision changes.
    Status.IN_PROGRESS: ENDS | {Status.IN_PROGRESS},
    **dict.fromkeys(ENDS, frozenset()),
}


class TransitionNotAllowed(Exception):
    """The verification is in a state that the wanted one cannot follow."""


def reopen(verification: Verification, **changes: object) -> None:
    """Take a technical failure up again: the one way out of an end (decision 0009).

    There is no verdict about the person that could be taken back. Raises TransitionNotAllowed.
    """
    reopened = Verification.objects.filter(
        pk=verification.pk, status=Status.FAILED, decision=None
    ).update(status=Status.IN_PROGRESS, error=None, completed_at=None, updated_at=now(), **changes)
    if not reopened:
        raise TransitionNotAllowed
    verification.status = Status.IN_PROGRESS


def sources(target: Status) -> tuple[Status, ...]:
    """The states from which `target` may be reached."""
    return tuple(status for status, following in ALLOWED.items() if target in following)


def move(verification: Verification, status: Status, **changes: object) -> None:
    """Change the status, and what changes with it, if that is allowed from what it is now.

    Raises TransitionNotAllowed, and writes nothing then: reading and writing are one statement.
    """
    movable = {"pk": verification.pk, "status": sources(status)}
    if not plain_sql.update(Verification, movable, status=status, updated_at=now(), **changes):
        raise TransitionNotAllowed
    verification.status = status
