"""A running `manage.py worker` as tests see it: which of its processes is which."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings

from tests import processes
from tests.processes import database_url

WORKERS = 2
SILENCE_SECONDS = 3
IMPATIENT = {
    "HEARTBEAT_SECONDS": "0.5",
    "HEARTBEAT_SILENCE_SECONDS": str(SILENCE_SECONDS),
    # The fewest there can be: whoever waits must hold none.
    "WORKER_DATABASE_POOL_SIZE": "1",
}
# The silence, what still runs, a lease, and a new start on a busy machine.
RECOVERED_WITHIN = SILENCE_SECONDS + 40

wait_for = partial(processes.wait_for, within=40)


@dataclass(frozen=True)
class Roles:
    """The processes of one cluster, in the order in which Django-Q starts them."""

    main: int
    sentinel: int
    workers: list[int]
    monitor: int
    pusher: int

    @property
    def all(self) -> set[int]:
        return {self.main, self.sentinel, *self.workers, self.monitor, self.pusher}

    def of(self, role: str) -> int:
        return self.workers[0] if role == "worker" else getattr(self, role)


class WorkerTree:
    """`manage.py worker` for the verifications' queue, in a process group of its own."""

    def __init__(self, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--queue", "kyc"],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": database_url(),
                "EVIDENCE_DIR": str(settings.EVIDENCE_DIR),
                "QUEUE_WORKERS": str(WORKERS),
                **environment,
            },
            start_new_session=True,
        )

    @property
    def is_complete(self) -> bool:
        """Whether one cluster, and nothing else, runs with all its processes."""
        children = children_by_parent()
        mains = children.get(self.process.pid, [])
        sentinels = children.get(mains[0], []) if len(mains) == 1 else []
        return len(sentinels) == 1 and len(children.get(sentinels[0], [])) == WORKERS + 2

    def roles(self) -> Roles:
        wait_for(lambda: self.is_complete)
        children = children_by_parent()
        main = children[self.process.pid][0]
        sentinel = children[main][0]
        *workers, monitor, pusher = children[sentinel]
        return Roles(main, sentinel, workers, monitor, pusher)

    def assert_replaced(self, before: Roles, killed: Sequence[int]) -> Roles:
        """No orphan is left: what lives on of the processes before belongs to its one cluster."""
        wait_for(lambda: self.is_complete, within=RECOVERED_WITHIN)
        after = self.roles()
        assert not living(killed)
        assert living(before.all) <= after.all, "An orphan is left"
        return after

    def pids(self) -> set[int]:
        """Every process of it that lives."""
        children = children_by_parent()
        found, left = set(), [self.process.pid]
        while left:
            pid = left.pop()
            found.add(pid)
            left += children.get(pid, [])
        return found

    def stop(self, *, within: float = 10) -> int:
        self.process.terminate()
        return self.process.wait(timeout=within)

    def kill(self) -> None:
        """What Linux does to the children then is tested elsewhere."""
        self.process.kill()
        self.process.wait()


def children_by_parent() -> dict[int, list[int]]:
    """Process ids of children, oldest first; the dead ones that nobody has waited for left out."""
    listed = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    found: dict[int, list[int]] = {}
    for line in sorted(listed.splitlines(), key=lambda line: int(line.split()[0])):
        pid, parent, state = line.split()
        if not state.startswith("Z"):
            found.setdefault(int(parent), []).append(int(pid))
    return found


def living(pids: Sequence[int] | set[int]) -> set[int]:
    everybody = {pid for children in children_by_parent().values() for pid in children}
    return set(pids) & everybody


def kill_9(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
