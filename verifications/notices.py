"""A provider has called us about a verification. That is a hint and never more: whatever a notice
says, only the provider's own answer to our question changes anything.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from providers.types import InboundNotice
from verifications import claims
from verifications.models import Decision, Session, SessionStatus, Status
from verifications.models.session import OPEN_SESSIONS
from verifications.models.verification import SEALED_COLUMNS
from verifications.wake import wake_worker

log = structlog.get_logger("verifications.notices")


class Noticed(StrEnum):
    """What a notice led to.

    UNKNOWN: no verification has the id (yet). BUSY: somebody works on it right now. The others are
    final. ASKING: the provider is asked at once. WORKED_ANYWAY: it is on its way to the question.
    NOTHING_NEW: it says what we know. OVER: cancelled, expired or technically failed.
    """

    UNKNOWN = "verification_unknown"
    BUSY = "verification_busy"
    ASKING = "provider_asked"
    WORKED_ANYWAY = "worked_anyway"
    NOTHING_NEW = "nothing_new"
    OVER = "verification_over"


@transaction.atomic
def provider_notified(*, provider_account_id: UUID, notice: InboundNotice) -> Noticed:
    """Have the provider asked at once if the notice may have something new to tell.

    Repeating it does no harm, and no order of several makes a difference in the end.
    """
    session = _sessions(provider_account_id, notice).select_for_update(of=("self",)).first()
    if session is None:
        return Noticed.UNKNOWN
    if not session.is_free and notice.is_terminal:
        return Noticed.BUSY
    if session.status in OPEN_SESSIONS:
        return _about_open(session)
    return _about_ended(session, notice)


def is_news(*, provider_account_id: UUID, notice: InboundNotice) -> bool:
    """Whether a notice contradicts the provider's last word about a verification."""
    session = _sessions(provider_account_id, notice).first()
    return session is not None and _contradicts(session, notice)


def _sessions(provider_account_id: UUID, notice: InboundNotice) -> QuerySet[Any]:
    """Those that have the id, newest first, with `is_free`; there is one at most."""
    return (
        Session.objects.select_related("verification")
        .defer(*(f"verification__{column}" for column in SEALED_COLUMNS))
        .filter(
            verification__provider_account=provider_account_id,
            verification__external_id=notice.external_id,
        )
        .annotate(is_free=claims.free_now())
        .order_by("-id")
    )


def _about_open(session: Session) -> Noticed:
    if session.status != SessionStatus.WAITING:
        return Noticed.WORKED_ANYWAY
    moment = now()
    _change(session, notified_at=moment, next_attempt_at=moment)
    return Noticed.ASKING


def _about_ended(session: Session, notice: InboundNotice) -> Noticed:
    if session.verification.decision is None or _is_cancelled(session):
        return Noticed.OVER
    if not _contradicts(session, notice):
        return Noticed.NOTHING_NEW
    moment = now()
    _change(session, notified_at=moment, ask_again_at=moment)
    return Noticed.ASKING


def _contradicts(session: Session, notice: InboundNotice) -> bool:
    """A notice whose verdict we cannot read may say anything."""
    if session.status != SessionStatus.COMPLETED or not notice.is_terminal:
        return False
    return notice.verdict is None or notice.verdict != session.provider_verdict


def _is_cancelled(session: Session) -> bool:
    """Out of a review: its session had its outcome before."""
    verification = session.verification
    return verification.decision == Decision.REVIEW and verification.status != Status.IN_PROGRESS


def _change(session: Session, **changes: object) -> None:
    Session.objects.filter(pk=session.pk).update(updated_at=now(), **changes)
    wake_worker()
    log.info("provider_to_be_asked", verification_id=str(session.verification_id))
