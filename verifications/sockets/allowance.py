"""How much one socket may ask."""

from __future__ import annotations

import time

# A client that opens and subscribes to everything at once is none to throw out.
BURST_SECONDS = 6


class Allowance:
    """A bucket that fills with so many messages a second and holds a few seconds' worth."""

    __slots__ = ("_left", "_per_second", "_since")

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._left = per_second * BURST_SECONDS
        self._since = time.monotonic()

    def take(self) -> bool:
        """Take one message out; False if there is none."""
        moment = time.monotonic()
        filled = self._left + (moment - self._since) * self._per_second
        self._left = min(filled, self._per_second * BURST_SECONDS) - 1
        self._since = moment
        return self._left >= 0
