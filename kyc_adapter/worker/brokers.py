"""Django-Q's brokers, with a second, private queue for each cluster: its heartbeats.

Clusters on many machines share a queue, so a heartbeat in it would be taken by any of them. The
private queue is taken from first.
"""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import Any

from django.db.models import Case, When
from django.utils import timezone
from django_q.brokers import Broker
from django_q.brokers.orm import ORM
from django_q.brokers.redis_broker import Redis
from django_q.conf import Conf
from django_q.models import OrmQ

from kyc_adapter.worker import pulse

BEATS_VARIABLE = "WORKER_BEAT_QUEUE"
BEATS_PREFIX = "beats-"
# Beats of a supervisor that is gone; far longer than any silence.
FORGOTTEN_AFTER = timedelta(minutes=10)


class _Guarded(Broker):  # type: ignore[misc]  # Django-Q is untyped
    """Tells the supervisor that the sentinel looks after its children."""

    def set_stat(self, key: str, value: str, timeout: int) -> Any:
        """Called by the sentinel each time it has done so."""
        pulse.send(pulse.Kind.GUARD)
        return super().set_stat(key, value, timeout)


class OrmBroker(_Guarded, ORM):  # type: ignore[misc]  # Django-Q is untyped
    """Tasks as rows of our database; a task commits with the row it is for."""

    def dequeue(self) -> list[tuple[int, str]] | None:
        rows = self._free_rows()
        if not rows:
            time.sleep(Conf.POLL)
        return [(row.pk, row.payload) for row in rows if self._take(row)] or None

    def _free_rows(self) -> list[OrmQ]:
        """Heartbeats first, then as they came."""
        private = os.environ.get(BEATS_VARIABLE, "")
        free = self.get_connection().filter(
            key__in=[private, self.list_key], lock__lt=timezone.now()
        )
        rank = Case(When(key=private, then=0), default=1)
        return list(free.order_by(rank, "lock")[: Conf.BULK])

    def _take(self, row: OrmQ) -> bool:
        """False if another cluster was faster."""
        untouched = self.get_connection().filter(pk=row.pk, lock=row.lock)
        return bool(untouched.update(lock=self.timeout(row)))

    def forget_old_beats(self) -> None:
        old = timezone.now() - FORGOTTEN_AFTER
        self.get_connection().filter(key__startswith=BEATS_PREFIX, lock__lt=old).delete()


class RedisBroker(_Guarded, Redis):  # type: ignore[misc]  # Django-Q is untyped
    """Tasks in lists of Redis: faster, and a killed worker's task is lost (the sweep finds it)."""

    def dequeue(self) -> list[tuple[None, bytes]] | None:
        private = os.environ.get(BEATS_VARIABLE)
        keys = [f"django_q:{private}:q", self.list_key] if private else [self.list_key]
        found = self.connection.blpop(keys, 1)
        return [(None, found[1])] if found else None

    def enqueue(self, task: str) -> Any:
        length = super().enqueue(task)
        if self.list_key.startswith(f"django_q:{BEATS_PREFIX}"):
            self.connection.expire(self.list_key, FORGOTTEN_AFTER)
        return length

    def forget_old_beats(self) -> None:
        """Nothing to do: their list expires."""
