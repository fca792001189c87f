"""A real Django-Q cluster, in processes of its own, on the same database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.timezone import now
from django_q.models import Schedule

from kyc_adapter.schedules import EVERY_MINUTES, ensure_schedules
from tests.verifications_support import PASSPORT
from verifications.models import Session, Verification
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
def worker() -> Iterator[subprocess.Popen[bytes]]:
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
    yield process
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(condition) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "The worker did not get there in time"
        time.sleep(0.1)


@pytest.fixture
def left_behind(regula_tenant, specimen):
    """A verification whose web process died: accepted, claimed, and its lease has run out."""
    from common.images import inspect_image
    from providers.types import ImageRole
    from verifications import services
    from verifications.evidence_store import Picture
    from verifications.models import VerificationType
    from verifications.requests import NewVerification

    data = specimen(PASSPORT)
    verification = services.create(
        NewVerification(
            tenant=regula_tenant,
            mode="live",
            verification_type=VerificationType.DOCUMENT,
            pictures={ImageRole.FRONT: Picture(data, inspect_image(data))},
        )
    )
    past = now() - timedelta(seconds=1)
    Session.objects.update(
        status="in_progress", fence=1, lease_until=past, next_attempt_at=past, started_at=now()
    )
    return verification


def test_worker_finishes_what_a_dead_process_left(left_behind, worker):
    wake_worker()

    wait_for(lambda: Verification.objects.get().decision is not None)

    verification = Verification.objects.get()
    assert (verification.status, verification.decision) == ("completed", "approved")
    assert verification.result["document"]["extracted"]["lastName"] == "ERIKSSON"


def test_nobody_takes_tasks():
    with pytest.raises(CommandError, match="No worker takes tasks"):
        call_command("worker_alive", "--timeout", "0.2")


def test_schedules_are_made_once():
    ensure_schedules()
    ensure_schedules()

    made = Schedule.objects.filter(name__in=EVERY_MINUTES)
    assert {schedule.func for schedule in made} == set(EVERY_MINUTES)
    assert made.count() == len(EVERY_MINUTES)
