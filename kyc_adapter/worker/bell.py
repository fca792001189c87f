"""Rings the clusters: heartbeats, and wake-up calls when something in our tables is due.

On a thread of its own, because a database or a queue that does not answer must not keep the
supervisor from watching and stopping processes. A heartbeat counts only once it is queued, so an
outage of the queue makes no cluster look silent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import structlog
from django.conf import settings
from django.db import connections
from django_q.brokers import get_broker
from django_q.tasks import async_task

from kyc_adapter.worker.cluster import Cluster
from kyc_adapter.worker.due import DueSource
from kyc_adapter.worker.pulse import BEAT_TASK

log = structlog.get_logger("kyc_adapter.worker")

WAKE_EVERY_SECONDS = 1.0
LOOK_EVERY_SECONDS = 0.2


class Bell:
    def __init__(self, clusters: Sequence[Cluster], sources: Sequence[DueSource]) -> None:
        self._clusters = clusters
        names = {cluster.queue.name for cluster in clusters}
        self._sources = [source for source in sources if source.queue in names]
        self._rang_at: dict[str, float] = {}
        self._ended = threading.Event()

    def start(self, at_start: Callable[[], object]) -> None:
        """at_start: done once, as soon as the database and the queue answer."""
        threading.Thread(target=self._run, args=[at_start], name="bell", daemon=True).start()

    def stop(self) -> None:
        self._ended.set()

    def _run(self, at_start: Callable[[], object]) -> None:
        first: list[Callable[[], object]] = [at_start, forget_old_beats]
        while not self._ended.is_set():
            try:
                while first:
                    first[0]()
                    first.pop(0)
                self._ring()
            except Exception:
                log.exception("bell_failed")
                self._ended.wait(WAKE_EVERY_SECONDS)
            finally:
                connections.close_all()
            self._ended.wait(LOOK_EVERY_SECONDS)

    def _ring(self) -> None:
        for cluster in self._clusters:
            self._ask(cluster)
        if self._is_time("wake", WAKE_EVERY_SECONDS):
            for source in self._sources:
                if source.is_due() and not get_broker(source.queue).queue_size():
                    source.wake()

    def _ask(self, cluster: Cluster) -> None:
        """Queue a heartbeat. While one is unanswered, seldom: it may have been lost."""
        unanswered = cluster.asked_at is not None
        every = settings.HEARTBEAT_SILENCE / 4 if unanswered else settings.HEARTBEAT
        if cluster.is_running and self._is_time(cluster.beats, every):
            async_task(BEAT_TASK, cluster=cluster.beats)
            if cluster.asked_at is None:
                cluster.asked_at = time.monotonic()

    def _is_time(self, what: str, every: float) -> bool:
        moment = time.monotonic()
        if moment - self._rang_at.get(what, -every) < every:
            return False
        self._rang_at[what] = moment
        return True


def forget_old_beats() -> None:
    """Delete what supervisors that were killed have left in their private queues."""
    get_broker().forget_old_beats()
