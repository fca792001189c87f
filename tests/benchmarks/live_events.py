"""A thousand sockets on one web process: memory, how soon an event arrives, and whether all do.

Each socket follows a verification of its own. The clients and the writers share this process, and
the machine, with the server. With `REDIS_URL` sockets are woken; without it they look into the log
twice a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.utils.timezone import now
from websockets.asyncio.client import ClientConnection, connect

from tenants.models import Tenant
from tenants.selectors import working_config
from tenants.services import issue_key, save_tenant
from tests.processes import database_url, free_port, is_open, wait_for
from verifications.events import EventType, record
from verifications.models import Method, Verification

SOCKETS = 1000
PACE_PER_SECOND = 100
PACED_EVENTS = 1000
WRITERS = 8
PATIENCE_SECONDS = 60
LIMIT_KB = 100.0
LIMIT_WITH_REDIS_MS = 250.0
LIMIT_WITHOUT_REDIS_MS = 1000.0
VERDICT = {"status": "completed", "decision": "approved", "reasonCodes": []}

Results = dict[str, tuple[float, float | None]]


def measure() -> Results:
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    )
    tenant = save_tenant(
        name="Sockets",
        provider="regula",
        config={"docreader_url": "http://127.0.0.1:1/"},
        credentials={},
    )
    key = issue_key(tenant=tenant, name="sockets").plain
    verifications = [stored(tenant) for _ in range(SOCKETS)]
    with running_server() as (pid, address):
        return asyncio.run(Run(pid, address, key, verifications).measure())


def stored(tenant: Tenant) -> Verification:
    """Without pictures, and without anybody who works on it."""
    config = working_config(tenant)
    with transaction.atomic():
        verification = Verification.objects.create(
            tenant=tenant,
            provider=config.provider,
            provider_account=config.provider_account,
            verification_type="document",
            verification_method=Method.DOCUMENT,
            expires_at=now() + timedelta(hours=1),
        )
        record(verification, EventType.CREATED, status="pending")
    return verification


class Run:
    """told_at, heard_at: by verification id and sequence, in seconds of one clock."""

    def __init__(self, pid: int, address: str, key: str, verifications: list[Verification]) -> None:
        self._pid = pid
        self._address = address
        self._key = key
        self._verifications = verifications
        self._told_at: dict[tuple[str, int], float] = {}
        self._heard_at: dict[tuple[str, int], float] = {}
        self._heard = asyncio.Event()

    async def measure(self) -> Results:
        async with AsyncExitStack() as opened:
            await self._open(opened, self._verifications[0])
            empty = private_kb(self._pid)
            for verification in self._verifications[1:]:
                await self._open(opened, verification)
            await self._all_heard(SOCKETS)
            full = private_kb(self._pid)
            latencies = await self._paced()
            lost, seconds = await self._burst()
        with_redis = bool(settings.REDIS_URL)
        limit = LIMIT_WITH_REDIS_MS if with_redis else LIMIT_WITHOUT_REDIS_MS
        how = "with Redis" if with_redis else "without Redis"
        return {
            "memory of an open socket, KB": ((full - empty) / (SOCKETS - 1), LIMIT_KB),
            f"event, commit to socket, {how}, ms (median)": (statistics.median(latencies), None),
            f"the same, 99th percentile, {SOCKETS} sockets": (p99(latencies), limit),
            f"final events lost, of {SOCKETS} at once": (lost, 0),
            "from the first of them told to the last heard, s": (seconds, None),
        }

    async def _open(self, opened: AsyncExitStack, verification: Verification) -> None:
        socket = await opened.enter_async_context(
            connect(
                f"{self._address}/{verification.pk}", additional_headers={"X-API-Key": self._key}
            )
        )
        listening = asyncio.create_task(self._listen(socket))
        opened.callback(listening.cancel)

    async def _listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            message = json.loads(text)
            if "sequence" in message:
                self._heard_at[message["verificationId"], message["sequence"]] = time.monotonic()
                self._heard.set()

    async def _paced(self) -> list[float]:
        """Milliseconds of each of the events told at an even pace."""
        before = len(self._heard_at)
        chosen = random.choices(self._verifications, k=PACED_EVENTS)
        started = time.monotonic()
        with ThreadPoolExecutor(1) as writer:
            for number, verification in enumerate(chosen):
                await asyncio.sleep(started + number / PACE_PER_SECOND - time.monotonic())
                writer.submit(self._tell, verification, EventType.STEP_COMPLETED, {"step": 1})
            await self._all_heard(before + PACED_EVENTS)
        return [(self._heard_at[event] - told) * 1000 for event, told in self._told_at.items()]

    async def _burst(self) -> tuple[int, float]:
        """How many of the final events did not arrive, and how long it took."""
        before = len(self._heard_at)
        started = time.monotonic()
        with ThreadPoolExecutor(WRITERS) as writers:
            for verification in self._verifications:
                writers.submit(self._tell, verification, EventType.COMPLETED, VERDICT)
            await self._all_heard(before + SOCKETS)
        return before + SOCKETS - len(self._heard_at), time.monotonic() - started

    def _tell(self, verification: Verification, type_: EventType, data: dict[str, Any]) -> None:
        with transaction.atomic():
            # The first thing after the commit.
            transaction.on_commit(lambda: committed_at.append(time.monotonic()))
            committed_at: list[float] = []
            event = record(verification, type_, **data)
        connections.close_all()
        self._told_at[str(verification.pk), event.sequence] = committed_at[0]

    async def _all_heard(self, count: int) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(self._heard_at) < count:
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            print(f"{count - len(self._heard_at)} events did not arrive")


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def private_kb(pid: int) -> int:
    """Memory that this process alone holds."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith("Private_"))


@contextmanager
def running_server() -> Iterator[tuple[int, str]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "kyc_adapter.asgi:application", f"--port={port}",
         "--log-level=warning", "--ws-per-message-deflate=false"],
        env={**os.environ, "DATABASE_URL": database_url()},
    )  # fmt: skip
    try:
        wait_for(lambda: is_open(port), "The server did not start")
        yield process.pid, f"ws://127.0.0.1:{port}/ws/verifications"
    finally:
        process.terminate()
        process.wait(timeout=30)
