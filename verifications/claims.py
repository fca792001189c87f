"""Who may work on a session: a lease with a fence.

A claim takes a free session for `LEASE` seconds and raises its fence. Every later write names the
fence, so an owner that was too slow, and whose session another one took over, cannot write any
more. Leases run by the database's clock: those of the machines may differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, Exists, Min, OuterRef, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils.timezone import now

from common import plain_sql
from verifications.models import SessionStatus, Status, Verification
from verifications.models.session import OPEN_SESSIONS, Session

CONCLUDED = (SessionStatus.COMPLETED,)


class LeaseLost(Exception):
    """Somebody else owns the session now, or it has ended (cancelled, expired)."""


@dataclass(frozen=True, slots=True)
class Lease:
    """statuses: the session must still have one of them for the owner to write."""

    session_id: UUID
    fence: int
    statuses: tuple[SessionStatus, ...] = OPEN_SESSIONS

    @property
    def is_first(self) -> bool:
        """Whether nobody has worked on the session before."""
        return self.fence == 1

    @property
    def is_follow_up(self) -> bool:
        return self.statuses == CONCLUDED


def claim(session_id: UUID) -> Lease | None:
    """Take a free, open session, whether due or not; None if it cannot be had, or if its
    verification has expired.

    The first claim moves its verification from pending to in_progress.
    """
    with transaction.atomic():
        leases = _take_open(_workable().filter(pk=session_id).select_for_update())
    return leases[0] if leases else None


def claim_follow_up(session_id: UUID) -> Lease | None:
    """Take a session whose outcome is stored, and whose provider is to be asked again by now."""
    with transaction.atomic():
        leases = _take_concluded(_to_ask_again().filter(pk=session_id).select_for_update())
    return leases[0] if leases else None


def claim_due(limit: int) -> list[Lease]:
    """Take sessions nobody works on whose time has come: first those without an outcome, longest
    waiting first.

    Those that another worker takes at this moment are passed over.
    """
    with transaction.atomic():
        leases = _take_open(_due().select_for_update(skip_locked=True)[:limit])
        if len(leases) < limit:
            again = _to_ask_again().select_for_update(skip_locked=True)
            leases += _take_concluded(again[: limit - len(leases)])
    return leases


def _take_open(locked: QuerySet[Session]) -> list[Lease]:
    found = list(locked.values_list("pk", "fence", "verification_id"))
    first = tuple(verification_id for _, fence, verification_id in found if fence == 0)
    fences = {session_id: fence for session_id, fence, _ in found}
    _take(fences, status=SessionStatus.IN_PROGRESS)
    plain_sql.update(
        Verification,
        {"pk": first, "status": Status.PENDING},
        status=Status.IN_PROGRESS,
        updated_at=now(),
    )
    return [Lease(session_id, fence + 1) for session_id, fence in fences.items()]


def _take_concluded(locked: QuerySet[Session]) -> list[Lease]:
    fences = dict(locked.values_list("pk", "fence"))
    _take(fences)
    return [Lease(session_id, fence + 1, CONCLUDED) for session_id, fence in fences.items()]


def _take(fences: Mapping[UUID, int], **changes: Any) -> None:
    """One statement for all that were claimed equally often; mostly that is all of them."""
    by_fence: dict[int, list[UUID]] = defaultdict(list)
    for session_id, fence in fences.items():
        by_fence[fence].append(session_id)
    moment = now()
    for fence, ids in by_fence.items():
        begun = {"started_at": moment} if fence == 0 else {}
        plain_sql.update(
            Session,
            {"pk": tuple(ids)},
            lease_until=_renewed(settings.LEASE),
            fence=fence + 1,
            updated_at=moment,
            **begun,
            **changes,
        )


def hold(lease: Lease, **changes: Any) -> None:
    """Renew the lease and change the session, or raise LeaseLost.

    The first statement of every transaction that stores something for the session: it locks the
    row, so that what follows is written by the owner or not at all.
    """
    changes.setdefault("lease_until", _renewed(settings.LEASE))
    own = {"pk": lease.session_id, "fence": lease.fence, "status": lease.statuses}
    if not plain_sql.update(Session, own, updated_at=now(), **changes):
        raise LeaseLost


def release(lease: Lease, *, due_at: datetime, **changes: Any) -> None:
    """Give the session back; it is due again at `due_at`."""
    hold(lease, lease_until=None, next_attempt_at=due_at, **changes)


def release_now(lease: Lease) -> None:
    """Give the session back, due at once."""
    release(lease, due_at=now())


def due_sessions(limit: int) -> Sequence[UUID]:
    """Sessions nobody works on whose time has come: first those without an outcome, longest
    waiting first.
    """
    due = list(_due().values_list("pk", flat=True)[:limit])
    if len(due) < limit:
        due += _to_ask_again().values_list("pk", flat=True)[: limit - len(due)]
    return due


def is_any_due() -> bool:
    return bool(due_sessions(1))


def backlog() -> tuple[int, datetime | None]:
    """How many sessions wait for a worker, and since when the first of them does."""
    found = _due().aggregate(count=Count("pk"), first=Min("next_attempt_at"))
    return found["count"], found["first"]


def _workable() -> QuerySet[Session]:
    return Session.objects.filter(_is_free(), _is_in_time(), status__in=OPEN_SESSIONS)


def _due() -> QuerySet[Session]:
    return _workable().filter(next_attempt_at__lte=now()).order_by("next_attempt_at")


def _to_ask_again() -> QuerySet[Session]:
    asked = Session.objects.filter(_is_free(), status__in=CONCLUDED, ask_again_at__lte=now())
    return asked.order_by("ask_again_at")


def free_now() -> Case:
    """A column that tells whether nobody works on a session."""
    return Case(When(_is_free(), then=True), default=False)


def _is_free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lte=Now())


def _is_in_time() -> Exists:
    """Whether the verification has not expired; those that have are the sweep's.

    No join: the verification would be locked with its session.
    """
    verification = Verification.objects.filter(pk=OuterRef("verification_id"))
    return Exists(verification.filter(expires_at__gt=now()))


@lru_cache(maxsize=8)
def _renewed(seconds: float) -> plain_sql.Computed:
    return plain_sql.Computed(Now() + timedelta(seconds=seconds))
