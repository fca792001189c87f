"""500 verifications of five half-second calls through `manage.py worker`, against the ideal.

Three times; the median counts. The ideal is what 256 threads would need if our own work took no
time. Memory is PSS (shared pages divided fairly) of the whole tree of the cluster that works
verifications. Needs PostgreSQL, by `DATABASE_URL`, and Linux: SQLite lets one of the 256 threads
write at a time.
"""

from __future__ import annotations

import math
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.test import override_settings
from django.utils.timezone import now

from common.images import inspect_image
from providers.sandbox.idmeta.accounts import DEMO
from providers.types import ImageRole
from tenants.models import Tenant
from tenants.services import save_tenant
from tests.benchmarks.adapter_cost import running_sandbox
from tests.benchmarks.vendor_stub import CALL_SECONDS
from tests.verifications_support import PASSPORT, SELFIE, blank_picture
from verifications import runner, services
from verifications.evidence_store import Picture
from verifications.models import Decision, RunMode, Session, Verification, VerificationType
from verifications.requests import NewVerification
from verifications.wake import wake_worker

VERIFICATIONS, ROUNDS = 500, 3
CALLS_EACH = 5  # create, document, liveness, face, finalize
PROCESSES, THREADS = 2, 128
PATIENCE_SECONDS = 60
# A look at the memory costs much of what is measured: the kernel counts every page.
LOOK_EVERY_SECONDS = 1
RATIO_LIMIT, PSS_LIMIT_MB, CONNECTIONS_LIMIT = 1.3, 250.0, 30.0
APPLICATION = "kyc-bench-worker"
SPECIMENS = Path("docs/specimens")

Results = dict[str, tuple[float, float | None]]


@dataclass
class Peak:
    pss_mb: float = 0.0
    connections: int = 0

    def look(self, supervisor: int) -> None:
        self.pss_mb = max(self.pss_mb, sum(map(pss_mb, tree_of(supervisor)[1:])))
        self.connections = max(self.connections, connections_of_worker())


def measure() -> Results:
    if connection.vendor != "postgresql":
        print("The worker's throughput is measured on PostgreSQL only; set DATABASE_URL")
        return {}
    with running_sandbox() as sandbox, running_stub(sandbox) as stub:
        tenant = tenant_on(stub)
        warm_up(tenant)
        pictures = {ImageRole.FRONT: blank(), ImageRole.SELFIE: blank()}
        rounds = [[store(tenant, pictures).pk for _ in range(VERIFICATIONS)] for _ in range(ROUNDS)]
        put_off()
        with running_worker() as supervisor:
            peak, cpu_before = Peak(), cpu_seconds(supervisor)
            seconds = statistics.median(work(supervisor, due, peak) for due in rounds)
            cpu_ms = (cpu_seconds(supervisor) - cpu_before) * 1000 / (ROUNDS * VERIFICATIONS)
    ideal = math.ceil(VERIFICATIONS / (PROCESSES * THREADS)) * CALLS_EACH * CALL_SECONDS
    what = f"{VERIFICATIONS} verifications, {PROCESSES} x {THREADS} threads"
    return {
        f"{what}, s (median)": (seconds, None),
        "the same without any work of ours, s (ideal)": (ideal, None),
        "working 500, ratio of the two": (seconds / ideal, RATIO_LIMIT),
        "worker's CPU for one verification, ms": (cpu_ms, None),
        "PSS of the cluster's processes, peak, MB": (peak.pss_mb, PSS_LIMIT_MB),
        "its database connections, peak": (peak.connections, CONNECTIONS_LIMIT),
    }


def work(supervisor: int, ids: Sequence[UUID], peak: Peak) -> float:
    """Seconds from the moment these verifications are due until all of them are decided."""
    due = Verification.objects.filter(pk__in=ids)
    started = look_at = time.monotonic()
    Session.objects.filter(verification__in=ids).update(next_attempt_at=now())
    wake_worker()
    while due.filter(decision=None).exists() and time.monotonic() - started < PATIENCE_SECONDS:
        if time.monotonic() > look_at:
            peak.look(supervisor)
            look_at = time.monotonic() + LOOK_EVERY_SECONDS
        time.sleep(0.1)
    seconds = time.monotonic() - started
    decisions = Counter(due.values_list("decision", flat=True))
    if decisions != {Decision.APPROVED: len(ids)}:
        raise RuntimeError(f"Not all were approved: {decisions}")
    return seconds


def tenant_on(stub: str) -> Tenant:
    return save_tenant(
        name="Throughput",
        provider="idmeta",
        config={"base_url": f"{stub}/idmeta/api", "default_template_id": "456"},
        credentials={"api_token": DEMO.token},
    )


def warm_up(tenant: Tenant) -> None:
    """One with pictures of a person: what the stub learns from it, it repeats."""
    pictures = {
        ImageRole.FRONT: picture((SPECIMENS / PASSPORT).read_bytes()),
        ImageRole.SELFIE: picture((SPECIMENS / SELFIE).read_bytes()),
    }
    with override_settings(STEP_TIMEOUT=60, LEASE=90, SYNC_DEADLINE=60):
        runner.run_for_caller(store(tenant, pictures).session.pk)


def store(tenant: Tenant, pictures: Mapping[ImageRole, Picture]) -> Verification:
    return services.create(
        NewVerification(
            tenant=tenant,
            mode="live",
            run_mode=RunMode.ASYNC,
            verification_type=VerificationType.COMPREHENSIVE,
            pictures=pictures,
        )
    )


def picture(data: bytes) -> Picture:
    return Picture(data, inspect_image(data))


def blank() -> Picture:
    return picture(blank_picture())


def put_off() -> None:
    """What other measurements have left, too."""
    Session.objects.filter(completed_at=None).update(next_attempt_at=now() + timedelta(hours=1))


@contextmanager
def running_stub(sandbox: str) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.vendor_stub", sandbox],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        ready = re.search(r"http://\S+", process.stdout.readline())
        if ready is None:
            raise RuntimeError("The vendor's stub did not start")
        yield ready.group()
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def running_worker() -> Iterator[int]:
    """The process id of a supervisor whose cluster is ready."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--queue", "kyc"],
        env={
            **os.environ,
            "QUEUE_WORKERS": str(PROCESSES),
            "WORKER_THREADS": str(THREADS),
            "PGAPPNAME": APPLICATION,
        },
    )
    try:
        wait_for(lambda: len(tree_of(process.pid)) == PROCESSES + 5)
        time.sleep(2)  # until what a start costs is over
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("The worker did not start")
        time.sleep(0.1)


def tree_of(pid: int) -> list[int]:
    """A process and its descendants, itself first."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in tree_of(int(child)))]


def pss_mb(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def cpu_seconds(supervisor: int) -> float:
    ticks = 0
    for pid in tree_of(supervisor):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def connections_of_worker() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [APPLICATION]
        )
        return int(cursor.fetchone()[0])
