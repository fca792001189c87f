"""No child outlives its parent: a worker whose supervisor was killed must not go on executing.

Linux kills the child itself (PR_SET_PDEATHSIG, which is per process, so it is set again after
each fork). Elsewhere a thread looks whether the parent is still the same.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
LOOK_AGAIN_SECONDS = 0.5

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_forking_pid = 0


def end_with_parent(parent_pid: int) -> None:
    """Let this process, and every one it forks from now on, end when its parent does.

    parent_pid: who the parent is known to be; if it has died already, this process ends at once.
    """
    _watch(parent_pid)
    os.register_at_fork(before=_remember_parent, after_in_child=_watch_forking_parent)


def _remember_parent() -> None:
    global _forking_pid
    _forking_pid = os.getpid()


def _watch_forking_parent() -> None:
    _watch(_forking_pid)


def _watch(parent_pid: int) -> None:
    if not _kernel_kills_after_parent():
        watch_by_thread(parent_pid)
    if os.getppid() != parent_pid:
        end_now()


def _kernel_kills_after_parent() -> bool:
    return _libc is not None and _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0


def watch_by_thread(parent_pid: int) -> None:
    """The portable way: within half a second of the parent's end."""

    def watch() -> None:
        while os.getppid() == parent_pid:
            time.sleep(LOOK_AGAIN_SECONDS)
        end_now()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def end_now() -> None:
    """As if killed: whoever takes over must not meet a process that still writes."""
    os.kill(os.getpid(), signal.SIGKILL)
