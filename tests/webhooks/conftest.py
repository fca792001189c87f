"""Tenants, verifications without a provider behind them, and a receiver on a real socket."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import now

from providers.models import ProviderAccount
from tests.tenants_support import saved_tenant
from tests.webhooks import receiver as receivers
from verifications.events import EventType, record
from verifications.models import Verification
from webhooks.outbound import runner
from webhooks.outbound.endpoints import create_endpoint


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings):
    settings.WEBHOOK_ALLOWED_CIDRS = ["127.0.0.0/8"]
    settings.WEBHOOK_ALLOW_HTTP = True


@pytest.fixture
def receiver():
    with receivers.running() as one:
        yield one


def tenant_named(name):
    config = {"docreader_url": "http://127.0.0.1:1/docreader"}
    return saved_tenant(name=name, provider="regula", config=config, credentials={})


@pytest.fixture
def tenant(db):
    return tenant_named("Bank")


@pytest.fixture
def endpoint(tenant, receiver):
    return create_endpoint(tenant=tenant, url=receiver.url)


@pytest.fixture
def verification_of():
    return idle_verification_of


def idle_verification_of(tenant, **fields):
    """A stored verification; nobody works on it."""
    account = ProviderAccount.objects.get()
    verification = Verification(
        tenant=tenant,
        provider=account.provider,
        provider_account=account,
        verification_type="document",
        verification_method="document",
        status="in_progress",
        expires_at=now() + timedelta(hours=1),
        **fields,
    )
    verification.result = {"overall": {"status": "passed"}, "document": {"lastName": "CRUZ"}}
    verification.save()
    return verification


def happen(verification, type_=EventType.COMPLETED, **data):
    """Record an event of the verification, as the services do."""
    data = data or {"status": "completed", "decision": "approved", "reasonCodes": []}
    with transaction.atomic():
        return record(verification, type_, **data)


@pytest.fixture
def deliver():
    """Send what is due now, as a worker does."""
    return runner.work_slice
