"""Finding deliveries in the admin, however many there are."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.webhooks.conftest import happen
from webhooks.models import WebhookDelivery

pytestmark = pytest.mark.django_db

LIST = "/admin/webhooks/webhookdelivery/"


@pytest.fixture
def delivery(tenant, endpoint, verification_of):
    happen(verification_of(tenant))
    return WebhookDelivery.objects.get()


def shown(client, query=""):
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", ["pk", "message_id", "verification_id", "endpoint_id"])
def test_found_by_a_whole_id_of_it(admin_client, delivery, name):
    id_ = str(getattr(delivery, name))

    assert f"{delivery.pk}/change/" in shown(admin_client, f"q=%20{id_}%20")
    assert f"{delivery.pk}/change/" not in shown(admin_client, f"q={id_[:20]}")


@pytest.mark.parametrize("query", ["", "q={id}", "last_error=gone", "event_type=webhook.test"])
def test_no_page_reads_the_whole_table(admin_client, delivery, query):
    with CaptureQueriesContext(connection) as captured:
        shown(admin_client, query.format(id=delivery.verification_id))

    asked = [query["sql"] for query in captured if '"webhook_deliveries"' in query["sql"]]
    counted, _rows = asked
    assert "LIMIT 10000" in counted
    assert [sql for sql in asked if re.search("LIKE|DISTINCT", sql.upper())] == []


def test_filters_offer_what_there_may_be(admin_client, delivery):
    offered = shown(admin_client)

    for choice in ("event_type=verification.revised", "last_error=timed_out", "last_error=gone"):
        assert choice in offered
    assert f"{delivery.pk}/change/" in shown(admin_client, f"event_type={delivery.event_type}")
    assert f"{delivery.pk}/change/" not in shown(admin_client, "event_type=webhook.test")
