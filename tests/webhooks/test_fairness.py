"""A receiver that is slow or dead delays no other's deliveries."""

from __future__ import annotations

import threading

import pytest

from tests.webhooks import receiver as receivers
from tests.webhooks.conftest import happen, tenant_named
from tests.webhooks.receiver import Reply
from webhooks.models import WebhookDelivery
from webhooks.outbound.endpoints import create_endpoint
from webhooks.outbound.receivers import Receivers

pytestmark = pytest.mark.django_db

STUCK = 24


@pytest.fixture
def stuck():
    """Takes every connection and answers none until the test is over."""
    with receivers.running() as one:

        def wait(path, headers, body):
            with one.lock:
                one.at_once += 1
                one.most = max(one.most, one.at_once)
            one.released.wait(10)
            with one.lock:
                one.at_once -= 1
            return Reply()

        one.lock, one.at_once, one.most = threading.Lock(), 0, 0
        one.answer = wait
        yield one


def test_others_are_served_while_one_is_stuck(
    tenant, receiver, stuck, verification_of, deliver, settings
):
    """Its many deliveries were first, and fill no more than their share of the threads."""
    settings.WEBHOOK_THREADS = 6
    settings.WEBHOOK_TIMEOUT = 20
    create_endpoint(tenant=tenant, url=stuck.url)
    verification = verification_of(tenant)
    for _ in range(STUCK):
        happen(verification)
    create_endpoint(tenant=tenant, url=receiver.url)
    for _ in range(10):
        happen(verification)
    got_all = threading.Event()
    stuck_meanwhile = []

    def answer(path, headers, body):
        if len(receiver.got) == 9:
            stuck_meanwhile.append(stuck.at_once)
            got_all.set()
            stuck.released.set()
        return Reply()

    receiver.answer = answer

    deliver()

    assert got_all.is_set()
    assert stuck_meanwhile == [settings.WEBHOOK_THREADS_PER_RECEIVER] == [stuck.most]
    assert not WebhookDelivery.objects.exclude(status="delivered").exists()


def test_a_receiver_that_kept_us_waiting_gets_one_at_a_time(settings):
    settings.WEBHOOK_THREADS_PER_RECEIVER = 2
    threads = Receivers()
    assert [threads.admit("a"), threads.admit("a"), threads.admit("a")] == [True, True, False]
    assert threads.full() == ["a"]

    threads.leave("a", was_slow=True)
    assert not threads.admit("a")
    threads.leave("a", was_slow=True)
    assert [threads.admit("a"), threads.admit("a")] == [True, False]

    threads.leave("a", was_slow=False)
    assert [threads.admit("a"), threads.admit("a")] == [True, True]


def test_tenants_on_one_host_do_not_share(tenant, receiver, verification_of):
    other = tenant_named("Another bank")
    happen(verification_of(tenant, webhook_url=receiver.url))
    happen(verification_of(other, webhook_url=receiver.url))

    names = set(WebhookDelivery.objects.values_list("receiver", flat=True))
    assert len(names) == 2


def test_endpoints_on_one_host_do_not_share(tenant, receiver, verification_of):
    for path in ("/slow", "/quick"):
        create_endpoint(tenant=tenant, url=receiver.url + path)
    happen(verification_of(tenant, webhook_url=receiver.url))

    names = set(WebhookDelivery.objects.values_list("receiver", flat=True))
    assert len(names) == 3
