"""Where sockets use the database: on a few threads, which give the connection back at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import ParamSpec, TypeVar

from django.db import connection

THREADS = 4

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what uses the database without holding up the sockets."""
    job = partial(_with_connection, partial(work, *args, **kwargs))
    return await asyncio.get_running_loop().run_in_executor(_threads(), job)


def _with_connection(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connection.close()


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, "sockets")
