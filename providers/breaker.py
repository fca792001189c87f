"""A circuit breaker for one provider account.

It counts consecutive failures of the vendor (no connection, timeouts, 5xx). Once open it refuses
at once, and lets one probe through per `reset_seconds`; the probe's outcome closes it or keeps it
open. State is per process: each process learns of an outage within `fail_max` calls.

Why not pybreaker: its `call` holds one lock while the guarded function runs, so all threads of a
worker would queue behind a single vendor call (decision 0003).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from providers.errors import CircuitOpen


class Breaker:
    """Thread-safe; `admit` before a call, then exactly one of `succeeded` or `failed`."""

    def __init__(
        self,
        *,
        fail_max: int = 5,
        reset_seconds: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fail_max = fail_max
        self._reset_seconds = reset_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._next_probe_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= self._fail_max

    def admit(self) -> None:
        """Let a call through, or raise CircuitOpen with the seconds until the next probe."""
        with self._lock:
            if not self.is_open:
                return
            wait = self._next_probe_at - self._clock()
            if wait > 0:
                raise CircuitOpen(
                    "The provider failed repeatedly; calls are paused for a moment",
                    retry_after_seconds=wait,
                )
            self._next_probe_at = self._clock() + self._reset_seconds

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self.is_open:
                self._next_probe_at = self._clock() + self._reset_seconds
