"""A real Django-Q cluster, in processes of its own, on the same database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.timezone import now
from django_q.models import Schedule

from common.images import inspect_image
from kyc_adapter.schedules import EVERY_MINUTES, ensure_schedules
from providers.types import ImageRole
from tests.verifications_support import PASSPORT
from verifications import services, tasks
from verifications.evidence_store import Picture
from verifications.models import ProviderCall, Session, Verification, VerificationType
from verifications.requests import NewVerification
from verifications.wake import wake_worker

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 40


def database_url() -> str:
    """The test database, as a process of its own would name it."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    user = f"{config['USER'] or 'postgres'}:{config['PASSWORD']}".rstrip(":")
    return f"postgres://{user}@{config['HOST']}:{config['PORT'] or 5432}/{config['NAME']}"


@pytest.fixture
def start_worker() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start clusters, each in a process group of its own; all end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "qcluster"],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": database_url(),
                "EVIDENCE_DIR": str(settings.EVIDENCE_DIR),
                "QUEUE_WORKERS": "1",
            },
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(condition) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "The worker did not get there in time"
        time.sleep(0.1)


@pytest.fixture
def accepted(regula_tenant, specimen):
    """A verification that is due for a worker."""
    data = specimen(PASSPORT)
    return services.create(
        NewVerification(
            tenant=regula_tenant,
            mode="live",
            run_mode="async",
            verification_type=VerificationType.DOCUMENT,
            pictures={ImageRole.FRONT: Picture(data, inspect_image(data))},
        )
    )


def assert_approved() -> None:
    verification = Verification.objects.get()
    assert (verification.status, verification.decision) == ("completed", "approved")
    assert verification.result["document"]["extracted"]["lastName"] == "ERIKSSON"


def let_lease_run_out() -> None:
    past = now() - timedelta(seconds=1)
    Session.objects.update(lease_until=past, next_attempt_at=past)


def test_worker_finishes_what_a_dead_process_left(accepted, start_worker):
    Session.objects.update(status="in_progress", fence=1, started_at=now())
    let_lease_run_out()
    start_worker()
    wake_worker()

    wait_for(lambda: Verification.objects.get().decision is not None)

    assert_approved()


def test_worker_killed_during_a_call(accepted, start_worker, sandbox):
    """The next one takes over when the lease is over; the vendor counts one session."""
    sandbox.fault("/api/process", "slow", seconds=30)
    first = start_worker()
    wake_worker()
    wait_for(sandbox.bills)
    kill_group(first)
    assert ProviderCall.objects.get().status == "reserved"

    let_lease_run_out()
    start_worker()
    tasks.sweep()
    wait_for(lambda: Verification.objects.get().decision is not None)

    assert_approved()
    assert [call.status for call in ProviderCall.objects.all()] == ["unknown", "done"]
    assert [bill["licensed_session"] for bill in sandbox.bills()] == [1, 0]
    assert Session.objects.get().fence == 2


def test_nobody_takes_tasks():
    with pytest.raises(CommandError, match="No worker takes tasks"):
        call_command("worker_alive", "--timeout", "0.2")


def test_schedules_are_made_once():
    ensure_schedules()
    ensure_schedules()

    made = Schedule.objects.filter(name__in=EVERY_MINUTES)
    assert {schedule.func for schedule in made} == set(EVERY_MINUTES)
    assert made.count() == len(EVERY_MINUTES)
