"""The one client for calls to addresses that tenants gave.

It connects to the very address that was checked (so a name cannot change in between), still checks
TLS by name, follows no redirect, takes no proxy from the environment, keeps no cookie, and ends
within a time limit that covers everything, however slowly the other side sends.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from urllib3.connection import HTTPConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.response import BaseHTTPResponse

from common.deadlines import DeadlineConnection, DeadlineTlsConnection, deadline
from common.outgoing_urls import Address, Target, UrlRefused, allowed_addresses, check_url

LONGEST_ANSWER_BYTES = 64 * 1024
CONNECT_TIMEOUT_SECONDS = 5.0
MOST_ADDRESSES = 3
PIECE_BYTES = 8 * 1024


class Failure(StrEnum):
    """Why there was no answer."""

    ADDRESS_REFUSED = "address_refused"
    NAME_NOT_FOUND = "name_not_found"
    NOT_CONNECTED = "not_connected"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    CONNECTION_LOST = "connection_lost"


class CallFailed(Exception):
    """No complete answer came."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Answer:
    """status: HTTP. retry_after: the header as it came, empty without one. body: its beginning."""

    status: int
    retry_after: str
    body: bytes


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout: float) -> Answer:
    """Send these bytes and read the answer, up to 64 KiB. timeout: seconds, for all of it.

    Raises CallFailed. A status that has come counts, even if the rest of the answer does not come.
    """
    ends_at = time.monotonic() + timeout
    try:
        target = check_url(url)
        addresses = allowed_addresses(target)
    except UrlRefused:
        raise CallFailed(Failure.ADDRESS_REFUSED) from None
    except OSError:
        raise CallFailed(Failure.NAME_NOT_FOUND) from None
    connection = _connected(target, addresses, ends_at)
    try:
        with deadline(ends_at - time.monotonic()):
            return _exchanged(connection, target, body, headers)
    finally:
        connection.close()


def _connected(target: Target, addresses: list[Address], ends_at: float) -> HTTPConnection:
    failure = Failure.NOT_CONNECTED
    for address in addresses[:MOST_ADDRESSES]:
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        connection = _connection(target, address, min(CONNECT_TIMEOUT_SECONDS, left))
        try:
            connection.connect()
        except (OSError, HTTPError) as error:
            connection.close()
            failure = _connect_failure(error)
            continue
        if _peer_of(connection) == address:
            return connection
        connection.close()
        failure = Failure.ADDRESS_REFUSED
    raise CallFailed(failure)


def _connection(target: Target, address: Address, timeout: float) -> HTTPConnection:
    if target.scheme == "http":
        return DeadlineConnection(str(address), target.port, timeout=timeout)
    return DeadlineTlsConnection(
        str(address),
        target.port,
        timeout=timeout,
        ssl_context=_tls(),
        server_hostname=target.host,
    )


def _peer_of(connection: HTTPConnection) -> Address:
    """Who is really at the other end."""
    wire: Any = connection.sock
    return ipaddress.ip_address(wire.getpeername()[0])


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _connect_failure(error: OSError | HTTPError) -> Failure:
    if isinstance(error, NewConnectionError):  # a kind of ConnectTimeoutError, for whatever reason
        return Failure.NOT_CONNECTED
    if isinstance(error, ConnectTimeoutError | TimeoutError):
        return Failure.TIMED_OUT
    if isinstance(error, ssl.SSLError | SSLError):
        return Failure.TLS_FAILED
    return Failure.NOT_CONNECTED


def _exchanged(
    connection: HTTPConnection,
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
) -> Answer:
    try:
        connection.request(
            "POST",
            target.path,
            body=body,
            headers={"Host": target.host_header, "Accept-Encoding": "identity", **headers},
            preload_content=False,
            decode_content=False,
        )
        response = connection.getresponse()
    except TimeoutError:
        raise CallFailed(Failure.TIMED_OUT) from None
    except (OSError, HTTPError, http.client.HTTPException):
        raise CallFailed(Failure.CONNECTION_LOST) from None
    return Answer(response.status, response.headers.get("Retry-After", ""), _beginning(response))


def _beginning(response: BaseHTTPResponse) -> bytes:
    """What can be had of the body, up to the limit."""
    pieces: list[bytes] = []
    left = LONGEST_ANSWER_BYTES
    with suppress(OSError, HTTPError, http.client.HTTPException):
        while left > 0 and (piece := response.read(min(PIECE_BYTES, left))):
            pieces.append(piece)
            left -= len(piece)
    return b"".join(pieces)
