"""The ledger of vendor calls: reserved before, settled after, so that no cost goes unseen."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import structlog
from django.db import connection
from django.utils.timezone import now

from common import correlation, plain_sql
from providers.errors import ProviderError, UnreadableAnswer
from verifications.models import (
    CallStatus,
    Operation,
    ProviderCall,
    Session,
    Step,
    Verification,
)

log = structlog.get_logger("verifications.ledger")

T = TypeVar("T")
LONGEST_CURRENCY = 3
LARGEST_PRICE = Decimal(10) ** 8
UNSETTLED = (CallStatus.RESERVED, CallStatus.UNKNOWN)


def reservation(
    session: Session,
    operation: Operation,
    *,
    fence: int,
    step: Step | None = None,
    pricing: Mapping[str, str] | None = None,
) -> ProviderCall:
    """The row of a call about to be made, unsaved; commit it before making the call.

    pricing: what the vendor's plan costs, `{amount, currency}`, as far as the vendor says.
    """
    amount, currency = _price(pricing or {})
    return ProviderCall(
        session_id=session.pk,
        step_id=step.pk if step else None,
        provider_account_id=session.provider_account_id,
        operation=operation,
        plan_code=step.plan_code if step else "",
        fence=fence,
        correlation_id=correlation.current() or "",
        price_amount=amount,
        price_currency=currency,
    )


def perform(call: ProviderCall, make: Callable[[], T]) -> T:
    """Make a reserved call. A failure is settled here and raised as ProviderError.

    A call that was answered is settled in memory alone: its row belongs to the same transaction
    as the outcome it brought. An adapter that crashes on an answer counts as an unreadable answer:
    the vendor has been called, and what it said is not known.
    """
    refuse_open_transaction()
    lend_connection()
    started = time.perf_counter()
    try:
        answer = make()
    except ProviderError as error:
        _settle_failure(call, error, _elapsed_ms(started))
        raise
    except Exception as crash:
        log.exception("adapter_crashed")
        unreadable = UnreadableAnswer("The provider's answer could not be understood")
        _settle_failure(call, unreadable, _elapsed_ms(started))
        raise unreadable from crash
    call.status, call.settled_at = CallStatus.DONE, now()
    call.duration_ms = _elapsed_ms(started)
    return answer


def lost_opens(session: Session) -> int:
    """Starts at the provider of unknown outcome, since the session was last taken up anew."""
    lost = session.provider_calls.filter(operation=Operation.OPEN, status__in=UNSETTLED)
    if session.requeued_at is not None:
        lost = lost.filter(created_at__gt=session.requeued_at)
    return lost.count()


def lost_calls(step: Step) -> list[datetime]:
    """When a step's calls of unknown outcome were booked, just before they were made."""
    lost = step.provider_calls.filter(operation=Operation.STEP, status__in=UNSETTLED)
    return list(lost.values_list("created_at", flat=True))


def settle_unsettled(step: Step, status: CallStatus) -> None:
    """Say of a step's calls of unknown outcome what has been found out since."""
    step.provider_calls.filter(operation=Operation.STEP, status__in=UNSETTLED).update(
        status=status, settled_at=now()
    )


def give_up_on_reserved(session: Session, *, before_fence: int) -> None:
    """Calls an earlier owner reserved and never settled: nobody knows how they ended."""
    session.provider_calls.filter(status=CallStatus.RESERVED, fence__lt=before_fence).update(
        status=CallStatus.UNKNOWN, settled_at=now()
    )


def give_up_on_calls_of(verification: Verification) -> None:
    """Calls under way when a verification is stopped: their answers will not be stored."""
    ProviderCall.objects.filter(
        session__verification=verification, status=CallStatus.RESERVED
    ).update(status=CallStatus.UNKNOWN, settled_at=now())


def refuse_open_transaction() -> None:
    """A vendor call inside a transaction would hold locks, and a connection, for its whole
    duration; that is a bug of ours."""
    if connection.in_atomic_block:
        raise RuntimeError("A provider must not be called inside a database transaction")


def lend_connection() -> None:
    """Give a pooled connection back: while this thread only waits, others need it."""
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close()


def _price(pricing: Mapping[str, str]) -> tuple[Decimal | None, str]:
    """Nothing where the vendor's text is no price: a cost is then unknown, not nought."""
    currency = pricing.get("currency", "")
    try:
        amount = Decimal(pricing.get("amount", ""))
    except InvalidOperation:
        return None, ""
    is_price = amount.is_finite() and 0 <= amount < LARGEST_PRICE
    if not is_price or len(currency) > LONGEST_CURRENCY:
        return None, ""
    return amount, currency


def _settle_failure(call: ProviderCall, error: ProviderError, duration_ms: int) -> None:
    plain_sql.update(
        ProviderCall,
        {"pk": call.pk},
        status=CallStatus(error.arrival.value),
        error_code=error.code,
        http_status=error.http_status,
        duration_ms=duration_ms,
        settled_at=now(),
    )


def _elapsed_ms(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
