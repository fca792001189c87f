"""Wake-up calls to the workers that process. One may be lost: the supervisor looks each second."""

from __future__ import annotations

import structlog
from django_q.tasks import async_task
from redis.exceptions import RedisError

log = structlog.get_logger("webhooks.inbound")


def wake_processor() -> None:
    """Call it after the commit: what was stored stays stored, even if nobody can be called."""
    try:
        async_task("webhooks.tasks.process_inbound")
    except RedisError as error:
        log.error("wake_up_failed", error_type=type(error).__name__)
