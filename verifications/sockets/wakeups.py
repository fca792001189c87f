"""Hears, over the channel layer, which verification's log has grown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import structlog
from channels.layers import get_channel_layer

from verifications.sockets.background import in_background

log = structlog.get_logger("verifications.sockets")

RETRY_SECONDS = 1.0


def group_of(verification_id: UUID) -> str:
    return f"verification.{verification_id}"


class Wakeups:
    """One channel for all sockets of a process, in the groups of what they follow.

    Without a channel layer it does nothing. What Redis loses, or all of it while Redis is away, is
    found by the feed's tick.
    """

    def __init__(self, heard: Callable[[UUID], None]) -> None:
        self._heard = heard
        self._wanted: set[UUID] = set()
        self._joined: set[UUID] = set()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def join(self, verification_id: UUID) -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        self._wanted.add(verification_id)
        self._changed.set()
        if self._task is None:
            self._task = in_background(self._run(layer))

    def leave(self, verification_id: UUID) -> None:
        self._wanted.discard(verification_id)
        self._changed.set()

    async def _run(self, layer: Any) -> None:
        """Until nothing is wanted and no group is left behind."""
        channel = f"sockets.{uuid4().hex}"
        # Starts before the first join: a channel must be listened to before it may be in a group.
        listening = in_background(self._listen(layer, channel))
        try:
            await asyncio.sleep(0)
            while self._wanted or self._joined:
                await self._changed.wait()
                self._changed.clear()
                await self._keep_groups(layer, channel)
        finally:
            self._task = None
            listening.cancel()

    async def _listen(self, layer: Any, channel: str) -> None:
        while True:
            message = await _patiently(partial(layer.receive, channel))
            self._heard(UUID(message["verificationId"]))

    async def _keep_groups(self, layer: Any, channel: str) -> None:
        """Leave and join, one group at a time, so that the newest wish wins."""
        for verification_id in self._joined - self._wanted:
            await _patiently(partial(layer.group_discard, group_of(verification_id), channel))
            self._joined.discard(verification_id)
        for verification_id in self._wanted - self._joined:
            await _patiently(partial(layer.group_add, group_of(verification_id), channel))
            self._joined.add(verification_id)


async def _patiently(ask: Callable[[], Awaitable[Any]]) -> Any:
    """What the channel layer answers, once Redis is there."""
    is_failing = False
    while True:
        try:
            return await ask()
        except Exception as error:  # noqa: BLE001  # whatever it is, wake-ups are not worth a crash
            if not is_failing:
                log.warning("channel_layer_unreachable", error_type=type(error).__name__)
            is_failing = True
            await asyncio.sleep(RETRY_SECONDS)
