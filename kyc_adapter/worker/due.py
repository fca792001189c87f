"""What becomes due in our tables; `kyc_adapter.wiring` lists it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DueSource:
    """Rows that become due: whether one is now, and how to wake those who work them.

    queue: the name of the queue whose cluster works them.
    """

    queue: str
    is_due: Callable[[], bool]
    wake: Callable[[], object]
