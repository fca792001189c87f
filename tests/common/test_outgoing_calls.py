"""Calls to tenants' addresses, on real sockets: where they go, and when they end."""

from __future__ import annotations

import datetime
import ipaddress
import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from common import outgoing_calls
from common.outgoing_calls import LONGEST_ANSWER_BYTES, CallFailed, Failure, post

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PUBLIC = "93.184.216.34"


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings):
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOWED_CIDRS = ["127.0.0.0/8"]


class Listener:
    """A server of one thread; `serve` gets each connection after the request was read."""

    def __init__(self, host, serve, context, reads):
        self.socket = socket.create_server((host, 0))
        self.port = self.socket.getsockname()[1]
        self.requests = []
        self.connections = 0
        self.ended = threading.Event()
        self._serve, self._context, self._reads = serve, context, reads
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection, suppress(OSError):
                self._answer(connection)

    def _answer(self, connection):
        if self._context:
            connection = self._context.wrap_socket(connection, server_side=True)
        if self._reads:
            self.requests.append(self._request(connection))
        self._serve(self, connection)
        connection.close()

    @staticmethod
    def _request(connection):
        """Head and body, which come in pieces."""
        request, size = b"", None
        while size is None or len(request) < size:
            piece = connection.recv(65536)
            if not piece:
                raise ConnectionResetError
            request += piece
            head, end, _ = request.partition(b"\r\n\r\n")
            if end:
                length = re.search(rb"content-length: (\d+)", head.lower()).group(1)
                size = len(head) + len(end) + int(length)
        return request


def say_ok(listener, connection):
    connection.sendall(OK)


@contextmanager
def listening(serve=say_ok, *, host="127.0.0.1", tls=None, reads=True):
    listener = Listener(host, serve, tls, reads)
    try:
        yield listener
    finally:
        listener.ended.set()
        listener.socket.shutdown(socket.SHUT_RDWR)
        listener.socket.close()
        listener.thread.join(5)


def resolver(monkeypatch, *answers):
    """The resolver's answers for a name one after the other; the last one stays."""
    asked = []

    def look_up(host, port, *args, **kwargs):
        if host[0].isdigit():
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        asked.append(host)
        addresses = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def failure_of(url, timeout=5.0):
    with pytest.raises(CallFailed) as failed:
        post(url, b"{}", {}, timeout=timeout)
    return failed.value.failure


def test_what_is_sent():
    with listening() as listener:
        answer = post(f"http://127.0.0.1:{listener.port}/a?b=c", b"{1}", {"X-One": "1"}, timeout=5)

    assert (answer.status, answer.body) == (200, b"ok")
    head, body = listener.requests[0].split(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /a?b=c HTTP/1.1"
    assert f"Host: 127.0.0.1:{listener.port}" in lines
    assert "X-One: 1" in lines
    assert not [line for line in lines if line.lower().startswith(("x-forwarded", "cookie"))]
    assert body == b"{1}"


def test_rebinding_to_a_private_address_is_refused(monkeypatch, settings):
    """Public when it was saved, loopback when it is called: nothing connects."""
    settings.WEBHOOK_ALLOWED_CIDRS = []
    with listening() as listener:
        asked = resolver(monkeypatch, [PUBLIC], ["127.0.0.1"])
        url = f"http://bank.example:{listener.port}/"
        outgoing_calls.check_url(url, look_up=True)

        assert failure_of(url) is Failure.ADDRESS_REFUSED
        assert (asked, listener.connections) == (["bank.example"] * 2, 0)


def test_rebinding_between_the_check_and_the_connection(monkeypatch):
    """The address that was checked is the one that is connected to; nobody asks again."""
    with listening() as good, listening(host="127.0.0.2") as evil:
        asked = resolver(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])

        assert post(f"http://bank.example:{good.port}/", b"{}", {}, timeout=5).status == 200

        assert asked == ["bank.example"]
        assert (good.connections, evil.connections) == (1, 0)


def test_a_connection_that_ends_up_elsewhere(monkeypatch):
    """Whatever led it there: nothing is sent."""
    with listening(host="127.0.0.2") as evil:
        target = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", evil.port))
        monkeypatch.setattr(
            outgoing_calls, "allowed_addresses", lambda _: [ipaddress.ip_address("127.0.0.1")]
        )
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [target])

        assert failure_of(f"http://bank.example:{evil.port}/") is Failure.ADDRESS_REFUSED
        assert evil.requests == []


def test_a_private_address_beside_a_public_one(monkeypatch, settings):
    settings.WEBHOOK_ALLOWED_CIDRS = []
    with listening() as listener:
        resolver(monkeypatch, [PUBLIC, "127.0.0.1"])

        assert failure_of(f"http://bank.example:{listener.port}/") is Failure.ADDRESS_REFUSED
        assert listener.connections == 0


def test_the_next_address_is_tried(monkeypatch):
    with listening(host="127.0.0.2") as listener:
        resolver(monkeypatch, ["127.0.0.1", "127.0.0.2"])

        assert post(f"http://bank.example:{listener.port}/", b"{}", {}, timeout=5).status == 200


def test_redirects_are_answers(monkeypatch):
    def redirect(listener, connection):
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
        )

    with listening(redirect) as listener:
        assert post(f"http://127.0.0.1:{listener.port}/", b"{}", {}, timeout=5).status == 302
        assert listener.connections == 1


def test_no_proxy_is_taken_from_the_environment(monkeypatch):
    with listening() as listener, listening() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        post(f"http://127.0.0.1:{listener.port}/", b"{}", {}, timeout=5)

        assert (listener.connections, proxy.connections) == (1, 0)


def test_names_that_do_not_resolve(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert failure_of("http://bank.example/") is Failure.NAME_NOT_FOUND


def test_nobody_listens():
    with listening() as listener:
        pass

    assert failure_of(f"http://127.0.0.1:{listener.port}/") is Failure.NOT_CONNECTED


def test_a_receiver_that_says_nothing():
    with listening(lambda listener, connection: listener.ended.wait(5)) as listener:
        assert failure_of(f"http://127.0.0.1:{listener.port}/", 0.2) is Failure.TIMED_OUT


def drip(listener, connection, piece):
    while not listener.ended.wait(0.02):
        connection.sendall(piece)


def test_headers_that_never_end():
    """Each byte comes in time, but the whole takes too long."""

    def serve(listener, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        drip(listener, connection, b"a")

    with listening(serve) as listener:
        started = time.monotonic()
        assert failure_of(f"http://127.0.0.1:{listener.port}/", 0.4) is Failure.TIMED_OUT
        assert time.monotonic() - started < 3


def test_a_body_that_never_ends():
    """The status has come, and counts."""

    def serve(listener, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        drip(listener, connection, b"a")

    with listening(serve) as listener:
        started = time.monotonic()
        answer = post(f"http://127.0.0.1:{listener.port}/", b"{}", {}, timeout=0.4)
        assert time.monotonic() - started < 3

    assert answer.status == 200


def test_a_huge_answer_is_read_up_to_the_limit():
    def serve(listener, connection):
        connection.sendall(b"HTTP/1.1 500 Oh\r\nContent-Length: 90000000\r\n\r\n")
        for _ in range(900):
            connection.sendall(b"a" * 100_000)

    with listening(serve) as listener:
        answer = post(f"http://127.0.0.1:{listener.port}/", b"{}", {}, timeout=5)

    assert (answer.status, len(answer.body)) == (500, LONGEST_ANSWER_BYTES)


def test_a_packed_answer_is_not_unpacked():
    def serve(listener, connection):
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz"
        )

    with listening(serve) as listener:
        assert post(f"http://127.0.0.1:{listener.port}/", b"", {}, timeout=5).body == b"zzzz"


@pytest.mark.parametrize(
    "nonsense",
    [b"hello\r\n\r\n", b"", b"HTTP/1.1 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 999],
)
def test_answers_that_are_no_http(nonsense):
    with listening(lambda listener, connection: connection.sendall(nonsense)) as listener:
        assert failure_of(f"http://127.0.0.1:{listener.port}/") is Failure.CONNECTION_LOST


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """For bank.example, signed by itself: the files of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bank.example")])
    moment = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - datetime.timedelta(days=1))
        .not_valid_after(moment + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("bank.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusting(certificate, monkeypatch):
    """Our side trusts the certificate."""
    context = ssl.create_default_context(cafile=str(certificate[0]))
    monkeypatch.setattr(outgoing_calls, "_tls", lambda: context)


def test_tls_is_checked_by_name_though_the_address_is_connected_to(monkeypatch, tls, trusting):
    with listening(tls=tls) as listener:
        resolver(monkeypatch, ["127.0.0.1"])

        assert post(f"https://bank.example:{listener.port}/", b"{}", {}, timeout=5).status == 200


def test_a_certificate_of_another_name(monkeypatch, tls, trusting):
    with listening(tls=tls) as listener:
        resolver(monkeypatch, ["127.0.0.1"])

        assert failure_of(f"https://other.example:{listener.port}/") is Failure.TLS_FAILED
        assert listener.requests == []


def test_a_certificate_nobody_trusts(monkeypatch, tls):
    with listening(tls=tls) as listener:
        resolver(monkeypatch, ["127.0.0.1"])

        assert failure_of(f"https://bank.example:{listener.port}/") is Failure.TLS_FAILED


def test_a_receiver_that_speaks_no_tls(trusting):
    with listening(reads=False) as listener:
        assert failure_of(f"https://127.0.0.1:{listener.port}/") is Failure.TLS_FAILED
