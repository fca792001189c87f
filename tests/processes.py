"""Processes of the service that tests start, and waiting for what they do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

LEASE_SECONDS = 6
PATIENCE_SECONDS = LEASE_SECONDS + 60
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "tests.settings",
    "STEP_TIMEOUT_SECONDS": "5",
    "LEASE_SECONDS": str(LEASE_SECONDS),
    "STEP_SETTLES_AFTER_SECONDS": "1",
    "QUEUE_WORKERS": "1",
    "HEARTBEAT_SECONDS": "1",
}


class Processes:
    """Started in groups of their own; all of them end with the test."""

    def __init__(self, folder: Path) -> None:
        self._started: list[subprocess.Popen[bytes]] = []
        self.permit = folder / "may-crash"

    def worker(self, crash_at: str = "", queues: Sequence[str] = (), **environment: str) -> None:
        """queues: those that the test needs; each costs the start of a cluster. None: all."""
        only = [f"--queue={queue}" for queue in queues]
        self._start(["manage.py", "worker", *only], crash_at, environment)

    def web(self, crash_at: str = "", **environment: str) -> str:
        """The address of a server that answers."""
        port = free_port()
        command = ["-m", "uvicorn", "kyc_adapter.asgi:application", f"--port={port}"]
        self._start(command, crash_at, environment)
        wait_for(lambda: is_open(port), "The server did not start")
        return f"http://127.0.0.1:{port}"

    @property
    def last(self) -> subprocess.Popen[bytes]:
        """The one started last."""
        return self._started[-1]

    def end(self) -> None:
        for process in self._started:
            process.terminate()
        for process in self._started:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start(self, command: list[str], crash_at: str, environment: dict[str, str]) -> None:
        """crash_at: `point:count`; one of the processes dies there, once."""
        of_the_test = {"EVIDENCE_DIR": str(settings.EVIDENCE_DIR)}
        if "DATABASE_URL" not in environment:
            of_the_test["DATABASE_URL"] = database_url()
        if crash_at:
            self.permit.touch()
            of_the_test["CRASH_POINT"] = f"{crash_at}:{self.permit}"
        self._started.append(
            subprocess.Popen(
                [sys.executable, *command],
                env={**os.environ, **ENVIRONMENT, **of_the_test, **environment},
                start_new_session=True,
            )
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """The test database, as a process of its own would name it."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    user = f"{config['USER'] or 'postgres'}:{config['PASSWORD']}".rstrip(":")
    return f"postgres://{user}@{config['HOST']}:{config['PORT'] or 5432}/{config['NAME']}"


def wait_for(
    condition: Callable[[], object],
    complaint: str = "It did not happen in time",
    *,
    within: float = PATIENCE_SECONDS,
) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
