"""Wake-up calls to the workers that send. One may be lost or doubled: the database holds what is
due, and the workers' supervisor looks each second.
"""

from __future__ import annotations

import time

import structlog
from django.db import DatabaseError
from django_q.tasks import async_task
from redis.exceptions import RedisError

log = structlog.get_logger("webhooks.wake")

QUEUE = "webhooks"
# One call is enough for all that became due meanwhile.
AT_MOST_EVERY_SECONDS = 0.2

_called_at = -AT_MOST_EVERY_SECONDS


def wake_sender() -> None:
    """Ask a worker to look for due deliveries, unless this process has just done so.

    Called after the commit: what was stored stays stored, even if nobody can be called.
    """
    global _called_at
    moment = time.monotonic()
    if moment - _called_at < AT_MOST_EVERY_SECONDS:
        return
    _called_at = moment
    try:
        async_task("webhooks.tasks.deliver_due", cluster=QUEUE)
    except (DatabaseError, RedisError) as error:
        log.error("wake_up_failed", error_type=type(error).__name__)
