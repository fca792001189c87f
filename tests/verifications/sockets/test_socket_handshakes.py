"""Who may open a socket, and from where."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
import requests
from django.utils.timezone import now
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tenants import tickets
from tenants.models import KeyStatus, SpentTicket, TenantStatus
from tenants.services import issue_key
from verifications.sockets.consumer import VerificationConsumer

pytestmark = pytest.mark.django_db(transaction=True)

NOT_AUTHENTICATED = 4401


def is_open(socket) -> bool:
    return socket.pongs() == [{"event": "pong"}]


def test_key_in_a_header(open_socket, key):
    for headers in (
        {"X-API-Key": key.plain},
        {"x-api-key": key.plain},
        {"Authorization": f"Bearer {key.plain}"},
    ):
        assert is_open(open_socket(headers=headers))


def test_missing_or_wrong_key(open_socket):
    for headers in (
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "kya_" + "0" * 64},
        {"Authorization": "Bearer kya_" + "0" * 64},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer"},
    ):
        assert open_socket(headers=headers).close_code() == NOT_AUTHENTICATED


def test_key_in_the_address_is_none(open_socket, key):
    assert open_socket(f"?api_key={key.plain}", headers={}).close_code() == NOT_AUTHENTICATED


def test_expired_key(open_socket, tenant):
    old = issue_key(tenant=tenant, name="old", expires_at=now() - timedelta(seconds=1))

    assert open_socket(headers={"X-API-Key": old.plain}).close_code() == NOT_AUTHENTICATED


def test_revoked_key(open_socket, key):
    key.key.status = KeyStatus.REVOKED
    key.key.save()

    assert open_socket().close_code() == NOT_AUTHENTICATED


def test_key_of_an_inactive_tenant(open_socket, tenant, key):
    tenant.status = TenantStatus.SUSPENDED
    tenant.save()

    assert open_socket().close_code() == NOT_AUTHENTICATED


def test_nothing_is_sent_to_who_is_not_known(open_socket, verification):
    socket = open_socket(f"/{verification.pk}", headers={})
    with suppress(ConnectionClosed):
        socket.send({"action": "subscribe", "verificationId": str(verification.pk)})

    assert socket.close_code() == NOT_AUTHENTICATED


def refusal(open_socket, *args, **options) -> int:
    with pytest.raises(InvalidStatus) as refused:
        open_socket(*args, **options)
    return refused.value.response.status_code


def test_known_origins_and_backends(open_socket):
    for origin in ("https://app.example.com", "https://app.example.com:443", None):
        assert is_open(open_socket(origin=origin))


def test_other_origins_get_no_socket_even_with_a_key(open_socket):
    for origin in (
        "https://evil.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.net",
        "https://sub.app.example.com",
        "null",
        "",
    ):
        assert refusal(open_socket, origin=origin) == 403


def test_other_addresses_are_refused(open_socket):
    for path in ("/", "s", "/a/b", "/../health"):
        assert refusal(open_socket, path) == 403


@pytest.fixture
def ticket(key) -> str:
    return tickets.issue_ticket(key=key.key).text


def test_a_ticket_opens_one_socket(open_socket, ticket):
    assert is_open(open_socket(f"?ticket={ticket}", headers={}, origin="https://app.example.com"))
    assert open_socket(f"?ticket={ticket}", headers={}).close_code() == NOT_AUTHENTICATED


def test_a_ticket_used_in_another_process_is_spent(open_socket, ticket):
    tickets.redeem_ticket(ticket)

    assert open_socket(f"?ticket={ticket}", headers={}).close_code() == NOT_AUTHENTICATED


def test_a_ticket_is_no_better_than_its_key(open_socket, ticket, key):
    key.key.status = KeyStatus.REVOKED
    key.key.save()

    assert open_socket(f"?ticket={ticket}", headers={}).close_code() == NOT_AUTHENTICATED


def test_a_ticket_from_a_foreign_page(open_socket, ticket):
    address = f"?ticket={ticket}"

    assert refusal(open_socket, address, headers={}, origin="https://evil.example.com") == 403
    assert not SpentTicket.objects.exists()


def test_a_ticket_for_one_verification(open_socket, key, verification, stored, tenant):
    text = tickets.issue_ticket(key=key.key, verification_id=verification.pk).text
    socket = open_socket(f"?ticket={text}", headers={})
    socket.subscribe(verification)
    assert socket.receive()["event"] == "progress"

    other = stored(tenant)
    socket.send({"action": "subscribe", "verificationId": str(other.pk)})

    answer = socket.receive()
    assert (answer["code"], answer["message"]) == (
        "verification_not_found",
        f"Verification {other.pk} not found for tenant {tenant.pk}",
    )


def test_the_api_gives_tickets(web, open_socket, key):
    for body in (None, {}):
        answer = requests.post(
            f"{web.http}/api/v1/ws-tickets", json=body, headers={"X-API-Key": key.plain}, timeout=5
        )

        assert answer.status_code == 201
        assert is_open(open_socket(f"?ticket={answer.json()['ticket']}", headers={}))


async def test_a_server_is_given_a_plain_number():
    """Daphne refuses anything else, even an enum that is an int."""
    incoming, sent = asyncio.Queue(), []

    async def send(message):
        sent.append(message)
        if message["type"] == "websocket.close":
            incoming.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    incoming.put_nowait({"type": "websocket.connect"})
    scope = {"type": "websocket", "headers": [], "query_string": b""}
    await VerificationConsumer.as_asgi()(scope, incoming.get, send)

    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
    assert type(sent[1]["code"]) is int
    assert sent[1]["code"] == NOT_AUTHENTICATED
