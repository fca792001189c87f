"""One reader for all sockets of a process: how often it reads, and what it does under pressure."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
from django.db import OperationalError

from verifications.sockets import feed, outbox
from verifications.sockets.consumer import VerificationConsumer
from verifications.sockets.feed import Feed
from verifications.sockets.log import entries_after
from verifications.sockets.outbox import SIZE, Outbox, Subscription
from verifications.sockets.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)

TICK_SECONDS = 0.05


@pytest.fixture(autouse=True)
def fast_ticks(settings):
    settings.SOCKET_TAIL = TICK_SECONDS
    settings.CHANNEL_LAYERS = {}


@pytest.fixture
def reads(monkeypatch):
    """Which verifications each read of the log was for."""
    seen: list[set[object]] = []

    def watched(positions):
        seen.append(set(positions))
        return entries_after(positions)

    monkeypatch.setattr(feed, "entries_after", watched)
    return seen


class Reader:
    """Stands where a client would: keeps what it is sent."""

    def __init__(self, feed: Feed, verification, after: int = 0) -> None:
        self.sent: asyncio.Queue[int] = asyncio.Queue()
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.outbox = Outbox(self._send, feed.resume)
        self.subscription = Subscription(self.outbox, verification.pk, after)
        self.sending = asyncio.create_task(self.outbox.send_all())
        feed.follow(self.subscription)

    async def _send(self, text: str) -> None:
        await self.may_read.wait()
        self.sent.put_nowait(json.loads(text)["sequence"])

    async def sequences(self, count: int) -> list[int]:
        async with asyncio.timeout(10):
            return [await self.sent.get() for _ in range(count)]


async def test_one_read_for_all_and_none_for_nobody(stored, tenant, reads):
    verifications = [await in_thread(stored, tenant) for _ in range(3)]
    running = Feed()
    readers = [Reader(running, one) for one in verifications for _ in range(4)]
    for reader in readers:
        assert await reader.sequences(1) == [1]

    reads.clear()
    await asyncio.sleep(TICK_SECONDS * 4)
    wanted = {verification.pk for verification in verifications}
    assert 1 <= len(reads) <= 5
    assert all(read == wanted for read in reads)

    for reader in readers:
        running.leave(reader.subscription)
        reader.sending.cancel()
    reads.clear()
    await asyncio.sleep(TICK_SECONDS * 4)
    assert reads == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_client_that_does_not_read_holds_no_more_than_its_outbox(
    stored, tenant, tell, monkeypatch
):
    """Nor does it hold up the others; later it gets all, read again from the log."""
    count = 3 * SIZE
    verification = await in_thread(stored, tenant)
    running = Feed()
    slow, brisk = Reader(running, verification), Reader(running, verification)
    slow.may_read.clear()
    for _ in range(count):
        await in_thread(tell, verification)

    assert await brisk.sequences(count + 1) == list(range(1, count + 2))
    assert slow.subscription.is_behind
    assert slow.subscription.position <= SIZE + 1

    slow.may_read.set()
    assert await slow.sequences(count + 1) == list(range(1, count + 2))
    for reader in (slow, brisk):
        running.leave(reader.subscription)
        reader.sending.cancel()


async def test_more_than_one_read_can_hold(stored, tenant, tell, monkeypatch):
    for module in ("feed", "log"):
        monkeypatch.setattr(f"verifications.sockets.{module}.MOST_ENTRIES", 4)
    verifications = [await in_thread(stored, tenant) for _ in range(2)]
    for verification in verifications:
        for _ in range(9):
            await in_thread(tell, verification)
    running = Feed()

    readers = [Reader(running, verification) for verification in verifications]

    for reader in readers:
        assert await reader.sequences(10) == list(range(1, 11))
        running.leave(reader.subscription)
        reader.sending.cancel()


async def test_more_verifications_than_one_query_can_name(stored, tenant, reads, monkeypatch):
    monkeypatch.setattr(feed, "MOST_VERIFICATIONS", 2)
    verifications = [await in_thread(stored, tenant) for _ in range(5)]
    running = Feed()
    readers = [Reader(running, verification) for verification in verifications]

    for reader in readers:
        assert await reader.sequences(1) == [1]
        running.leave(reader.subscription)
        reader.sending.cancel()
    assert max(len(read) for read in reads) == 2


async def test_database_that_is_away_for_a_moment(stored, tenant, monkeypatch):
    failures = Counter()

    def failing(positions):
        failures["database"] += 1
        if failures["database"] <= 3:
            raise OperationalError
        return entries_after(positions)

    monkeypatch.setattr(feed, "entries_after", failing)
    running = Feed()

    reader = Reader(running, await in_thread(stored, tenant))

    assert await reader.sequences(1) == [1]
    running.leave(reader.subscription)
    reader.sending.cancel()


async def test_client_that_takes_nothing_is_given_up(key, verification, monkeypatch):
    """Its transport never has room, so that not even a close can be sent."""
    monkeypatch.setattr(outbox, "SEND_SECONDS", 0.1)
    incoming: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    scope = {
        "type": "websocket",
        "headers": [(b"x-api-key", key.plain.encode())],
        "query_string": b"",
        "url_route": {"kwargs": {"verification_id": str(verification.pk)}},
    }

    async def send(message):
        if message["type"] == "websocket.send":
            await asyncio.Event().wait()

    incoming.put_nowait({"type": "websocket.connect"})
    async with asyncio.timeout(10):
        await VerificationConsumer.as_asgi()(scope, incoming.get, send)
        while asyncio.all_tasks() != {asyncio.current_task()}:
            await asyncio.sleep(0.01)
