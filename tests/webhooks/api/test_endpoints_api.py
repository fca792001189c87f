"""A tenant's endpoints over the API."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest
import time_machine

from common import signing_secrets
from tests.webhooks.conftest import happen
from webhooks.models import WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.django_db

URL = "/api/v1/webhook-endpoints"
OUTCOMES = [
    "verification.completed",
    "verification.failed",
    "verification.review",
    "verification.cancelled",
    "verification.expired",
    "verification.revised",
]


@pytest.fixture
def created(client, receiver):
    return client.post(URL, {"url": receiver.url}, format="json").json()


def test_create_shows_the_secret_once(client, receiver, created):
    secret = created.pop("secret")
    assert secret.startswith("whsec_")
    assert created == {
        "id": created["id"],
        "url": receiver.url,
        "description": "",
        "events": OUTCOMES,
        "includeResult": False,
        "enabled": True,
        "disabledReason": None,
        "disabledAt": None,
        "failingSince": None,
        "createdAt": created["createdAt"],
        "updatedAt": created["updatedAt"],
    }
    again = client.get(f"{URL}/{created['id']}")
    assert again.json() == created
    assert secret not in client.get(URL).content.decode()
    assert secret.encode() not in bytes(WebhookEndpoint.objects.get().sealed_secrets)


def test_list(client, created, receiver):
    other = client.post(URL, {"url": f"{receiver.url}/2"}, format="json").json()

    body = client.get(URL, {"limit": 1}).json()

    assert [one["id"] for one in body.pop("endpoints")] == [other["id"]]
    assert body == {"total": 2, "page": 1, "totalPages": 2}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "url"),
        ({"url": "ftp://bank.example"}, "url"),
        ({"url": "https://10.0.0.1/hook"}, "url"),
        ({"url": "https://bank.example", "events": []}, "events"),
        ({"url": "https://bank.example", "events": ["verification.created"]}, "events"),
        ({"url": "https://bank.example", "secret": "whsec_mine"}, "secret"),
        ({"url": "https://bank.example", "description": "x" * 201}, "description"),
    ],
)
def test_create_refuses(client, wrong, field):
    answer = client.post(URL, wrong, format="json")

    assert answer.status_code == 400
    assert answer.json()["details"]["fields"][0]["field"].startswith(field)
    assert not WebhookEndpoint.objects.exists()


def test_a_name_with_one_private_address_is_refused(client, monkeypatch):
    def two_addresses(host, port, **kwargs):
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.7", port))]

    monkeypatch.setattr(socket, "getaddrinfo", two_addresses)

    assert client.post(URL, {"url": "https://bank.example"}, format="json").status_code == 400


def test_a_name_that_does_not_resolve_yet_is_taken(client, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert client.post(URL, {"url": "bank.example"}, format="json").json()["url"] == (
        "https://bank.example"
    )


def test_change(client, created, receiver):
    changes = {
        "url": f"{receiver.url}/new",
        "description": "the new one",
        "events": ["verification.failed"],
        "includeResult": True,
    }

    changed = client.patch(f"{URL}/{created['id']}", changes, format="json").json()

    assert {name: changed[name] for name in changes} == changes
    one = client.patch(f"{URL}/{created['id']}", {"description": ""}, format="json").json()
    assert (one["url"], one["description"]) == (changes["url"], "")


def test_changes_are_checked_too(client, created):
    answer = client.patch(f"{URL}/{created['id']}", {"url": "http://10.0.0.1"}, format="json")

    assert answer.status_code == 400
    assert WebhookEndpoint.objects.get().url == created["url"]


def test_delete_keeps_the_log(client, created, tenant, verification_of):
    happen(verification_of(tenant))

    assert client.delete(f"{URL}/{created['id']}").status_code == 204

    assert client.get(f"{URL}/{created['id']}").status_code == 404
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.last_error) == ("dead", "endpoint_deleted")
    answer = client.post(f"/api/v1/webhook-deliveries/{delivery.pk}/redeliver")
    assert (answer.status_code, answer.json()["code"]) == (409, "endpoint_deleted")


def test_rotate(client, created, tenant, receiver, verification_of, deliver):
    with time_machine.travel(datetime(2026, 3, 2, tzinfo=UTC), tick=False):
        rotated = client.post(f"{URL}/{created['id']}/rotate").json()
        happen(verification_of(tenant))
        deliver()

        assert rotated["oldSecretValidUntil"] == "2026-03-03T00:00:00Z"
        [got] = receiver.got
        assert got.json(rotated["secret"]) == got.json(created["secret"])


def test_disable_and_enable(client, created, tenant, receiver, verification_of, deliver):
    disabled = client.post(f"{URL}/{created['id']}/disable").json()
    assert (disabled["enabled"], disabled["disabledReason"]) == (False, "Disabled by the tenant")
    happen(verification_of(tenant))
    missed = client.get("/api/v1/webhook-deliveries").json()["deliveries"][0]
    assert (missed["status"], missed["lastError"]) == ("dead", "endpoint_disabled")
    redelivery = f"/api/v1/webhook-deliveries/{missed['id']}/redeliver"
    refused = client.post(redelivery)
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoint_disabled")

    enabled = client.post(f"{URL}/{created['id']}/enable").json()

    assert (enabled["enabled"], enabled["disabledReason"]) == (True, None)
    assert client.post(redelivery).status_code == 202
    deliver()
    assert receiver.accepted == [missed["eventId"]]


@pytest.mark.parametrize("enabled", [True, False])
def test_test_event(client, created, receiver, deliver, enabled):
    WebhookEndpoint.objects.update(is_enabled=enabled)

    answer = client.post(f"{URL}/{created['id']}/test")

    assert (answer.status_code, answer.json()["eventType"]) == (202, "webhook.test")
    deliver()
    content = receiver.got[0].json(created["secret"])
    assert (content["type"], content["id"]) == ("webhook.test", answer.json()["eventId"])


def test_rotate_the_tenants_secret(client, tenant, receiver, verification_of, deliver):
    first = client.post("/api/v1/webhook-secret/rotate").json()
    second = client.post("/api/v1/webhook-secret/rotate").json()
    happen(verification_of(tenant, webhook_url=receiver.url))
    deliver()

    assert first["oldSecretValidUntil"] is None
    assert second["oldSecretValidUntil"] is not None
    [got] = receiver.got
    assert got.json(first["secret"]) == got.json(second["secret"])
    tenant.refresh_from_db()
    assert first["secret"].encode() not in bytes(tenant.sealed_webhook_secrets)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("patch", ""),
        ("delete", ""),
        ("post", "/rotate"),
        ("post", "/enable"),
        ("post", "/disable"),
        ("post", "/test"),
    ],
)
def test_a_stranger_does_nothing_to_it(stranger, created, method, path):
    before = WebhookEndpoint.objects.values().get()

    answer = getattr(stranger, method)(f"{URL}/{created['id']}{path}", {}, format="json")

    assert answer.status_code == 404
    assert WebhookEndpoint.objects.values().get() == before
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("wanted", ["17", "01a20bc9-9d2e-77aa-bae3-e35605900175"])
def test_unknown_ids(client, wanted):
    assert client.get(f"{URL}/{wanted}").status_code == 404
    assert client.get(f"/api/v1/webhook-deliveries/{wanted}").status_code == 404


def test_a_strangers_rotation_is_his_own(stranger, client, tenant):
    client.post("/api/v1/webhook-secret/rotate")
    tenant.refresh_from_db()
    before = signing_secrets.newest(tenant.webhook_secrets)

    stranger.post("/api/v1/webhook-secret/rotate")

    tenant.refresh_from_db()
    assert signing_secrets.newest(tenant.webhook_secrets) == before
