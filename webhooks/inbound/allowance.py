"""How much one account's provider may send, whether its signatures are right or not."""

from __future__ import annotations

import time
from uuid import UUID

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

log = structlog.get_logger("webhooks.inbound")

WINDOW_SECONDS = 10


def is_within(account_id: UUID) -> bool:
    """Count one more notice. Without Redis each process counts for itself; without a working
    cache nothing is refused.
    """
    key = f"inbound:{account_id}:{int(time.time() // WINDOW_SECONDS)}"
    try:
        cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
        count: int = cache.incr(key)
    except (OSError, RedisError, ValueError) as error:
        log.warning("inbound_webhooks_not_counted", error_type=type(error).__name__)
        return True
    return count <= settings.INBOUND_WEBHOOKS_PER_SECOND * WINDOW_SECONDS
