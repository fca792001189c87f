"""A real worker of the queue `webhooks`, in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.processes import database_url
from tests.queue.worker_tree import wait_for
from tests.webhooks.conftest import happen
from tests.webhooks.receiver import Reply
from webhooks.models import WebhookAttempt, WebhookDelivery

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start_sender():
    started = []

    def start(**environment):
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--queue", "webhooks"],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": database_url(),
                "WEBHOOK_ALLOWED_CIDRS": "127.0.0.0/8",
                **environment,
            },
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def is_delivered():
    return WebhookDelivery.objects.get().status == "delivered"


@pytest.mark.crash
def test_what_a_killed_worker_was_sending_is_sent_again(
    tenant, endpoint, receiver, verification_of, start_sender
):
    """At least once: the receiver may have had it, so it gets the same id."""
    times = {"WEBHOOK_TIMEOUT_SECONDS": "2", "WEBHOOK_LEASE_SECONDS": "4"}
    asked = []

    def hold_the_first(path, headers, body):
        asked.append(headers["webhook-id"])
        if len(asked) == 1:
            receiver.released.wait(30)
        return Reply()

    receiver.answer = hold_the_first
    first = start_sender(**times)
    event = happen(verification_of(tenant))
    wait_for(lambda: asked)
    first.kill()
    first.wait()

    start_sender(**times)
    wait_for(is_delivered)

    assert asked == [str(event.pk)] * 2
    assert WebhookAttempt.objects.count() == 1
