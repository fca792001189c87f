"""A client over real HTTP, a real server and a real worker, which most of these tests share."""

from __future__ import annotations

import http.client
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings
from django_q.models import Schedule
from django_q.scheduler import scheduler

from kyc_adapter.schedules import TIMEOUTS
from providers.sandbox.idmeta.accounts import DEMO
from templates_sync.models import ProviderTemplate, TemplateSync
from tenants.services import save_tenant
from tests.conftest import idmeta_tenant_of, regula_tenant_of
from tests.crash import support
from tests.processes import Processes, wait_for
from tests.queue.http_client import Client, follow_to_approval
from tests.verifications_support import PASSPORT, document_request, nbi_check
from tests.webhooks import receiver as receivers
from tests.webhooks.conftest import happen, idle_verification_of
from tests.webhooks.receiver import Reply
from verifications import services
from verifications.models import ProviderCall, Session, Verification
from webhooks.inbound import addresses
from webhooks.models import InboundWebhook, WebhookAttempt, WebhookDelivery
from webhooks.outbound.endpoints import create_endpoint

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

VERIFICATIONS = ["kyc"]
NBI = {
    "verificationType": "philippines_nbi_clearance",
    "idNumber": "H000AAAA00-AA00000000",
    "templateId": "960",
    "userData": {"firstName": "Mayumi", "lastName": "Halimbawa"},
}
SECRET = "shared-with-idmeta"
DEADLINE_SECONDS = 0.5
EVERY_MINUTE = 60  # what the schedule would have found
# The provider is asked again only when it has sent a webhook.
NOBODY_ASKS = {"ASK_AGAIN_AFTER_SECONDS": "3600", "ASK_AGAIN_AT_MOST_SECONDS": "3600"}
SYNC_TEMPLATES = "templates_sync.tasks.sync_due"


@pytest.fixture(scope="module")
def address(django_db_setup, django_db_blocker, tmp_path_factory):
    """A server with few database connections and little patience, and a worker of every queue."""
    started = Processes(tmp_path_factory.mktemp("service"))
    with django_db_blocker.unblock():
        started.worker(WEBHOOK_ALLOWED_CIDRS="127.0.0.0/8", **NOBODY_ASKS)
        worker = started.last
        web = started.web(DATABASE_POOL_SIZE="2", SYNC_DEADLINE_SECONDS=str(DEADLINE_SECONDS))
    yield web
    worker.terminate()
    ended = worker.wait(timeout=40)
    started.end()
    assert ended == 0


def journeys_of_two_providers(address, sandbox, passport):
    document = follow_to_approval(
        Client(address, regula_tenant_of(sandbox)), document_request(passport)
    )
    assert len(sandbox.bills()) == 1
    id_check = follow_to_approval(Client(address, idmeta_tenant_of(sandbox)), NBI)
    assert len(sandbox.bills()) == 2

    assert document["result"]["document"]["extracted"]["lastName"] == "ERIKSSON"
    assert id_check["result"]["idCheck"]["status"] == "found"


def test_accepted_worked_and_followed(address, sandbox, specimen):
    journeys_of_two_providers(address, sandbox, specimen(PASSPORT))


if settings.REDIS_URL:

    def test_accepted_worked_and_followed_over_redis(sandbox, specimen, processes):
        processes.worker(queues=VERIFICATIONS, QUEUE_BROKER="redis")
        address = processes.web(QUEUE_BROKER="redis")

        journeys_of_two_providers(address, sandbox, specimen(PASSPORT))

        processes.end()


def test_slow_provider_is_answered_early_and_finished_by_a_worker(address, sandbox):
    client = Client(address, idmeta_tenant_of(sandbox))
    with sandbox.holding_back("create-verification"):
        answer = client.post("/verify-by-id", NBI)

    assert (answer.status_code, answer.json()["status"]) == (201, "in_progress")
    assert answer.json()["progress"]["percentage"] == 0
    support.wait_until_all_are_decided(1)
    assert Verification.objects.get().decision == "approved"
    assert len(sandbox.bills()) == 1


def test_web_process_is_killed_during_a_call(address, sandbox, processes):
    """The caller gets no answer; the verification is kept, and a worker ends it."""
    mortal = processes.web(STEP_TIMEOUT_SECONDS="2", LEASE_SECONDS="2.5")
    client = Client(mortal, idmeta_tenant_of(sandbox))
    with sandbox.holding_back("create-verification"), ThreadPoolExecutor(1) as caller:
        waiting = caller.submit(client.post, "/verify-by-id", NBI)
        wait_for(
            lambda: ProviderCall.objects.filter(status="reserved").exists(), "Nothing was called"
        )
        os.kill(processes.last.pid, signal.SIGKILL)
        with pytest.raises(requests.ConnectionError):
            waiting.result()

    support.wait_until_all_are_decided(1)

    assert Verification.objects.get().decision == "approved"
    assert Verification.objects.get().session.fence > 1
    assert len(sandbox.bills()) == 1


def test_cancelled_while_a_worker_is_at_it(address, sandbox):
    """The call under way ends; no further one is made, so nothing is billed."""
    client = Client(address, idmeta_tenant_of(sandbox))
    with sandbox.holding_back("create-verification"):
        accepted = client.post("/async", NBI).json()
        wait_for(lambda: steps_of(sandbox), "No worker took it")

        assert client.delete(accepted["statusUrl"]).status_code == 204

        assert not ProviderCall.objects.filter(status="reserved").exists()
    events = client.events_until_the_end(accepted["statusUrl"])
    assert [event["type"] for event in events] == ["verification.created", "verification.cancelled"]
    time.sleep(0.5)  # by then whoever had gone on would have asked for the step
    assert len(steps_of(sandbox)) == 1
    assert sandbox.bills() == []


def steps_of(sandbox):
    """What was asked for verifications; a schedule may have asked for templates meanwhile."""
    return [one for one in sandbox.requests() if "verification/" in one["path"]]


def test_many_that_wait_hold_up_nobody(address, sandbox):
    """They hold no database connection: the pool has two, and every other request needs one."""
    account = idmeta_tenant_of(sandbox)
    client = Client(address, account)
    with sandbox.holding_back("create-verification"):
        accepted = client.post("/async", NBI).json()
        events = f"{accepted['statusUrl']}/events?after=1&wait=4"
        with ThreadPoolExecutor(40) as pollers:
            waiting = [pollers.submit(client.get, events) for _ in range(40)]
            time.sleep(1)
            for _ in range(5):
                assert client.get(accepted["statusUrl"]).status_code == 200
            assert not any(poll.done() for poll in waiting)
            answers = [poll.result() for poll in waiting]

    expected = {"events": [], "lastSequence": 1, "isFinal": False}
    assert [answer.json() for answer in answers] == [expected] * 40


def test_webhook_is_sent_and_tried_again(address, regula_tenant, settings):
    """The second attempt needs no wake-up call: the worker finds it, about a second later."""
    settings.WEBHOOK_ALLOWED_CIDRS = ["127.0.0.0/8"]
    with receivers.running() as receiver:
        receiver.answer = lambda *_: Reply(200 if receiver.got else 500)
        create_endpoint(tenant=regula_tenant, url=receiver.url)
        event = happen(idle_verification_of(regula_tenant))
        wait_for(WebhookDelivery.objects.filter(message_id=event.pk, status="delivered").exists)

    assert [(one.id, one.status) for one in receiver.got] == [
        (str(event.pk), 500),
        (str(event.pk), 200),
    ]
    first, second = WebhookAttempt.objects.values_list("started_at", flat=True)
    assert 1 <= (second - first).total_seconds() < EVERY_MINUTE


def test_a_new_account_is_read_by_the_schedule(address, idmeta_tenant):
    made = Schedule.objects.get(name=SYNC_TEMPLATES)

    scheduler()  # a cluster does this every 30 seconds

    wait_for(TemplateSync.objects.filter(status="succeeded").exists)
    assert ProviderTemplate.objects.count() == len(DEMO.templates)
    later = Schedule.objects.get(name=SYNC_TEMPLATES)
    assert later.next_run > made.next_run
    assert later.kwargs == str({"q_options": {"timeout": TIMEOUTS[SYNC_TEMPLATES]}})


def test_provider_webhooks_from_acceptance_to_a_correction(address, sandbox):
    """Everything is doubled, and the first comes early; only webhooks move the verification on."""
    tenant = save_tenant(
        name="Wallet",
        provider="idmeta",
        config=sandbox.idmeta,
        credentials={"api_token": DEMO.token, "webhook_secret": SECRET},
    )
    account = tenant.provider_configs.get().provider_account
    path = addresses.path_of(addresses.address_of(account))
    sandbox.settings(
        webhookUrl=address + path,
        webhookSecret=SECRET,
        webhookFormat="both",
        webhookSwitches="doubled,early",
        decidesLater=True,
    )
    verification = services.create(nbi_check(tenant))
    wait_for(lambda: Session.objects.get().status == "waiting")

    def decide(status, condition):
        external_id = Verification.objects.get().external_id
        sandbox.decide(external_id, status)
        wait_for(condition)
        verification.refresh_from_db()

    decide("REVIEW_NEEDED", lambda: Verification.objects.get().decision == "review")
    decide("VERIFIED", lambda: Verification.objects.get().decision == "approved")
    decide("REJECTED", lambda: verification.revisions.count() == 1)

    assert (verification.status, verification.decision) == ("completed", "approved")
    assert verification.revisions.get().decision == "declined"
    types = list(verification.events.values_list("type", flat=True))
    assert types == [
        "verification.created",
        "verification.step.completed",
        "verification.review",
        "verification.completed",
        "verification.revised",
    ]
    assert {entry["status"] for entry in sandbox.webhooks()} == {202}
    wait_for(lambda: not InboundWebhook.objects.exclude(status="done").exists())
    assert set(InboundWebhook.objects.values_list("times_received", flat=True)) == {2}
    assert len(sandbox.bills()) == 1

    # Too large, announced and not: the server reads no further, and goes on serving.
    assert requests.post(address + path, b"x" * 6_000_000, timeout=10).status_code == 413
    assert chunked(address, path, pieces=90) == 413
    assert requests.post(address + path, b"x", timeout=10).status_code == 401


def chunked(address, path, pieces):
    """Send a body without its length until the server answers."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.putrequest("POST", path)
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    try:
        for _ in range(pieces):
            connection.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        connection.send(b"0\r\n\r\n")
    except (BrokenPipeError, ConnectionResetError):
        pass
    return connection.getresponse().status
