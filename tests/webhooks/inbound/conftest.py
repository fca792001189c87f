"""An IDMeta account with a webhook secret, its address, and a provider that says what it must."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from django.test import Client

from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.sandbox.idmeta.accounts import DEMO
from providers.types import FinalVerdict, StepResult, Verdict
from tests.tenants_support import saved_tenant
from verifications import runner, workflow
from webhooks.inbound import addresses, processing

SECRET, OLD_SECRET = "new-secret", "old-secret"
PASSED = FinalVerdict(Verdict.PASSED)
REJECTED = FinalVerdict(Verdict.FAILED, (reasons.PROVIDER_REJECTED,))
REVIEW = FinalVerdict(Verdict.REVIEW, (reasons.PROVIDER_REVIEW,), is_with_reviewer=True)
LATER = FinalVerdict(Verdict.NONE, is_final=False)


@pytest.fixture
def tenant_with(db, sandbox):
    """A tenant whose account has these webhook secrets."""

    def make(**secrets):
        return saved_tenant(
            name="Wallet",
            provider="idmeta",
            config=sandbox.idmeta,
            credentials={"api_token": DEMO.token, **secrets},
        )

    return make


@pytest.fixture
def tenant(tenant_with):
    return tenant_with(webhook_secret=SECRET, webhook_secret_previous=OLD_SECRET)


@pytest.fixture
def account(tenant):
    return tenant.provider_configs.get().provider_account


@pytest.fixture
def path(account):
    return addresses.path_of(addresses.address_of(account))


@pytest.fixture
def post(path):
    """Post a body, signed with this secret (None: unsigned) in this header."""

    def send(body, secret=SECRET, *, header="Idmeta-Signature", prefix="", to=path, client=None):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {header: prefix + signature(raw, secret)} if secret else {}
        client = client or Client(raise_request_exception=False)
        return client.post(to, raw, content_type="application/json", headers=headers)

    return send


def signature(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def complete(external_id, status=3, **more):
    return {
        "type": "trustValidation.complete",
        "data": {"id": external_id, "status": status},
    } | more


@pytest.fixture
def provider(monkeypatch):
    """What the provider says when it is asked, and how often it was."""

    class Provider:
        says = PASSED
        asked = 0

    def finalize(self, session):
        Provider.asked += 1
        return Provider.says

    monkeypatch.setattr(IdmetaAdapter, "finalize", finalize)
    monkeypatch.setattr(IdmetaAdapter, "execute_step", lambda *args: StepResult(Verdict.NONE))
    return Provider


@pytest.fixture
def verified(tenant, stored, provider):
    """A verification whose provider has said this in the end."""

    def make(says):
        provider.says = says
        verification = stored(tenant)
        workflow.run(verification.session.pk)
        verification.refresh_from_db()
        return verification

    return make


@pytest.fixture
def work():
    """What workers do until nothing is due."""

    def until_done():
        processing.process_due()
        runner.work_slice()

    return until_done
