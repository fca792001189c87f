"""The main process of one cluster, started by the supervisor.

Django-Q's own command stops the cluster inside a signal's handler, where it can deadlock, and ends
with exit code 0 when its sentinel has died. Here handlers only set a flag.
"""

from __future__ import annotations

import gc
import os
import signal
import time
from typing import Any

from django_q.cluster import Cluster

from common import stopping
from kyc_adapter.worker import family, pulse

SUPERVISOR_VARIABLE = "WORKER_SUPERVISOR_PID"
# Sent to every process of a cluster: begin nothing new.
STOP_CLAIMING = signal.SIGUSR1
LOOK_AGAIN_SECONDS = 0.1


def run() -> bool:
    """Run the cluster of `Q_CLUSTER_NAME` until SIGTERM; False if it died instead."""
    family.end_with_parent(int(os.environ[SUPERVISOR_VARIABLE]))
    signal.signal(STOP_CLAIMING, stopping.ask)
    pulse.tell_from_cluster()
    # What is loaded now stays shared with the forks: the collector doesn't touch it any more.
    gc.collect()
    gc.freeze()
    cluster = Cluster()
    wanted = _Wanted()
    cluster.start()
    while wanted.is_running:
        if not cluster.sentinel.is_alive():
            return False
        time.sleep(LOOK_AGAIN_SECONDS)
    cluster.stop()
    return True


class _Wanted:
    """Whether the cluster should run. SIGTERM and SIGINT say no; they did Django-Q's own stop."""

    def __init__(self) -> None:
        self.is_running = True
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)

    def _stop(self, *signal_and_frame: Any) -> None:
        self.is_running = False
