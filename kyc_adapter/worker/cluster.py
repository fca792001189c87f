"""One cluster as its supervisor sees it: a process group, and what it tells of itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import structlog
from django.conf import settings

from kyc_adapter.worker import brokers, inside, pulse
from kyc_adapter.worker.pulse import Kind
from kyc_adapter.worker.queues import Queue

log = structlog.get_logger("kyc_adapter.worker")

# A cluster that starts has more time until its first sign of life.
START_SECONDS = 30.0
# A cluster that lives, but takes no tasks, may end the ones it works on.
DRAIN_SECONDS = 10.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0


@dataclass
class Cluster:
    """beats: its private queue. asked_at: when the oldest unanswered heartbeat was queued."""

    queue: Queue
    beats: str
    process: subprocess.Popen[bytes] | None = None
    asked_at: float | None = None
    has_answered: bool = False
    guarded_at: float = 0.0
    condemned_at: float | None = None
    may_start_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    _busy_until: dict[int, float] = field(default_factory=dict)
    _reader: pulse.Reader | None = None

    def start(self) -> None:
        """Start its main process, in a session of its own: no terminal's Ctrl-C reaches it."""
        self._reader = pulse.Reader()
        environment = {
            inside.SUPERVISOR_VARIABLE: str(os.getpid()),
            pulse.FD_VARIABLE: str(self._reader.write_fd),
            brokers.BEATS_VARIABLE: self.beats,
            "Q_CLUSTER_NAME": self.queue.name,
            "DATABASE_POOL_SIZE": str(settings.WORKER_DATABASE_POOL_SIZE),
            # glibc would keep a heap for each few of the many threads.
            "MALLOC_ARENA_MAX": "2",
        }
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker_cluster"],
            env={**os.environ, **environment},
            pass_fds=[self._reader.write_fd],
            start_new_session=True,
        )
        self._reader.close_write_end()
        self.asked_at = self.condemned_at = None
        self.has_answered = False
        self.guarded_at = time.monotonic()
        self._busy_until = {}
        log.info("cluster_started", queue=self.queue.name, pid=self.process.pid)

    def listen(self) -> None:
        """Take in what its processes have told since the last time."""
        for told in self._reader.pulses() if self._reader else ():
            moment = time.monotonic()
            if told.kind is Kind.BUSY:
                self._busy_until[told.pid] = moment + pulse.busy_seconds()
            elif told.kind is Kind.GUARD:
                self.guarded_at = moment
            else:
                self.has_answered = True
                self.asked_at = None
                self.pause = FIRST_PAUSE_SECONDS
        if self.asked_at and self.busy_workers >= self.queue.workers:
            # Nobody is free to answer.
            self.asked_at = time.monotonic()

    @property
    def busy_workers(self) -> int:
        moment = time.monotonic()
        return sum(until > moment for until in self._busy_until.values())

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def silence(self) -> str:
        """What has not been heard of for too long; empty if all is well."""
        moment = time.monotonic()
        limit = settings.HEARTBEAT_SILENCE
        if not self.has_answered:
            limit = max(limit, START_SECONDS)
        if self.asked_at is not None and moment - self.asked_at > limit:
            return "heartbeat"
        return "sentinel" if moment - self.guarded_at > limit else ""

    @property
    def is_drained(self) -> bool:
        """Condemned, and with nothing left that is worth waiting for."""
        if self.condemned_at is None:
            return False
        has_had_time = time.monotonic() - self.condemned_at > DRAIN_SECONDS
        return has_had_time or not self.busy_workers

    def forgive(self) -> None:
        """Count silence from now on: the supervisor itself was away."""
        self.guarded_at = time.monotonic()
        if self.asked_at is not None:
            self.asked_at = self.guarded_at

    def condemn(self) -> None:
        """It works no longer: what still runs in it may end, then it is killed."""
        log.error("cluster_is_silent", queue=self.queue.name, where=self.silence)
        self.condemned_at = time.monotonic()
        self._signal_all(inside.STOP_CLAIMING)

    def ask_to_stop(self) -> None:
        """Begin nothing new, end what runs."""
        self._signal_all(inside.STOP_CLAIMING)
        if self.process is not None and self.is_running:
            self.process.terminate()

    def kill(self) -> None:
        """End every process of it, and forget it; it may be started again after a pause."""
        if self.process is None:
            return
        self._signal_all(signal.SIGKILL)
        code = self.process.wait()
        log.info("cluster_ended", queue=self.queue.name, pid=self.process.pid, code=code)
        self.process = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self.may_start_at = time.monotonic() + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)

    def _signal_all(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)
