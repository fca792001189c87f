"""Signs of life: what the processes of a cluster tell their supervisor, through a pipe.

A line is a kind and a process id, written at once, so that lines of different processes never mix.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django_q.signals import post_execute, post_execute_in_worker, post_spawn, pre_execute

FD_VARIABLE = "WORKER_PULSE_FD"
BEAT_TASK = "kyc_adapter.worker.tasks.beat"


class Kind(StrEnum):
    """BEAT: a heartbeat task was executed and acknowledged, so that the whole chain works.

    BUSY: a worker executes a task. GUARD: the sentinel looks after its children.
    """

    BEAT = "beat"
    BUSY = "busy"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Pulse:
    kind: Kind
    pid: int


class Reader:
    """The supervisor's end of the pipe of one cluster."""

    def __init__(self) -> None:
        self._read_fd, self.write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        os.set_blocking(self.write_fd, False)
        self._rest = b""

    def close_write_end(self) -> None:
        """Once the cluster has inherited it."""
        os.close(self.write_fd)

    def close(self) -> None:
        os.close(self._read_fd)

    def pulses(self) -> Iterator[Pulse]:
        """What has been told since the last time."""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._read_fd, 65536):
                self._rest += chunk
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            kind, pid = line.decode().split()
            yield Pulse(Kind(kind), int(pid))


def send(kind: Kind) -> None:
    """Tell the supervisor; without one, and when it is too slow to listen, nothing happens."""
    given = os.environ.get(FD_VARIABLE)
    if given is None:
        return
    with contextlib.suppress(OSError):
        os.write(int(given), f"{kind} {os.getpid()}\n".encode())


def tell_from_cluster() -> None:
    """Connect to Django-Q's signals; in a cluster's main process, which the others inherit."""
    os.set_inheritable(int(os.environ[FD_VARIABLE]), False)
    post_execute.connect(_tell_beat, dispatch_uid="pulse.beat")
    post_spawn.connect(_busy.start_telling, dispatch_uid="pulse.spawn")
    pre_execute.connect(_busy.begin, dispatch_uid="pulse.begin")
    post_execute_in_worker.connect(_busy.end, dispatch_uid="pulse.end")


def _tell_beat(sender: Any, task: dict[str, Any], **kwargs: Any) -> None:
    """In the monitor, after the task was acknowledged."""
    if task["func"] == BEAT_TASK:
        send(Kind.BEAT)


class _Busy:
    """Tells again and again that this worker executes a task, however long that takes."""

    def __init__(self) -> None:
        self._is_busy = threading.Event()

    def start_telling(self, **kwargs: Any) -> None:
        self._is_busy.clear()
        threading.Thread(target=self._tell, name="busy-pulse", daemon=True).start()

    def begin(self, **kwargs: Any) -> None:
        self._is_busy.set()

    def end(self, **kwargs: Any) -> None:
        self._is_busy.clear()

    def _tell(self) -> None:
        while self._is_busy.wait():
            send(Kind.BUSY)
            time.sleep(busy_seconds() / 3)


_busy = _Busy()


def busy_seconds() -> float:
    """For how long a worker that said it is busy counts as busy."""
    return min(3.0, float(settings.HEARTBEAT_SILENCE) / 4)
