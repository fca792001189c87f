"""A call ends in time against servers that are slow on purpose, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from providers.errors import OutcomeUnknown
from providers.http import Access, HttpLimits, VendorHttp

HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + b"X-Padding: y\r\n" * 20 + b"\r\n"
BETWEEN_BYTES = 0.02
Talk = Callable[[socket.socket, threading.Event], None]


class SlowServer:
    """Lets `talk` speak with each connection, until the test is over."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._is_over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self.connections = 0
        self._threads[0].start()

    def _accept(self) -> None:
        while not self._is_over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._talk(connection, self._is_over)
            except OSError:
                return

    def close(self) -> None:
        self._is_over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def slow_server() -> Iterator[Callable[[Talk], SlowServer]]:
    servers: list[SlowServer] = []

    def start(talk: Talk) -> SlowServer:
        servers.append(SlowServer(talk))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def drip(connection: socket.socket, is_over: threading.Event, answer: bytes) -> None:
    for byte in answer:
        connection.sendall(bytes([byte]))
        if is_over.wait(BETWEEN_BYTES):
            return


def headers_byte_by_byte(connection: socket.socket, is_over: threading.Event) -> None:
    connection.recv(65536)
    drip(connection, is_over, HEADERS + b"{}")


def body_byte_by_byte(connection: socket.socket, is_over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
    drip(connection, is_over, b" " * 400)


def never_reading(connection: socket.socket, is_over: threading.Event) -> None:
    is_over.wait()


def reading_late(connection: socket.socket, is_over: threading.Event) -> None:
    """Takes a large request only after a while, and answers it."""
    is_over.wait(0.5)
    connection.settimeout(0.3)
    try:
        while connection.recv(1 << 20):
            pass
    except TimeoutError:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


@pytest.mark.parametrize("talk", [headers_byte_by_byte, body_byte_by_byte])
@pytest.mark.parametrize("method", ["get", "post"])
def test_slow_answer_ends_with_the_deadline(slow_server, talk, method):
    server = slow_server(talk)
    client = VendorHttp(Access(server.url), HttpLimits(total_timeout=0.4))
    began = time.monotonic()

    with pytest.raises(OutcomeUnknown):
        client.get("/") if method == "get" else client.post_json("/", {})

    assert 0.3 < time.monotonic() - began < 4


def test_request_nobody_reads_ends_with_the_deadline(slow_server):
    server = slow_server(never_reading)
    client = VendorHttp(Access(server.url), HttpLimits(total_timeout=0.4))
    began = time.monotonic()

    with pytest.raises(OutcomeUnknown):
        client.post_json("/", {"picture": "x" * 20_000_000})

    assert time.monotonic() - began < 4
    assert server.connections == 1


def test_large_request_may_take_longer_than_the_time_to_connect(slow_server):
    server = slow_server(reading_late)
    client = VendorHttp(Access(server.url), HttpLimits(connect_timeout=0.2, total_timeout=10))

    assert client.post_json("/", {"picture": "x" * 20_000_000}) == {}


def test_kept_connection_starts_each_call_with_its_own_time(slow_server):
    def twice(connection: socket.socket, is_over: threading.Event) -> None:
        for _ in range(2):
            connection.recv(65536)
            is_over.wait(0.25)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    server = slow_server(twice)
    client = VendorHttp(Access(server.url), HttpLimits(total_timeout=0.4))

    assert [client.post_json("/", {}), client.post_json("/", {})] == [{}, {}]
    assert server.connections == 1
