"""What accepting an ID check costs, as a ratio to a bare ASGI application.

The bare one executes the same statements, recorded from an accept, through psycopg's pool and
answers. Both run under uvicorn, and one client asks them in turn. Needs PostgreSQL.
"""

from __future__ import annotations

import asyncio
import pickle
import statistics
import tempfile
import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from django.db import connection
from rest_framework.test import APIClient

from tests.benchmarks.accepting import ACCEPT, ID_CHECK, Connection, Web, caller, post, running_web
from tests.benchmarks.bare_accept import Recording
from verifications.models import Verification

WARM_UP = 20
ROUNDS = 1000
RATIO_LIMIT = 3.0

Results = dict[str, tuple[float, float | None]]


def measure() -> Results:
    if connection.vendor != "postgresql":
        print("What an accept costs is measured on PostgreSQL only; set DATABASE_URL")
        return {}
    key = caller().key
    request = post(ACCEPT, key, ID_CHECK)
    with tempfile.NamedTemporaryFile() as file:
        recording = recorded(key)
        Path(file.name).write_bytes(pickle.dumps(recording))
        with (
            running_web(
                "tests.benchmarks.bare_accept:application", BARE_RECORDING=file.name
            ) as bare,
            running_web() as web,
        ):
            before = [server.cpu_seconds() for server in (web, bare)]
            times = asyncio.run(in_turn([web, bare], request, status=202, rounds=ROUNDS))
            after = [server.cpu_seconds() for server in (web, bare)]
            ours, theirs = map(statistics.median, times)
            our_cpu, their_cpu = (
                (later - earlier) * 1000 / (WARM_UP + ROUNDS)
                for earlier, later in zip(before, after, strict=True)
            )
    return {
        "statements of an accept": (len(recording.reads) + len(recording.writes), None),
        "accepting an ID check, ms (median)": (ours, None),
        "the same statements in a bare ASGI application, ms": (theirs, None),
        "accepting, ratio of the two": (ours / theirs, RATIO_LIMIT),
        "CPU of the web process for an accept, ms": (our_cpu, None),
        "CPU of the bare one, ms": (their_cpu, None),
    }


def recorded(key: str) -> Recording:
    """What a second accept executes: the first one fills the caches."""
    client = APIClient(SERVER_NAME="localhost")
    client.credentials(HTTP_X_API_KEY=key)
    reads: list[Any] = []
    writes: list[Any] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        kept = writes if connection.in_atomic_block else reads
        kept.append((sql, [plain(value) for value in params or ()]))
        return execute(sql, params, many, context)

    client.post(ACCEPT, ID_CHECK, format="json")
    with connection.execute_wrapper(note):
        accepted = client.post(ACCEPT, ID_CHECK, format="json").json()
    made = Verification.objects.select_related("session").get(pk=accepted["id"])
    return Recording(reads, writes, (made.pk, made.session.pk, made.events.get().pk))


def plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


async def in_turn(
    webs: Sequence[Web], request: bytes, *, status: int, rounds: int
) -> list[list[float]]:
    """Milliseconds of each answer, by server; whatever else the machine does, it does to all."""
    connections = [await Connection.to(web) for web in webs]
    times: list[list[float]] = [[] for _ in webs]
    for number in range(WARM_UP + rounds):
        for open_connection, kept in zip(connections, times, strict=True):
            started = time.perf_counter()
            await open_connection.send(request, status)
            if number >= WARM_UP:
                kept.append((time.perf_counter() - started) * 1000)
    for open_connection in connections:
        await open_connection.close()
    return times
