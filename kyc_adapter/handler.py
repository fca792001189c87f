"""Answers HTTP requests: each on one thread, from its first middleware to its last.

Everything that answers is synchronous. Django's own ASGI handler starts a new thread for each
request, and goes to and fro between it and the event loop for each middleware, signal and view,
which costs as much as the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, TypeVar, cast

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from kyc_adapter.errors import temporarily_unavailable
from kyc_adapter.refusals import Receive, Scope, Send, refuse

T = TypeVar("T")


class ThreadHandler(ASGIHandler):
    """Refuses what comes while `REQUESTS_AT_ONCE` are being answered: a queue without an end would
    only make everybody wait until their clients give up.
    """

    def __init__(self) -> None:
        self.load_middleware()
        self._threads = ThreadPoolExecutor(settings.REQUESTS_AT_ONCE, "request")
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._under_way >= settings.REQUESTS_AT_ONCE:
            await refuse(temporarily_unavailable(), scope, send)
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        response = await self._in_thread(self._answer, scope, body)
        if response.streaming:
            await self._stream(response, receive, send)
            await self._in_thread(response.close)
        else:
            await self.send_response(response, send)

    async def _in_thread(self, work: Callable[..., T], *args: Any) -> T:
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)
        finally:
            self._under_way -= 1

    def _answer(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        answer = refusal if request is None else self.get_response(request)
        response = cast("HttpResponseBase", answer)
        response._handler_class = self.__class__  # type: ignore[attr-defined]  # as Django does
        if response.streaming:
            # Its end may be waited for long, which needs no connection to the database.
            close_old_connections()
        else:
            response.close()
        return response

    async def _stream(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Until it is sent, or the client has left."""
        sending = asyncio.ensure_future(self.send_response(response, send))
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        for task in (sending, leaving):
            task.cancel()
        outcome, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
        if isinstance(outcome, Exception):
            raise outcome
