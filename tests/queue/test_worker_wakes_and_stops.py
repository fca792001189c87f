"""What the worker finds by itself, and how it stops."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.timezone import now

from tests.queue.worker_tree import IMPATIENT, RECOVERED_WITHIN, WORKERS, kill_9, living, wait_for
from verifications.models import ProviderCall, Session

pytestmark = pytest.mark.django_db(transaction=True)

ON_A_BUSY_MACHINE = 3
SOONER_THAN_BY_SCHEDULE = timedelta(seconds=20)


def test_due_rows_are_found_without_a_task(worker, accept, is_finished):
    assert_due_rows_are_found(accept, is_finished, start=lambda: None)


if settings.REDIS_URL:

    def test_due_rows_are_found_without_a_task_in_redis(start_worker, accept, is_finished):
        assert_due_rows_are_found(
            accept, is_finished, start=lambda: start_worker(QUEUE_BROKER="redis")
        )


def assert_due_rows_are_found(accept, is_finished, start):
    """One that is due already, and one that becomes due later."""
    due_later = accept(wake=False, next_attempt_at=now() + timedelta(hours=1))
    due_now = accept(wake=False)
    start()
    wait_for(lambda: is_finished(due_now))

    soon = now() + timedelta(seconds=1)
    Session.objects.filter(pk=due_later.session.pk).update(next_attempt_at=soon)
    wait_for(lambda: is_finished(due_later))

    finished_at = due_later.completed_at
    assert timedelta(0) <= finished_at - soon < SOONER_THAN_BY_SCHEDULE


def test_processes_of_a_cluster_have_connections_of_their_own_number(worker):
    environment = Path(f"/proc/{worker.roles().main}/environ").read_text().split("\0")

    assert f"DATABASE_POOL_SIZE={IMPATIENT['WORKER_DATABASE_POOL_SIZE']}" in environment
    assert settings.WORKER_DATABASE_POOL_SIZE < settings.DATABASE_POOL_SIZE


def test_idle_workers_killed(worker, accept, is_finished):
    """One that holds the queue's lock takes it to its grave: Django-Q by itself stalls for ever.

    Then the whole cluster is replaced. If neither held it, at the end of a task, Django-Q's own two
    new workers go on.
    """
    before = worker.roles()
    verification = accept()
    wait_for(lambda: is_finished(verification))
    for pid in before.workers:
        kill_9(pid)

    later = accept()

    wait_for(lambda: is_finished(later), within=RECOVERED_WITHIN)
    worker.assert_replaced(before, before.workers)


@contextmanager
def call_under_way(accept, sandbox):
    """In the middle of a step; the provider's verdict would have to be asked for after it."""
    with sandbox.holding_back("nbiclearance"):
        accept()
        wait_for(lambda: sandbox.bills())
        yield


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.crash)]
)
def test_stop_lets_the_running_call_end(number, worker, accept, sandbox):
    """Nothing new is begun: the session is due again, with one call done and no second one."""
    pids = worker.pids()
    with call_under_way(accept, sandbox):
        worker.process.send_signal(number)
        # Those that are idle end first; the busy one has been told by then.
        wait_for(lambda: living(pids) < pids)

    assert worker.process.wait(timeout=15) == 0
    assert not living(pids)
    calls = ProviderCall.objects.values_list("operation", "status")
    assert list(calls) == [("open", "done"), ("step", "done")]
    session = Session.objects.get()
    assert session.lease_until is None
    assert session.next_attempt_at <= now()
    assert len(sandbox.bills()) == 1


def test_supervisor_killed_ends_everything(worker, accept, sandbox):
    """Also the worker in the middle of a call: no orphan goes on executing."""
    pids = worker.pids()
    assert len(pids) == WORKERS + 5
    with call_under_way(accept, sandbox):
        kill_9(worker.process.pid)

        worker.process.wait()
        wait_for(lambda: not living(pids))
        assert ProviderCall.objects.get(operation="step").status == "reserved"


@pytest.fixture
def slow_call(start_worker, accept, sandbox):
    """A worker in the middle of a step; the provider's verdict is to be asked for after it."""

    def begin(seconds, **environment):
        sandbox.fault("nbiclearance", "slow", seconds=seconds)
        tree = start_worker(**environment)
        tree.roles()
        verification = accept()
        wait_for(ProviderCall.objects.filter(operation="step").exists)
        return tree, verification

    return begin


@pytest.mark.crash
def test_stop_gives_up_what_does_not_end(slow_call):
    """With the settings as they are by default, and a provider slower than they allow for."""
    tree, _ = slow_call(60, STEP_TIMEOUT_SECONDS="40", LEASE_SECONDS="45")
    pids = tree.pids()

    started = time.monotonic()
    assert tree.stop(within=60) == 0

    assert 29 < time.monotonic() - started < 35
    assert not living(pids)
    assert ProviderCall.objects.get(operation="step").status == "unknown"
    assert Session.objects.get().lease_until is None


@pytest.mark.crash
def test_second_signal_ends_at_once(slow_call):
    tree, _ = slow_call(30)
    pids = tree.pids()
    tree.process.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        tree.process.wait(timeout=1)

    tree.process.terminate()

    assert tree.process.wait(timeout=ON_A_BUSY_MACHINE) == 0
    wait_for(lambda: not living(pids))
    assert Session.objects.get().lease_until is not None
