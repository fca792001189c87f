"""Wake-up calls to the workers. One may be lost or doubled: the database holds what is due."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils.timezone import now
from django_q.brokers import Broker, get_broker
from django_q.tasks import async_task
from redis.exceptions import RedisError

log = structlog.get_logger("verifications.wake")

TASK = "verifications.tasks.work_due"
# The payload besides: a number may have been given again in another database.
STILL_WAITS = 'SELECT 1 FROM "django_q_ormq" WHERE "id" = %s AND "payload" = %s AND "lock" <= %s'


def wake_worker() -> str:
    """Ask a worker to look for due sessions; the queue's id of the task.

    With the ORM broker the task row is part of the caller's transaction; while the last call of
    this process waits for a worker, it stands for this one too. Redis gets the task when the
    transaction is committed; if it cannot be reached then, the sweep finds what is due.
    """
    if settings.QUEUE_BROKER == "redis":
        return str(async_task(TASK, broker=_AfterCommit(get_broker())))
    last = _last.call
    if last is not None and last.still_waits():
        return last.task_id
    broker = _Noting(get_broker())
    task_id = str(async_task(TASK, broker=broker))
    transaction.on_commit(partial(_last.note, _Call(broker.row_id, broker.payload, task_id)))
    return task_id


@dataclass(frozen=True, slots=True)
class _Call:
    """A task of the ORM broker."""

    row_id: int
    payload: str
    task_id: str

    def still_waits(self) -> bool:
        """Whether no worker has taken it."""
        with connection.cursor() as cursor:
            cursor.execute(STILL_WAITS, [self.row_id, self.payload, now()])
            return cursor.fetchone() is not None


class _Last:
    """The last call of this process that was committed."""

    def __init__(self) -> None:
        self.call: _Call | None = None

    def note(self, call: _Call) -> None:
        self.call = call


_last = _Last()


class _Noting:
    """The ORM broker, as `async_task` uses it, with what it stored."""

    def __init__(self, broker: Broker) -> None:
        self.list_key = broker.list_key
        self._broker = broker

    def enqueue(self, task: str) -> None:
        self.payload = task
        self.row_id: int = self._broker.enqueue(task)


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
