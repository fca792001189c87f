"""Where the event loop uses the database, for sockets and for requests that wait: on a few threads,
which give the connection back at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import ParamSpec, TypeVar

from django.db import connection

REQUEST_THREADS = 4

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what one socket or request needs of the database, without holding up the others."""
    return await _run(_for_requests(), partial(work, *args, **kwargs))


async def in_feed_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what all sockets wait for; a rush of new sockets has its own threads."""
    return await _run(_for_the_feed(), partial(work, *args, **kwargs))


async def _run(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    job = partial(_with_connection, work)
    return await asyncio.get_running_loop().run_in_executor(threads, job)


def _with_connection(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connection.close()


@lru_cache(maxsize=1)
def _for_requests() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(REQUEST_THREADS, "sockets")


@lru_cache(maxsize=1)
def _for_the_feed() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "feed")
