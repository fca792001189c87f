"""Places where a test can have a process die, as by `kill -9`.

`CRASH_POINT=name:count:file` in the environment kills the process when it passes the point for the
count-th time, if it can delete the file: so one process dies, once, however many there are. In
production it is ignored unless `CRASH_POINTS_ENABLED=true`.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings

log = structlog.get_logger("common.crash_points")


@dataclass(frozen=True, slots=True)
class Order:
    """Where to die. passing: counts, in this process, from 1."""

    point: str
    count: int
    permit: Path
    passing: Iterator[int]


def reach(point: str) -> None:
    """Die here if a test has ordered it."""
    order = _order()
    if order is None or order.point != point or next(order.passing) < order.count:
        return
    try:
        order.permit.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


@lru_cache(maxsize=1)
def _order() -> Order | None:
    ordered = os.environ.get("CRASH_POINT", "")
    if not ordered:
        return None
    is_enabled = os.environ.get("CRASH_POINTS_ENABLED") == "true"
    if settings.ENVIRONMENT == "production" and not is_enabled:
        log.warning("crash_point_ignored")
        return None
    point, count, permit = ordered.split(":", 2)
    return Order(point, int(count), Path(permit), itertools.count(1))
