"""Ends a request whose body is too large while it still comes in.

Django writes a request's whole body to a file before any view sees it, and so before anybody looks
who sends it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from django.conf import settings

from common.parsers import body_too_large
from common.problems import Problem
from kyc_adapter.refusals import Message, Receive, Scope, Send, refuse
from webhooks.inbound.views import too_large

App = Callable[[Scope, Receive, Send], Awaitable[None]]

HOOKS = "/hooks/"


class BodyLimit:
    """An ASGI application around another."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit, problem = _limit(scope["path"])
        counter = _Counter(receive, limit)
        if _announced(scope) > limit:
            counter.is_over = True
        else:
            await self._app(scope, counter.receive, send)
        if counter.is_over:
            await refuse(problem(), scope, send, Connection="close")


class _Counter:
    """Lets the application believe that the client has gone as soon as too much has come."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.is_over = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.is_over = True
            return {"type": "http.disconnect"}
        return message


def _limit(path: str) -> tuple[int, Callable[[], Problem]]:
    """In bytes, and what is answered to more."""
    if path.startswith(HOOKS):
        return settings.INBOUND_WEBHOOK_MAX_BYTES, too_large
    return settings.MAX_BODY_BYTES, body_too_large


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0
