"""Has this process been asked to stop? Long work looks here before it begins anything new.

A plain value and no Event: it is set by a signal's handler, which may interrupt this very module,
and a forked process inherits it.
"""

from __future__ import annotations

import time
from typing import Any

LOOK_AGAIN_SECONDS = 0.2

_asked_at: float | None = None


def ask(*signal_and_frame: Any) -> None:
    """Ask this process to stop; a signal handler, and safe to repeat."""
    global _asked_at
    if _asked_at is None:
        _asked_at = time.monotonic()


def is_asked() -> bool:
    return _asked_at is not None


def seconds_since() -> float:
    """How long ago this process was asked to stop; 0 if it was not."""
    return 0.0 if _asked_at is None else time.monotonic() - _asked_at


def sleep(seconds: float) -> None:
    """Sleep, but no longer than until this process is asked to stop."""
    until = time.monotonic() + seconds
    while not is_asked() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_AGAIN_SECONDS))


def forget() -> None:
    """Go on as if nobody had asked; for tests."""
    global _asked_at
    _asked_at = None
