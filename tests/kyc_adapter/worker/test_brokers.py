"""A cluster takes its own heartbeats first, and never another cluster's."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils.timezone import now
from django_q.conf import Conf
from django_q.models import OrmQ

from kyc_adapter.worker.brokers import (
    BEATS_PREFIX,
    BEATS_VARIABLE,
    FORGOTTEN_AFTER,
    OrmBroker,
    RedisBroker,
)

pytestmark = pytest.mark.django_db(transaction=True)


BROKERS = [OrmBroker, RedisBroker] if settings.REDIS_URL else [OrmBroker]


@pytest.fixture(params=BROKERS)
def broker_of(request, monkeypatch):
    """Brokers of queues that only this test uses."""
    monkeypatch.setattr(Conf, "REDIS", settings.REDIS_URL)
    monkeypatch.setattr(Conf, "POLL", 0)
    unique = uuid.uuid4().hex
    made = []

    def make(name):
        made.append(request.param(list_key=f"{name}-{unique}"))
        return made[-1]

    yield make
    for broker in made:
        broker.delete_queue()


def taken(broker):
    """The payloads of one round, as text."""
    return [
        payload if isinstance(payload, str) else payload.decode()
        for _, payload in broker.dequeue() or []
    ]


def name_of(broker):
    return broker.list_key.removeprefix("django_q:").removesuffix(":q")


def test_own_heartbeats_come_first(broker_of, monkeypatch):
    common, own = broker_of("kyc"), broker_of(f"{BEATS_PREFIX}own")
    monkeypatch.setenv(BEATS_VARIABLE, name_of(own))
    common.enqueue("first")
    common.enqueue("second")
    own.enqueue("beat")

    assert [taken(common) for _ in range(3)] == [["beat"], ["first"], ["second"]]


def test_heartbeats_of_others_stay(broker_of, monkeypatch):
    common, own, other = (broker_of(name) for name in ("kyc", "beats-own", "beats-other"))
    monkeypatch.setenv(BEATS_VARIABLE, name_of(own))
    other.enqueue("beat")

    assert taken(common) == []
    assert other.queue_size() == 1


def test_process_without_a_supervisor_takes_no_heartbeats(broker_of, monkeypatch):
    monkeypatch.delenv(BEATS_VARIABLE, raising=False)
    common = broker_of("kyc")
    common.enqueue("first")

    assert [taken(common), taken(common)] == [["first"], []]


def test_two_clusters_want_one_row():
    row = OrmQ.objects.create(key="kyc", payload="first", lock=now())
    broker = OrmBroker(list_key="kyc")

    assert broker._take(row)
    assert not broker._take(row)


def test_heartbeats_of_a_dead_supervisor_are_forgotten():
    old = now() - FORGOTTEN_AFTER - timedelta(seconds=1)
    for key, lock in (("beats-dead", old), ("beats-alive", now()), ("kyc", old)):
        OrmQ.objects.create(key=key, payload="task", lock=lock)

    OrmBroker().forget_old_beats()

    assert set(OrmQ.objects.values_list("key", flat=True)) == {"beats-alive", "kyc"}


if settings.REDIS_URL:

    @pytest.mark.parametrize("broker_of", [RedisBroker], indirect=True)
    def test_heartbeats_in_redis_expire(broker_of):
        own, common = broker_of("beats-own"), broker_of("kyc")
        own.enqueue("beat")
        common.enqueue("first")

        assert 0 < own.connection.ttl(own.list_key) <= FORGOTTEN_AFTER.total_seconds()
        assert common.connection.ttl(common.list_key) == -1
