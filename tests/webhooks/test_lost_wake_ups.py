"""A worker that cannot be called: what was stored stays stored, and nobody hears of it."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisIsAway

from common import wake_up
from verifications import services
from verifications.events import committed
from webhooks import wake
from webhooks.models import DeliveryStatus, WebhookDelivery

FAILURES = [RedisIsAway("away"), OperationalError("away")]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.django_db(transaction=True)
def test_the_change_stands_and_is_announced(stored, regula_tenant, monkeypatch, failure):
    verification = stored(regula_tenant)
    verification.webhook_url = "https://hooks.bank.example/kyc"
    verification.save()
    heard = []

    def hear(event, **kwargs):
        heard.append(event.type)

    def fail(*args, **kwargs):
        raise failure

    monkeypatch.setattr(wake_up, "async_task", fail)
    monkeypatch.setattr(wake, "_called_at", -wake.AT_MOST_EVERY_SECONDS)
    committed.connect(hear)
    try:
        services.cancel(verification=verification)
    finally:
        committed.disconnect(hear)

    verification.refresh_from_db()
    assert verification.status == "cancelled"
    assert WebhookDelivery.objects.get().status == DeliveryStatus.PENDING
    assert heard == ["verification.cancelled"]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_notice_that_is_stored_is_answered_as_stored(monkeypatch, failure):
    def fail(*args, **kwargs):
        raise failure

    monkeypatch.setattr(wake_up, "async_task", fail)

    wake.wake_processor()
