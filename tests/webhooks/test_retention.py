"""How long deliveries are kept, with their attempts."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils.timezone import now

from tests.webhooks.conftest import happen
from webhooks.models import DeliveryStatus, WebhookAttempt, WebhookDelivery
from webhooks.outbound import retention

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(tenant, endpoint, receiver, verification_of, deliver, settings):
    """The statuses of what is left after so many days, with a retention of 30."""
    settings.WEBHOOK_RETENTION_DAYS = 30
    settings.WEBHOOK_RETRY_AFTER = []
    verification = verification_of(tenant)
    happen(verification)
    deliver()
    receiver.always(500)
    happen(verification)
    deliver()
    happen(verification)  # and nobody sends it

    def after(days):
        with time_machine.travel(now() + timedelta(days=days)):
            retention.purge()
        return set(WebhookDelivery.objects.values_list("status", flat=True))

    return after


def test_what_is_over_goes_with_its_attempts(kept):
    assert kept(29) == {"delivered", "dead", "pending"}
    assert WebhookAttempt.objects.count() == 2

    assert kept(31) == {"pending"}
    assert not WebhookAttempt.objects.exists()


def test_sent_again_counts_from_then(kept):
    again = WebhookDelivery.objects.filter(status=DeliveryStatus.DEAD)
    again.update(updated_at=now() + timedelta(days=20))

    assert kept(31) == {"dead", "pending"}
    assert kept(51) == {"pending"}


def test_0_keeps_all(kept, settings):
    settings.WEBHOOK_RETENTION_DAYS = 0

    assert kept(1000) == {"delivered", "dead", "pending"}


def test_more_than_one_batch(kept, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 1)

    assert kept(31) == {"pending"}


def test_one_statement_where_nothing_is_old(kept, django_assert_num_queries):
    with django_assert_num_queries(1):
        retention.purge()
