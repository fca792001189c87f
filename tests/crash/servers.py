"""A PostgreSQL and a Redis of a test's own, which it may restart."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import free_port, is_open, wait_for

PROGRAMS = Path("/usr/lib/postgresql")


class Postgresql:
    """Run as the user `postgres`, because it refuses to run as root."""

    def __init__(self) -> None:
        self._programs = max(PROGRAMS.glob("*/bin"))
        self._data = Path(tempfile.mkdtemp(prefix="kyc-postgresql-"))
        shutil.chown(self._data, "postgres")
        self._port = free_port()
        self._run("initdb", "--auth=trust", "--no-sync")
        self._pg_ctl("start")
        self.url = f"postgres://postgres@127.0.0.1:{self._port}/postgres"

    def restart(self) -> None:
        """As after a crash: without waiting for anybody."""
        self._pg_ctl("restart", "--mode=immediate")

    def stop(self) -> None:
        self._pg_ctl("stop", "--mode=immediate")
        shutil.rmtree(self._data)

    def _pg_ctl(self, *command: str) -> None:
        options = f"-p {self._port} -k /tmp -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", *command, "--wait", "--silent", f"--options={options}",
                  f"--log={self._data}/log")  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), f"--pgdata={self._data}", *arguments]
        subprocess.run(command, user="postgres", cwd="/", check=True, stdout=subprocess.DEVNULL)


class Redis:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._start()

    def restart(self) -> None:
        """Killed, and empty when it is back."""
        self.stop()
        self._start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _start(self) -> None:
        command = ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(lambda: is_open(self._port), "Redis did not start")


@contextmanager
def postgresql() -> Iterator[Postgresql]:
    server = Postgresql()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def redis(folder: Path) -> Iterator[Redis]:
    server = Redis(folder)
    try:
        yield server
    finally:
        server.stop()
