"""kill -9 of any process of a worker: it recovers by itself, and no orphan goes on executing.

A short one, of idle workers, is in test_worker_wakes_and_stops.
"""

from __future__ import annotations

import time

import pytest
from django.conf import settings

from tests.queue.worker_tree import IMPATIENT, RECOVERED_WITHIN, kill_9, living, wait_for
from verifications.models import ProviderCall, Verification

pytestmark = pytest.mark.django_db(transaction=True)

BROKERS = ["orm", "redis"] if settings.REDIS_URL else ["orm"]


def kill_and_see(tree, role, accept, is_finished):
    """Kill; a verification accepted right afterwards is finished in time, by a whole cluster."""
    before = tree.roles()
    killed_at = time.monotonic()
    kill_9(before.of(role))

    verification = accept()

    wait_for(lambda: is_finished(verification), within=RECOVERED_WITHIN)
    now = tree.assert_replaced(before, [before.of(role)])
    return before, now, time.monotonic() - killed_at


@pytest.mark.crash
@pytest.mark.parametrize("broker", BROKERS)
@pytest.mark.parametrize("role", ["main", "sentinel", "worker", "pusher", "monitor"])
def test_each_process_killed_again_and_again(role, broker, start_worker, accept, is_finished):
    tree = start_worker(QUEUE_BROKER=broker, **IMPATIENT)
    for _ in range(3):
        kill_and_see(tree, role, accept, is_finished)


@pytest.mark.crash
def test_busy_workers_killed(start_worker, accept, is_finished, sandbox):
    """What ran is taken up when its lease is over, and looked up at the provider first."""
    sandbox.fault("nbiclearance", "slow", seconds=30)
    tree = start_worker(
        STEP_TIMEOUT_SECONDS="3", LEASE_SECONDS="4", STEP_SETTLES_AFTER_SECONDS="1", **IMPATIENT
    )
    before = tree.roles()
    running = accept()
    wait_for(ProviderCall.objects.filter(operation="step").exists)
    for pid in before.workers:
        kill_9(pid)

    later = accept()

    wait_for(lambda: is_finished(later), within=RECOVERED_WITHIN)
    wait_for(Verification.objects.filter(decision="review").exists, within=RECOVERED_WITHIN)
    assert not living(before.workers)
    running.session.refresh_from_db()
    assert running.session.fence == 2
    # The provider had done the step; only its answer was lost.
    assert len(sandbox.bills()) == 2
