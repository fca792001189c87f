"""What ends a socket, and that nothing is left of it."""

from __future__ import annotations

import socket as plain_socket
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils.timezone import now
from redis import Redis
from websockets.exceptions import ConnectionClosed

from tenants.models import TenantStatus
from tenants.services import issue_key, revoke_keys
from tests.verifications.sockets.server import PING_SECONDS, PONG_SECONDS, wait_for
from verifications.sockets.allowance import BURST_SECONDS
from verifications.sockets.threads import REQUEST_THREADS

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = REQUEST_THREADS + 1
NOT_AUTHENTICATED, TOO_MANY_MESSAGES, NO_PONG = 4401, 4429, 1011


BURST = int(settings.SOCKET_MESSAGES_PER_SECOND * BURST_SECONDS)


def flood(socket, message: object) -> None:
    with suppress(ConnectionClosed):
        for _ in range(2 * BURST):
            socket.send(message)


def test_flood(open_socket):
    # The server reads no further, so the client's own farewell may find no answer.
    socket, other = open_socket(close_timeout=1), open_socket()

    flood(socket, {"action": "ping"})

    assert socket.close_code() == TOO_MANY_MESSAGES
    assert other.pongs() == [{"event": "pong"}]


def test_a_burst_is_no_flood(open_socket):
    socket = open_socket()

    for _ in range(BURST):
        socket.send({"action": "ping"})

    assert [socket.receive()["event"] for _ in range(BURST)] == ["pong"] * BURST


def test_flood_of_a_client_that_does_not_read(open_socket):
    socket = open_socket(max_queue=1, close_timeout=1)

    flood(socket, "x" * 1000)

    assert socket.close_code() == TOO_MANY_MESSAGES


def test_revoked_key(open_socket, tenant, verification, stored, tell):
    other = issue_key(tenant=tenant, name="other")
    ours, theirs = open_socket(), open_socket(headers={"X-API-Key": other.plain})
    for socket in (ours, theirs):
        socket.subscribe(verification)
        assert socket.receive()["sequence"] == 1

    revoke_keys(tenant=tenant, name="sockets")

    assert ours.close_code() == NOT_AUTHENTICATED
    tell(verification)
    assert theirs.receive()["sequence"] == 2


def test_key_that_expires(open_socket, tenant):
    short = issue_key(tenant=tenant, name="short", expires_at=now() + timedelta(seconds=1))

    assert open_socket(headers={"X-API-Key": short.plain}).close_code() == NOT_AUTHENTICATED


def test_suspended_tenant(open_socket, tenant):
    socket = open_socket()
    assert socket.pongs()

    tenant.status = TenantStatus.SUSPENDED
    tenant.save()

    assert socket.close_code() == NOT_AUTHENTICATED


def test_client_that_answers_no_ping(web, key):
    """A plain TCP client: websockets' own would answer by itself."""
    with plain_socket.create_connection(("127.0.0.1", web.port), timeout=10) as client:
        client.sendall(
            b"GET /ws/verifications HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\nX-API-Key: " + key.plain.encode() + b"\r\n\r\n"
        )
        started = time.monotonic()
        received = b"".join(iter(lambda: client.recv(4096), b""))

    assert b" 101 " in received
    assert NO_PONG.to_bytes(2) in received
    assert time.monotonic() - started < PING_SECONDS + PONG_SECONDS + 2


def test_quiet_client_that_answers_pings_stays(open_socket):
    socket = open_socket()

    time.sleep(PING_SECONDS * 3)

    assert socket.pongs() == [{"event": "pong"}]


def test_nothing_stays_behind(web, open_socket, verification, stored, tenant):
    """Files (connections to clients, database and Redis) and the groups in Redis."""
    groups = f"{settings.SOCKET_PREFIX}__group__verification.*"
    other = stored(tenant)
    with open_socket(f"/{verification.pk}") as warm_up:
        warm_up.receive()
    wait_for(lambda: not groups_in_redis(groups))
    before = web.open_files()

    sockets = [open_socket(f"/{one.pk}") for one in (verification, other) for _ in range(10)]
    for socket in sockets:
        assert [socket.receive()["event"] for _ in range(2)] == ["subscribed", "progress"]
    # Database connections that were open before may be closed by now, a few files each.
    assert web.open_files() > before + THREADS
    if settings.REDIS_URL:
        wait_for(lambda: len(groups_in_redis(groups)) == 2)
    for number, socket in enumerate(sockets):
        if number % 2:
            socket.connection.close()
        else:
            socket.connection.socket.shutdown(plain_socket.SHUT_RDWR)

    # The database's pool may have grown to a connection for each thread; it keeps those.
    wait_for(lambda: web.open_files() <= before + THREADS)
    wait_for(lambda: not groups_in_redis(groups))


def groups_in_redis(pattern: str) -> list[bytes]:
    if not settings.REDIS_URL:
        return []
    with Redis.from_url(settings.REDIS_URL) as redis:
        return list(redis.pubsub_channels(pattern))
