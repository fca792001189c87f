"""Starts the clusters, watches them, starts them again, and stops them."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.conf import settings

from kyc_adapter.worker.bell import Bell
from kyc_adapter.worker.brokers import BEATS_PREFIX
from kyc_adapter.worker.cluster import Cluster
from kyc_adapter.worker.due import DueSource
from kyc_adapter.worker.queues import Queue

log = structlog.get_logger("kyc_adapter.worker")

LOOK_EVERY_SECONDS = 0.1
# A supervisor that was away for longer (a paused machine) cannot judge who was silent.
AWAY_SECONDS = 5.0


class Supervisor:
    """One for each machine or container; several may share the queues."""

    def __init__(
        self,
        queues: Sequence[Queue],
        sources: Sequence[DueSource],
        at_start: Callable[[], object],
    ) -> None:
        instance = f"{socket.gethostname()[:40]}-{os.getpid()}"
        self._clusters = [
            Cluster(queue, f"{BEATS_PREFIX}{instance}-{queue.name}") for queue in queues
        ]
        self._bell = Bell(self._clusters, sources)
        self._at_start = at_start
        self._signals = 0
        self._looked_at = time.monotonic()

    def run(self) -> None:
        """Returns after SIGTERM or SIGINT, when no process of a cluster is left.

        From the main thread only: Linux counts the thread that starts a process as its parent.
        """
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        for cluster in self._clusters:
            cluster.start()
        self._bell.start(self._at_start)
        try:
            while not self._signals:
                self._look()
                time.sleep(LOOK_EVERY_SECONDS)
            self._bell.stop()
            self._stop()
        finally:
            for cluster in self._clusters:
                cluster.kill()

    def _on_signal(self, *signal_and_frame: Any) -> None:
        self._signals += 1

    def _look(self) -> None:
        moment = time.monotonic()
        was_away = moment - self._looked_at > AWAY_SECONDS
        self._looked_at = moment
        for cluster in self._clusters:
            if was_away:
                cluster.forgive()
            self._look_after(cluster)

    def _look_after(self, cluster: Cluster) -> None:
        cluster.listen()
        if cluster.process is None:
            if time.monotonic() >= cluster.may_start_at:
                cluster.start()
        elif not cluster.is_running:
            log.error("cluster_died", queue=cluster.queue.name, code=cluster.process.returncode)
            cluster.kill()
        elif cluster.is_drained:
            cluster.kill()
        elif cluster.condemned_at is None and cluster.silence:
            cluster.condemn()

    def _stop(self) -> None:
        """Let the clusters end what they do; a second signal, or the time limit, ends them."""
        until = time.monotonic() + settings.WORKER_STOP
        for cluster in self._clusters:
            cluster.ask_to_stop()
        while self._signals < 2 and time.monotonic() < until:
            if not any(cluster.is_running for cluster in self._clusters):
                return
            time.sleep(LOOK_EVERY_SECONDS)
        log.warning("clusters_killed", count=sum(item.is_running for item in self._clusters))
