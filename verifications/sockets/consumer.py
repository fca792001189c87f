"""One socket of one client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from common import correlation
from common.problems import Problem
from verifications import selectors
from verifications.api.callers import not_found
from verifications.sockets import protocol
from verifications.sockets.allowance import Allowance
from verifications.sockets.feed import current_feed
from verifications.sockets.handshake import Caller, NotAuthenticated, caller_of, headers_of, query
from verifications.sockets.keys import current_watch
from verifications.sockets.outbox import Outbox, Subscription
from verifications.sockets.protocol import Close, Ping, Subscribe, Unsubscribe
from verifications.sockets.threads import in_thread

log = structlog.get_logger("verifications.sockets")

CLOSE_SECONDS = 5


class VerificationConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Accepts, asks who it is, and then follows verifications of that tenant alone.

    Whatever ends it, nothing stays behind: subscriptions, task and watch go in `_leave`.
    """

    # The feed listens to the channel layer, once for all sockets of the process.
    channel_layer_alias = "none"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._feed = current_feed()
        self._outbox = Outbox(self.send, self._feed.resume)
        self._allowance = Allowance(settings.SOCKET_MESSAGES_PER_SECOND)
        self._subscriptions: dict[UUID, Subscription] = {}
        self._caller: Caller | None = None
        self._main: asyncio.Task[Any] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._has_ended = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._main = asyncio.current_task()
        given = headers_of(scope).get(correlation.HEADER)
        correlation.bind(correlation.acceptable_or_new(given))
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self._has_ended:
                raise
        finally:
            self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Like Channels' own, without a visit to a thread to close database connections.

        They are all used, and given back, by `in_thread`.
        """
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        await self.accept()
        try:
            caller = await in_thread(caller_of, self.scope)
        except NotAuthenticated:
            await self._say_goodbye(Close.NOT_AUTHENTICATED, "Missing or wrong credentials")
        except Exception as error:  # noqa: BLE001  # the database may be away
            log.warning("socket_refused", error_type=type(error).__name__)
            await self._say_goodbye(Close.TRY_AGAIN_LATER, "Try again later")
        else:
            await self._begin(caller)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._caller is None:
            return
        if not self._allowance.take():
            self._shut(Close.TOO_MANY_MESSAGES, "Too many messages")
            return
        await self._answer(lambda: protocol.parsed(text_data))

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def _begin(self, caller: Caller) -> None:
        log.info("socket_opened", tenant_id=str(caller.tenant.pk))
        self._caller = caller
        self._sending = asyncio.create_task(self._send_all())
        current_watch().add(caller.key_id, self._shut_for_key)
        wanted = self.scope["url_route"]["kwargs"].get("verification_id")
        if wanted is not None:
            after = query(self.scope).get("afterSequence")
            await self._answer(lambda: protocol.in_address(wanted, after))

    async def _answer(self, parse: Callable[[], protocol.Request]) -> None:
        request = None
        try:
            request = parse()
            await self._obey(request)
        except Problem as problem:
            await self._outbox.reply(protocol.error(problem, request))

    async def _obey(self, request: protocol.Request) -> None:
        match request:
            case Ping():
                await self._outbox.reply(protocol.PONG)
            case Unsubscribe():
                self._forget(request.verification_id)
            case Subscribe():
                await self._subscribe(request)

    async def _subscribe(self, request: Subscribe) -> None:
        """Subscribing again starts again, after the sequence given now."""
        verification_id = request.verification_id
        await self._check(verification_id)
        self._forget(verification_id)
        await self._outbox.reply(protocol.subscribed(request))
        subscription = Subscription(self._outbox, verification_id, request.after_sequence)
        self._subscriptions[verification_id] = subscription
        self._feed.follow(subscription)

    async def _check(self, verification_id: UUID) -> None:
        """Raises Problem unless the caller may follow it."""
        caller, limit = self._caller, settings.SOCKET_SUBSCRIPTIONS
        if caller is None:
            raise protocol.unavailable()
        if verification_id not in self._subscriptions and len(self._subscriptions) >= limit:
            raise protocol.too_many_subscriptions(limit)
        try:
            is_theirs = await in_thread(selectors.has_verification, caller.tenant, verification_id)
        except Exception as error:  # noqa: BLE001  # the database may be away
            log.warning("subscription_failed", error_type=type(error).__name__)
            raise protocol.unavailable() from None
        if not is_theirs or caller.only not in (None, verification_id):
            raise not_found(str(verification_id), caller.tenant)

    def _forget(self, verification_id: UUID) -> None:
        subscription = self._subscriptions.pop(verification_id, None)
        if subscription is not None:
            self._feed.leave(subscription)

    async def _send_all(self) -> None:
        try:
            await self._outbox.send_all()
        except TimeoutError:
            log.info("socket_stuck")
            self._end()
        except (OSError, RuntimeError):
            # The client is gone; a server says so in either way.
            self._end()

    def _shut_for_key(self) -> None:
        self._shut(Close.NOT_AUTHENTICATED, "The API key is no longer valid")

    def _shut(self, code: Close, reason: str) -> None:
        """Send nothing more and close, whatever the client is doing."""
        if self._closing is None:
            self._leave()
            self._closing = asyncio.create_task(self._close(code, reason))

    async def _close(self, code: Close, reason: str) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._say_goodbye(code, reason)
        except (OSError, RuntimeError):
            log.info("socket_gone")
        self._end()

    async def _say_goodbye(self, code: Close, reason: str) -> None:
        # Daphne takes nothing but a plain int.
        await self.close(int(code), reason)

    def _end(self) -> None:
        """Stop waiting for the client's next message."""
        self._has_ended = True
        if self._main is not None:
            self._main.cancel()

    def _leave(self) -> None:
        for verification_id in tuple(self._subscriptions):
            self._forget(verification_id)
        if self._sending is not None:
            self._sending.cancel()
        if self._caller is not None:
            current_watch().remove(self._caller.key_id, self._shut_for_key)
