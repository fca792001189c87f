"""Closes the sockets of keys that were revoked or have expired."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.conf import settings

from tenants.selectors import usable_key_ids
from verifications.sockets.background import in_background
from verifications.sockets.threads import in_thread

log = structlog.get_logger("verifications.sockets")

Shut = Callable[[], None]


class KeyWatch:
    """Asks for all keys with open sockets in one query, every so often; rests if none is open."""

    def __init__(self) -> None:
        self._sockets: dict[UUID, set[Shut]] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, key_id: UUID, shut: Shut) -> None:
        """shut: closes the socket at once; called at most once."""
        self._sockets.setdefault(key_id, set()).add(shut)
        if self._task is None:
            self._task = in_background(self._watch())

    def remove(self, key_id: UUID, shut: Shut) -> None:
        sockets = self._sockets.get(key_id, set())
        sockets.discard(shut)
        if not sockets:
            self._sockets.pop(key_id, None)
        if not self._sockets and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(settings.SOCKET_KEY_CHECK)
            asked = set(self._sockets)
            try:
                usable = await in_thread(usable_key_ids, asked)
            except Exception as error:  # noqa: BLE001  # the database may be away; asked again soon
                log.warning("keys_unreadable", error_type=type(error).__name__)
                continue
            for key_id in asked - usable:
                for shut in tuple(self._sockets.get(key_id, ())):
                    shut()


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, KeyWatch] = WeakKeyDictionary()


def current_watch() -> KeyWatch:
    """The one of this process's event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _watches:
        _watches[loop] = KeyWatch()
    return _watches[loop]
