"""Tells the sockets of every process that a verification's log has grown.

A plain PUBLISH in the channel layer's own format: the layer's `group_send` would open an event loop
and a connection for each event that a worker records.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from verifications.models import VerificationEvent
from verifications.sockets.wakeups import group_of

log = structlog.get_logger("verifications.sockets")

TIMEOUT_SECONDS = 0.2
# While Redis is away, the sockets' own tick finds the events; the workflow must not wait for it.
PAUSE_SECONDS = 2.0


class Publisher:
    """Publishes to one Redis, and leaves it alone for a while after a failure."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            # One more try, on a new connection: the kept one may have died with an earlier Redis.
            retry=Retry(NoBackoff(), 1),
        )
        self._paused_until = 0.0

    def publish(self, channel: str, message: bytes) -> None:
        if time.monotonic() < self._paused_until:
            return
        try:
            self._redis.publish(channel, message)
        except (RedisError, OSError) as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("sockets_not_woken", error_type=type(error).__name__)


def announce(sender: Any, event: VerificationEvent, **kwargs: Any) -> None:
    """A receiver of `events.committed`. Does nothing without Redis; never raises for want of it."""
    layer = get_channel_layer()
    # The first event comes before anybody has been told the id to follow.
    if layer is None or event.sequence == 1:
        return
    message = {
        "type": "verification.moved",
        "verificationId": str(event.verification_id),
        "sequence": event.sequence,
    }
    channel = f"{settings.SOCKET_PREFIX}__group__{group_of(event.verification_id)}"
    _publisher(settings.REDIS_URL).publish(channel, layer.serialize(message))


@lru_cache(maxsize=4)
def _publisher(url: str) -> Publisher:
    return Publisher(url)
