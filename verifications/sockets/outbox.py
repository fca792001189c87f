"""What waits to be sent on one socket; a client that reads slowly makes it wait, not grow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

SIZE = 32
# A client that takes nothing for so long is gone, whatever it answers to pings.
SEND_SECONDS = 30


class Subscription:
    """One verification followed on one socket.

    position: sequence of the last event put into the outbox. is_behind: there was no room for the
    next one; it is read again from the log when there is. is_over: nothing more may be sent.
    """

    __slots__ = ("is_behind", "is_over", "outbox", "position", "verification_id")

    def __init__(self, outbox: Outbox, verification_id: UUID, position: int) -> None:
        self.outbox = outbox
        self.verification_id = verification_id
        self.position = position
        self.is_behind = False
        self.is_over = False


class Outbox:
    """send: writes one text to the socket, and waits while the client does not read.

    resume: called with the subscriptions that missed something, once there is room again.
    """

    __slots__ = ("_behind", "_queue", "_resume", "_send")

    def __init__(
        self,
        send: Callable[[str], Awaitable[None]],
        resume: Callable[[Subscription], None],
    ) -> None:
        self._send = send
        self._resume = resume
        self._queue: asyncio.Queue[tuple[Subscription | None, str]] = asyncio.Queue(SIZE)
        self._behind: set[Subscription] = set()

    async def reply(self, text: str) -> None:
        """Put an answer in line; waits for room, and so makes a client wait that asks too much."""
        await self._queue.put((None, text))

    def offer(self, subscription: Subscription, sequence: int, text: str) -> None:
        """Put an event in line if it is the next one and there is room."""
        if subscription.is_behind or sequence <= subscription.position:
            return
        if self._queue.full():
            subscription.is_behind = True
            self._behind.add(subscription)
            return
        self._queue.put_nowait((subscription, text))
        subscription.position = sequence

    async def send_all(self) -> None:
        """Send what is in line, for ever. Raises TimeoutError if the client takes nothing."""
        while True:
            subscription, text = await self._queue.get()
            if subscription is None or not subscription.is_over:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._send(text)
            if self._behind and self._queue.empty():
                self._catch_up()

    def _catch_up(self) -> None:
        behind, self._behind = self._behind, set()
        for subscription in behind:
            subscription.is_behind = False
            if not subscription.is_over:
                self._resume(subscription)
