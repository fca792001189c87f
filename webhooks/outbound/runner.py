"""Sends due deliveries on threads. The threads only send; this one reads and writes the database.

So a thread holds no connection, and what ends at the same time is written in one transaction.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, OperationalError, connections
from django.utils.timezone import now

from common import signing_secrets, stopping
from tenants.services import webhook_secrets
from webhooks.models import WebhookDelivery
from webhooks.outbound import claims, outcomes, sender
from webhooks.outbound.payloads import body_of
from webhooks.outbound.receivers import Receivers
from webhooks.outbound.sender import Outcome, Parcel, Refusal
from webhooks.wake import wake_sender

log = structlog.get_logger("webhooks.runner")

LOOK_AGAIN_SECONDS = 0.2
# What ends within this time is written, and replaced, in one transaction.
GATHER_SECONDS = 0.01


def work_slice() -> None:
    """Send until nothing is due, the time slice is over, or this process is to stop."""
    if stopping.is_asked():
        return
    work = _Slice()
    try:
        if not work.is_done():
            wake_sender()
    finally:
        work.close()


class _Slice:
    """The deliveries that one worker sends during one time slice."""

    def __init__(self) -> None:
        self._until = time.monotonic() + settings.WORKER_SLICE
        self._threads = ThreadPoolExecutor(settings.WEBHOOK_THREADS, "webhook")
        self._running: dict[Future[Outcome], WebhookDelivery] = {}
        self._unwritten: list[outcomes.Sent] = []
        self._receivers = Receivers()

    def is_done(self) -> bool:
        """Send what is due; True if nothing was left, False if time was up."""
        while time.monotonic() < self._until and not stopping.is_asked():
            self._begin()
            if self._is_idle:
                return True
            self._end_some()
        return False

    def close(self) -> None:
        """Wait for what is under way (a receiver has a time limit), and for the database."""
        patience = time.monotonic() + settings.WEBHOOK_TIMEOUT
        while self._running or (self._unwritten and time.monotonic() < patience):
            self._end_some()
        self._threads.shutdown()

    @property
    def _is_idle(self) -> bool:
        return not self._running and not self._unwritten

    def _begin(self) -> None:
        free = settings.WEBHOOK_THREADS - len(self._running)
        for delivery in self._claimed(free) if free else ():
            try:
                future = self._threads.submit(sender.send, parcel_of(delivery))
            except Exception:
                log.exception("webhook_not_prepared", delivery_id=str(delivery.pk))
                future = Future()
                future.set_result(Outcome(datetime.now(UTC), 0, error=Refusal.INTERNAL.value))
            self._running[future] = delivery

    def _claimed(self, limit: int) -> list[WebhookDelivery]:
        """None while the database fails, as long as there are outcomes to be written later."""
        try:
            return claims.claim_due(limit, self._receivers)
        except OperationalError:
            if self._is_idle:
                raise
            _note_outage("webhooks_not_claimed")
            return []

    def _end_some(self) -> None:
        time.sleep(GATHER_SECONDS if self._running else LOOK_AGAIN_SECONDS)
        ended, _ = wait(self._running, LOOK_AGAIN_SECONDS, FIRST_COMPLETED)
        for future in ended:
            delivery, outcome = self._running.pop(future), future.result()
            self._receivers.leave(delivery.receiver, was_slow=sender.was_slow(outcome))
            self._unwritten.append((delivery, outcome))
        if self._unwritten:
            self._write()

    def _write(self) -> None:
        """Keep what an outage of the database keeps from being written, for the next time."""
        try:
            outcomes.store(self._unwritten)
        except OperationalError:
            _note_outage("webhook_outcomes_not_stored")
        except DatabaseError:
            log.exception("webhook_outcome_not_stored")
            self._write_one_by_one()
        else:
            self._unwritten = []

    def _write_one_by_one(self) -> None:
        """One that cannot be written must not take the others with it."""
        for sent in self._unwritten:
            try:
                outcomes.store([sent])
            except DatabaseError:
                log.exception("webhook_outcome_lost", delivery_id=str(sent[0].pk))
        self._unwritten = []


def _note_outage(event: str) -> None:
    log.exception(event)
    connections.close_all()


def parcel_of(delivery: WebhookDelivery) -> Parcel:
    """What an attempt at this delivery sends now."""
    held = delivery.endpoint.secrets if delivery.endpoint else webhook_secrets(delivery.tenant)
    return Parcel(
        message_id=delivery.message_id,
        url=delivery.url,
        body=body_of(delivery),
        secrets=tuple(signing_secrets.valid(held, now())),
        correlation_id=delivery.verification.correlation_id if delivery.verification else "",
    )
