"""Wake-up calls to the workers. One may be lost or doubled: the database holds what is due."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django_q.brokers import Broker, get_broker
from django_q.tasks import async_task
from redis.exceptions import RedisError

log = structlog.get_logger("verifications.wake")


def wake_worker() -> str:
    """Ask a worker to look for due sessions; the queue's id of the task.

    With the ORM broker the task row is part of the caller's transaction. Redis gets the task when
    that is committed; if it cannot be reached then, the sweep finds what is due.
    """
    broker = get_broker()
    if settings.QUEUE_BROKER == "redis":
        broker = _AfterCommit(broker)
    return str(async_task("verifications.tasks.work_due", broker=broker))


class _AfterCommit:
    """A broker outside the database, as `async_task` uses it."""

    def __init__(self, broker: Broker) -> None:
        self.list_key = broker.list_key
        self._broker = broker

    def enqueue(self, task: Any) -> None:
        transaction.on_commit(partial(self._push, task))

    def _push(self, task: Any) -> None:
        try:
            self._broker.enqueue(task)
        except RedisError as error:
            log.error("wake_up_failed", error_type=type(error).__name__)
