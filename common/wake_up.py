"""Wake-up calls to the workers, once what they are about is committed. One may be lost or doubled:
the database holds what is due, and the workers' supervisor looks each second.
"""

from __future__ import annotations

import structlog
from django.db import DatabaseError
from django_q.tasks import async_task
from redis.exceptions import RedisError

log = structlog.get_logger("common.wake_up")


def call(task: str, **options: str) -> None:
    """Queue a task, if the queue can be reached: what was stored stays stored either way."""
    try:
        async_task(task, **options)
    except (DatabaseError, RedisError) as error:
        log.error("wake_up_failed", error_type=type(error).__name__)
