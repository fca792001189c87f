"""Reads the log for all sockets of this process and hands every event to those that follow it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.conf import settings

from verifications.sockets.background import in_background
from verifications.sockets.log import MOST_ENTRIES, entries_after
from verifications.sockets.outbox import Subscription
from verifications.sockets.threads import in_feed_thread
from verifications.sockets.wakeups import Wakeups

log = structlog.get_logger("verifications.sockets")

# In one query; SQLite takes some ten thousand parameters.
MOST_VERIFICATIONS = 5000


class Feed:
    """Works only while somebody is subscribed.

    A verification is read when a wake-up names it, and every verification is read at each tick:
    so nothing depends on wake-ups, which may get lost, and without Redis there are none. One query
    serves all that is due, however many sockets follow it.
    """

    def __init__(self) -> None:
        self._followers: dict[UUID, set[Subscription]] = {}
        self._due: set[UUID] = set()
        self._work = asyncio.Event()
        self._wakeups = Wakeups(self.moved)
        self._tasks: list[asyncio.Task[None]] = []

    def follow(self, subscription: Subscription) -> None:
        """From now on the subscription gets all events after its position."""
        verification_id = subscription.verification_id
        self._followers.setdefault(verification_id, set()).add(subscription)
        self._wakeups.join(verification_id)
        self.moved(verification_id)
        if not self._tasks:
            self._tasks = [
                in_background(self._deliver()),
                in_background(self._tick()),
            ]

    def leave(self, subscription: Subscription) -> None:
        """It gets nothing more. With the last one everything stops."""
        subscription.is_over = True
        verification_id = subscription.verification_id
        followers = self._followers.get(verification_id, set())
        followers.discard(subscription)
        if not followers:
            self._followers.pop(verification_id, None)
            self._wakeups.leave(verification_id)
        if not self._followers:
            self._stop()

    def moved(self, verification_id: UUID) -> None:
        """Its log may have grown."""
        if verification_id in self._followers:
            self._due.add(verification_id)
            self._work.set()

    def resume(self, subscription: Subscription) -> None:
        """It has room again for what it missed."""
        self.moved(subscription.verification_id)

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self._due.clear()
        self._work.clear()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(settings.SOCKET_TAIL)
            self._due.update(self._followers)
            self._work.set()

    async def _deliver(self) -> None:
        is_failing = False
        while True:
            await self._work.wait()
            try:
                await self._read_due()
            except Exception as error:  # noqa: BLE001  # the database may be away; the tick retries
                if not is_failing:
                    log.warning("event_log_unreadable", error_type=type(error).__name__)
                is_failing = True
            else:
                is_failing = False

    async def _read_due(self) -> None:
        positions = self._positions(self._take_due())
        if not positions:
            return
        entries = await in_feed_thread(entries_after, positions)
        for entry in entries:
            for follower in self._followers.get(entry.verification_id, ()):
                follower.outbox.offer(follower, entry.sequence, entry.text)
        if len(entries) == MOST_ENTRIES:
            self._due.update(positions)
            self._work.set()

    def _take_due(self) -> list[UUID]:
        taken = [self._due.pop() for _ in range(min(len(self._due), MOST_VERIFICATIONS))]
        if not self._due:
            self._work.clear()
        return taken

    def _positions(self, verification_ids: Iterable[UUID]) -> dict[UUID, int]:
        """Where to read from, for the slowest that has room."""
        positions = {}
        for verification_id in verification_ids:
            ready = [
                follower.position
                for follower in self._followers.get(verification_id, ())
                if not follower.is_behind
            ]
            if ready:
                positions[verification_id] = min(ready)
        return positions


_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, Feed] = WeakKeyDictionary()


def current_feed() -> Feed:
    """The one of this process's event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _feeds:
        _feeds[loop] = Feed()
    return _feeds[loop]
