"""The sandbox calls us over HTTP while verifications run: a real server, a real worker."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest
import requests

from providers.sandbox.idmeta.accounts import DEMO
from tenants.services import save_tenant
from tests.queue.worker_tree import wait_for
from tests.verifications_support import nbi_check
from verifications import runner, services
from verifications.models import Session, Verification
from webhooks.inbound import addresses, processing
from webhooks.models import InboundWebhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

SECRET = "shared-with-idmeta"
# Nobody asks by itself within a test.
NEVER = {"ASK_AGAIN_AFTER_SECONDS": "3600", "ASK_AGAIN_AT_MOST_SECONDS": "3600"}


@pytest.fixture
def tenant(db, sandbox):
    return save_tenant(
        name="Wallet",
        provider="idmeta",
        config=sandbox.idmeta,
        credentials={"api_token": DEMO.token, "webhook_secret": SECRET},
    )


@pytest.fixture
def path(tenant):
    account = tenant.provider_configs.get().provider_account
    return addresses.path_of(addresses.address_of(account))


@pytest.fixture
def accept(tenant):
    def store():
        return services.create(nbi_check(tenant))

    return store


def test_from_acceptance_to_a_correction(sandbox, processes, accept, path):
    """Everything is doubled, and the first comes early; only webhooks move the verification on."""
    address = processes.web()
    sandbox.settings(
        webhookUrl=address + path,
        webhookSecret=SECRET,
        webhookFormat="both",
        webhookSwitches="doubled,early",
        decidesLater=True,
    )
    processes.worker(**NEVER)
    verification = accept()
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


@pytest.mark.parametrize(
    ("switches", "answers"), [("forged", {401}), ("missing", {None}), ("reordered", {202})]
)
def test_whatever_happens_to_the_webhooks_the_outcome_is_the_same(
    sandbox, live_server, tenant, path, accept, switches, answers, settings
):
    settings.ASK_AGAIN_AFTER = 0
    sandbox.settings(
        webhookUrl=live_server.url + path, webhookSecret=SECRET, webhookSwitches=switches
    )
    verification = accept()

    runner.work_slice()
    wait_for(lambda: len(sandbox.webhooks()) == 3)
    processing.process_due()
    runner.work_slice()

    verification.refresh_from_db()
    assert (verification.status, verification.decision) == ("completed", "approved")
    assert {entry["status"] for entry in sandbox.webhooks()} == answers
    assert InboundWebhook.objects.exists() is (switches == "reordered")
    assert verification.events.count() == 3


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
