"""The sandbox calls us over HTTP, well or badly; a journey with a real worker is in tests/queue."""

from __future__ import annotations

import pytest

from providers.sandbox.idmeta.accounts import DEMO
from tenants.services import save_tenant
from tests.queue.worker_tree import wait_for
from tests.verifications_support import nbi_check
from verifications import runner, services
from webhooks.inbound import addresses, processing
from webhooks.models import InboundWebhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

SECRET = "shared-with-idmeta"


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
