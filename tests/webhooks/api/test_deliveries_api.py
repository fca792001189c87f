"""A tenant's log of deliveries, and redelivery."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.webhooks.conftest import happen
from verifications.events import EventType
from webhooks.models import WebhookDelivery
from webhooks.outbound.endpoints import create_endpoint

pytestmark = pytest.mark.django_db

URL = "/api/v1/webhook-deliveries"


def test_detail_shows_every_attempt(client, tenant, endpoint, receiver, verification_of, deliver):
    receiver.always(503, b"busy")
    verification = verification_of(tenant)
    event = happen(verification)
    deliver()
    receiver.always(200)
    WebhookDelivery.objects.update(next_attempt_at=event.created_at)
    deliver()
    [listed] = client.get(URL).json()["deliveries"]

    body = client.get(f"{URL}/{listed['id']}").json()

    log = body.pop("attemptLog")
    assert body == listed
    assert listed == {
        "id": listed["id"],
        "eventId": str(event.pk),
        "eventType": "verification.completed",
        "verificationId": str(verification.pk),
        "source": "endpoint",
        "endpointId": str(endpoint.pk),
        "url": receiver.url,
        "status": "delivered",
        "attempts": 2,
        "nextAttemptAt": None,
        "lastStatusCode": 200,
        "lastError": None,
        "deliveredAt": listed["deliveredAt"],
        "createdAt": listed["createdAt"],
    }
    assert [(one["statusCode"], one["error"], one["answer"]) for one in log] == [
        (503, "not_accepted", "busy"),
        (200, None, None),
    ]
    assert all(datetime.fromisoformat(one["startedAt"]) for one in log)
    assert all(one["durationMs"] >= 0 for one in log)


def test_list_pages_and_filters(client, tenant, endpoint, receiver, verification_of, deliver):
    other = create_endpoint(tenant=tenant, url=receiver.url, event_types=["verification.failed"])
    first, second = verification_of(tenant), verification_of(tenant)
    happen(first)
    deliver()
    happen(second, EventType.FAILED)

    def total(**query):
        return client.get(URL, query).json()["total"]

    page = client.get(URL, {"limit": 2}).json()
    assert len(page["deliveries"]) == 2
    assert (page["total"], page["totalPages"]) == (3, 2)
    assert total(status="delivered") == 1
    assert total(endpointId=str(other.pk)) == 1
    assert total(verificationId=str(second.pk)) == 2
    assert total(eventType="verification.completed") == 1
    assert total(eventType="nonsense") == 0


@pytest.mark.parametrize("query", [{"status": "x"}, {"endpointId": "1"}, {"page": 0}])
def test_list_refuses_malformed_queries(client, query):
    assert client.get(URL, query).status_code == 400


def test_redelivery_keeps_the_events_id(
    client, tenant, endpoint, receiver, verification_of, deliver
):
    event = happen(verification_of(tenant))
    deliver()
    delivery = WebhookDelivery.objects.get()

    answer = client.post(f"{URL}/{delivery.pk}/redeliver")

    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["attempts"]) == ("pending", 0)
    deliver()
    assert receiver.accepted == [str(event.pk)] * 2
    assert delivery.attempt_rows.count() == 2


def test_a_dead_letter_gets_the_whole_schedule_again(
    client, tenant, endpoint, receiver, verification_of, deliver, settings
):
    settings.WEBHOOK_RETRY_AFTER = []
    receiver.always(500)
    happen(verification_of(tenant))
    deliver()
    delivery = WebhookDelivery.objects.get()
    assert delivery.status == "dead"
    settings.WEBHOOK_RETRY_AFTER = [1]

    client.post(f"{URL}/{delivery.pk}/redeliver")
    deliver()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("pending", 1)


def test_a_stranger_sees_and_sends_nothing(
    client, stranger, tenant, endpoint, receiver, verification_of, deliver
):
    verification = verification_of(tenant)
    happen(verification)
    deliver()
    delivery = WebhookDelivery.objects.get()

    assert stranger.get(URL).json()["total"] == 0
    assert stranger.get(URL, {"endpointId": str(endpoint.pk)}).json()["total"] == 0
    assert stranger.get(URL, {"verificationId": str(verification.pk)}).json()["total"] == 0
    assert stranger.get(f"{URL}/{delivery.pk}").status_code == 404
    assert stranger.post(f"{URL}/{delivery.pk}/redeliver").status_code == 404
    deliver()
    assert len(receiver.got) == 1


def statements(client, path):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len([one for one in captured if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))])


def test_what_reading_costs(client, tenant, endpoint, receiver, verification_of, deliver):
    """The key, a count and the rows; it does not grow with the log."""
    verification = verification_of(tenant)
    happen(verification)
    deliver()
    detail = f"{URL}/{WebhookDelivery.objects.get().pk}"
    client.get(URL)
    one = [statements(client, path) for path in (URL, detail)]
    for _ in range(5):
        happen(verification)
    deliver()

    assert one == [3, 3]
    assert [statements(client, path) for path in (URL, detail)] == one
    assert statements(client, "/api/v1/webhook-endpoints") == 3
