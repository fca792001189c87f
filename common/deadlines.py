"""Connections that end with the deadline of their call, however slowly the other side talks.

A read timeout alone bounds only the pause between two packets: a server that sends its headers, or
its body, byte by byte could hold a thread for ever. And urllib3 sends under the timeout for
connecting, which a large picture on a slow line exceeds. Here every read and write gets what is
left of the call's own time.
"""

from __future__ import annotations

import io
import math
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_ends_at: ContextVar[float] = ContextVar("ends_at", default=math.inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound what is sent and received in this context, retries and all; then TimeoutError."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


class DeadlineAdapter(HTTPAdapter):
    """For a `requests.Session` whose requests are made within `deadline`."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class _Incoming(io.RawIOBase):
    """What a socket receives, read with the time that is left."""

    def __init__(self, connection: socket.socket, received: io.RawIOBase) -> None:
        self._connection = connection
        self._received = received

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        _allow_what_is_left(self._connection)
        return self._received.readinto(buffer)

    def close(self) -> None:
        self._received.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Incoming(sock, self.fp.detach()))


class DeadlineConnection(HTTPConnection):
    """For requests that are made within `deadline`; so is the one with TLS."""

    response_class = _Response

    def send(self, data: Any) -> None:
        if self.sock is not None:
            _allow_what_is_left(self.sock)
        super().send(data)


class DeadlineTlsConnection(DeadlineConnection, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = DeadlineConnection


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = DeadlineTlsConnection


def _allow_what_is_left(connection: socket.socket) -> None:
    ends_at = _ends_at.get()
    if ends_at is math.inf:
        return
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("The time of the call is over")
    connection.settimeout(left)
