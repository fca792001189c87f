"""Many events to a receiver that fails 30 % of the time and is down for a while.

The clock is moved, so nothing waits; the receiver is on a real socket.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from standardwebhooks import Webhook

from common import signing_secrets
from tests.webhooks.receiver import Reply
from verifications.events import EventType
from verifications.models import VerificationEvent
from webhooks.models import WebhookAttempt, WebhookDelivery

pytestmark = pytest.mark.django_db

IN_THE_OUTAGE = 50
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OUTAGE = timedelta(minutes=10)
# A few receive nothing but failures: they must end as dead letters.
HOPELESS_IN = 100
SCHEDULE = [1, 5, 15, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


class FlakyService:
    """Counts what it accepted; decides by a seeded dice, by the clock, and by the id."""

    def __init__(self, secret):
        self._secret = secret
        self._dice = random.Random(7)
        self._lock = threading.Lock()
        self.down_until = None
        self.hopeless = set()
        self.accepted = Counter()

    def __call__(self, path, headers, body):
        Webhook(self._secret).verify(body, headers)
        if self.down_until and datetime.now(UTC) < self.down_until:
            return None
        with self._lock:
            if headers["webhook-id"] in self.hopeless or self._dice.random() < 0.3:
                return Reply(self._dice.choice([429, 500, 502, 503, 504]))
            self.accepted[headers["webhook-id"]] += 1
        return Reply(204)


def record_events(verification, endpoint, count):
    """As they stand in the database after `record`, made by two statements."""
    moment = datetime.now(UTC)
    first = verification.events.count() + 1
    events = [
        VerificationEvent(
            verification=verification,
            sequence=sequence,
            type=EventType.COMPLETED,
            data={"status": "completed", "decision": "approved"},
            created_at=moment,
        )
        for sequence in range(first, first + count)
    ]
    VerificationEvent.objects.bulk_create(events)
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                tenant=verification.tenant,
                source="endpoint",
                endpoint=endpoint,
                verification=verification,
                event=event,
                message_id=event.pk,
                event_type=event.type,
                url=endpoint.url,
                receiver="receiver",
                next_attempt_at=moment,
            )
            for event in events
        ]
    )
    return events


def next_due():
    pending = WebhookDelivery.objects.filter(status="pending").order_by("next_attempt_at")
    return pending.values_list("next_attempt_at", flat=True).first()


@pytest.mark.parametrize("count", [200, pytest.param(2000, marks=pytest.mark.crash)])
def test_each_is_delivered_once_or_is_a_dead_letter(
    count, tenant, endpoint, receiver, verification_of, deliver, settings
):
    settings.WEBHOOK_THREADS_PER_RECEIVER = 16
    settings.WEBHOOK_DISABLE_AFTER_DAYS = 365
    settings.WORKER_SLICE = 60
    service = receiver.answer = FlakyService(signing_secrets.newest(endpoint.secrets))
    verification = verification_of(tenant)
    with time_machine.travel(START, tick=False) as clock:
        service.down_until = START + OUTAGE
        record_events(verification, endpoint, IN_THE_OUTAGE)
        deliver()
        assert not service.accepted
        events = record_events(verification, endpoint, count - IN_THE_OUTAGE)
        service.hopeless = {str(event.pk) for event in events[::HOPELESS_IN]}
        clock.move_to(service.down_until)
        while due := next_due():
            # A moment later, so that what is due together goes out together.
            later = due + timedelta(seconds=max(1, (due - START).total_seconds() / 10))
            clock.move_to(max(later, datetime.now(UTC)))
            deliver()

    states = {
        str(id_): state
        for id_, state in WebhookDelivery.objects.values_list("message_id", "status")
    }
    delivered = {id_ for id_, state in states.items() if state == "delivered"}
    dead = {id_ for id_, state in states.items() if state == "dead"}
    assert len(delivered) + len(dead) == count
    assert service.accepted == Counter(delivered)
    assert service.hopeless <= dead
    assert_schedule_was_kept(count)


def assert_schedule_was_kept(count):
    """No attempt before its pause was over; none after a success; none beyond the schedule."""
    rows = WebhookAttempt.objects.order_by("delivery", "started_at", "id").values_list(
        "delivery", "started_at", "error"
    )
    tries = {}
    for delivery, started_at, error in rows:
        tries.setdefault(delivery, []).append((started_at, error))
    assert len(tries) == count
    for attempts in tries.values():
        assert len(attempts) <= 1 + len(SCHEDULE)
        assert all(error for _, error in attempts[:-1])
        for (before, _), (after, _), pause in zip(attempts, attempts[1:], SCHEDULE, strict=False):
            assert (after - before).total_seconds() >= pause
    full = [attempts for attempts in tries.values() if attempts[-1][1]]
    assert {len(attempts) for attempts in full} == {1 + len(SCHEDULE)}
