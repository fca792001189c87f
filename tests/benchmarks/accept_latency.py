"""How soon 150 accepts a second are answered by two web processes, alone and beside pictures.

Requests leave at an even pace whatever the answers do, and time counts from when each was due to
leave. Clients, database and servers share the machine. Needs PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections import deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from django.db import connection

from tenants.services import issue_key, save_tenant
from tests.benchmarks.accepting import ACCEPT, ID_CHECK, Connection, Web, caller, post, running_web
from tests.benchmarks.adapter_cost import picture
from tests.verifications_support import document_request

PROCESSES = 2
PER_SECOND = 150
PICTURES_PER_SECOND = 5
SECONDS = 20
WARM_UP_SECONDS = 3
LIMIT_MS = 100.0

Results = dict[str, tuple[float, float | None]]


def measure() -> Results:
    if connection.vendor != "postgresql":
        print("How soon an accept is answered is measured on PostgreSQL only; set DATABASE_URL")
        return {}
    id_check = Stream(post(ACCEPT, caller().key, ID_CHECK), PER_SECOND)
    pictures = Stream(with_picture(), PICTURES_PER_SECOND)
    with running_web(processes=PROCESSES) as web:
        asyncio.run(run(web, [id_check, pictures], WARM_UP_SECONDS))
        load = os.getloadavg()[0]
        alone = asyncio.run(run(web, [id_check], SECONDS))[0]
        beside, of_pictures = asyncio.run(run(web, [id_check, pictures], SECONDS))
    what = f"accepting ID checks, {PER_SECOND} a second, ms"
    return {
        "load average before (the machine has two cores)": (load, None),
        f"{what} (median)": (statistics.median(alone), None),
        f"{what} (99 %)": (p99(alone), LIMIT_MS),
        f"the same beside {PICTURES_PER_SECOND} pictures of 300 kB (median)": (
            statistics.median(beside),
            None,
        ),
        "the same beside them (99 %)": (p99(beside), None),
        "requests not accepted": (id_check.failed + pictures.failed, 0),
        "accepting the pictures, ms (median)": (statistics.median(of_pictures), None),
        "accepting the pictures, ms (99 %)": (p99(of_pictures), None),
    }


def with_picture() -> bytes:
    tenant = save_tenant(
        name="Accepts pictures",
        provider="regula",
        config={"docreader_url": "http://127.0.0.1:1/docreader"},
        credentials={},
    )
    key = issue_key(tenant=tenant, name="benchmark").plain
    return post(ACCEPT, key, document_request(picture()))


@dataclass
class Stream:
    """The same request again and again. failed: how often it was not accepted."""

    request: bytes
    per_second: int
    failed: int = 0


async def run(web: Web, streams: Sequence[Stream], seconds: int) -> list[list[float]]:
    """Milliseconds of each answer, by stream."""
    async with AsyncExitStack() as opened:
        return list(
            await asyncio.gather(*(paced(web, stream, seconds, opened) for stream in streams))
        )


async def paced(web: Web, stream: Stream, seconds: int, opened: AsyncExitStack) -> list[float]:
    # Used in turn, as those of many clients are: both processes have their part of them.
    free: deque[Connection] = deque()

    async def one(due_at: float) -> float:
        if free:
            used = free.popleft()
        else:
            used = await Connection.to(web)
            opened.push_async_callback(used.close)
        try:
            await used.send(stream.request, 202)
        except RuntimeError:
            stream.failed += 1
        free.append(used)
        return (time.perf_counter() - due_at) * 1000

    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        tasks = []
        for number in range(stream.per_second * seconds):
            due_at = started + number / stream.per_second
            await asyncio.sleep(due_at - time.perf_counter())
            tasks.append(group.create_task(one(due_at)))
    return [task.result() for task in tasks]


def p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[98]
