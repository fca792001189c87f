"""The vendors' HTTP client against a real server on this machine: what each failure means."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from providers.errors import (
    Arrival,
    CircuitOpen,
    CredentialsRefused,
    OutcomeUnknown,
    ProviderError,
    ProviderFailed,
    ProviderThrottled,
    ProviderUnreachable,
    ProviderUntrusted,
    RequestRefused,
    UnreadableAnswer,
)
from providers.http import Access, HttpLimits, VendorHttp

LIMITS = HttpLimits(connect_timeout=0.5, total_timeout=0.4, breaker_failures=100)


class Vendor(ThreadingHTTPServer):
    """Answers each path as its handler in `ROUTES` says, and remembers what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.has_ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class Handler(BaseHTTPRequestHandler):
    server: Vendor

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.bodies.append(self.rfile.read(length))
        self.server.calls[f"{self.command} {self.path}"] += 1
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        name, _, argument = self.path.partition("?")[0].strip("/").partition("/")
        ROUTES[name](self, argument)

    do_POST = do_GET  # noqa: N815 the name http.server looks for

    def reply(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def hang(handler: Handler, argument: str) -> None:
    handler.server.has_ended.wait(5)


def reset(handler: Handler, argument: str) -> None:
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()


def cut_off(handler: Handler, argument: str) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"status": ')


def drip(handler: Handler, argument: str) -> None:
    """A byte now and then, each well within any read timeout, for far longer than the deadline."""
    handler.send_response(200)
    if argument == "chunked":
        handler.send_header("Transfer-Encoding", "chunked")
    else:
        handler.send_header("Content-Length", "1000")
    handler.end_headers()
    while not handler.server.has_ended.wait(0.05):
        handler.wfile.write(b"1\r\n \r\n" if argument == "chunked" else b" ")


def fail_first(handler: Handler, argument: str) -> None:
    """The status given, then 200 from the third request on."""
    count = handler.server.calls[f"{handler.command} {handler.path}"]
    handler.reply(int(argument) if count < 3 else 200)


ROUTES: dict[str, Callable[[Handler, str], None]] = {
    "ok": lambda handler, argument: handler.reply(200, b'{"status": "verified"}'),
    "status": lambda handler, argument: handler.reply(int(argument), b'{"m": "canary-7b1c"}'),
    "slow_down": lambda handler, argument: handler.reply(429, Retry_After=argument),
    "maintenance": lambda handler, argument: handler.reply(503, Retry_After="7"),
    "html": lambda handler, argument: handler.reply(int(argument), b"<html>canary-7b1c</html>"),
    "empty": lambda handler, argument: handler.reply(int(argument), b""),
    "large": lambda handler, argument: handler.reply(200, b'"' + b"x" * 200_000 + b'"'),
    "redirect": lambda handler, argument: handler.reply(int(argument), Location="/ok"),
    "hang": hang,
    "reset": reset,
    "cut_off": cut_off,
    "drip": drip,
    "fail_first": fail_first,
}


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.has_ended.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(vendor) -> VendorHttp:
    return VendorHttp(Access(vendor.url), LIMITS)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens on, and that nobody else can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


class TestAnswers:
    def test_json_of_a_get(self, client, vendor):
        assert client.get("/ok", params={"page": "2"}) == {"status": "verified"}
        assert vendor.calls == {"GET /ok?page=2": 1}

    def test_each_kind_of_post(self, client, vendor):
        client.post_json("/ok", {"name": "Åsa"})
        client.post_multipart("/ok", {"a": "1"}, [("file", ("front.jpg", b"bytes", "image/jpeg"))])

        json_body, multipart_body = vendor.bodies
        assert json_body == b'{"name": "\\u00c5sa"}'
        assert b'name="file"; filename="front.jpg"\r\nContent-Type: image/jpeg\r\n\r\nbytes' in (
            multipart_body
        )

    def test_a_path_in_the_base_url_survives(self, vendor):
        VendorHttp(Access(f"{vendor.url}/status/200"), LIMITS).get("?x=1")

        assert vendor.calls == {"GET /status/200?x=1": 1}

    @pytest.mark.parametrize(
        ("path", "status"), [("/ok", 200), ("/html/200", 200), ("/status/404", 404)]
    )
    def test_status_of_asks_for_the_status_alone(self, client, path, status):
        assert client.status_of(path) == status

    def test_status_of_raises_without_a_complete_answer(self, client):
        with pytest.raises(OutcomeUnknown):
            client.status_of("/cut_off")


FAILURES = [
    ("/hang", OutcomeUnknown, None),
    ("/reset", OutcomeUnknown, None),
    ("/cut_off", OutcomeUnknown, None),
    ("/drip", OutcomeUnknown, None),
    ("/drip/chunked", OutcomeUnknown, None),
    ("/html/200", UnreadableAnswer, 200),
    ("/empty/200", UnreadableAnswer, 200),
    ("/status/500", ProviderFailed, 500),
    ("/html/502", ProviderFailed, 502),
    ("/maintenance", ProviderFailed, 503),
    ("/html/504", OutcomeUnknown, 504),
    ("/html/524", OutcomeUnknown, 524),
    ("/slow_down/7", ProviderThrottled, 429),
    ("/status/401", CredentialsRefused, 401),
    ("/status/403", CredentialsRefused, 403),
    ("/status/407", CredentialsRefused, 407),
    ("/status/400", RequestRefused, 400),
    ("/status/422", RequestRefused, 422),
    ("/redirect/302", RequestRefused, 302),
    ("/redirect/307", RequestRefused, 307),
]


class TestFailures:
    @pytest.mark.parametrize(
        ("path", "error", "status"), FAILURES, ids=[path for path, *_ in FAILURES]
    )
    def test_a_post_fails_as_what_happened_and_is_sent_once(
        self, client, vendor, path, error, status
    ):
        with pytest.raises(ProviderError) as failure:
            client.post_json(path, {"a": 1})

        assert type(failure.value) is error
        assert failure.value.http_status == status
        assert "canary" not in repr(failure.value)
        assert vendor.calls == {f"POST {path}": 1}

    @pytest.mark.parametrize(
        ("error", "arrival", "is_retryable"),
        [
            (ProviderUnreachable, Arrival.NOT_SENT, True),
            (ProviderUntrusted, Arrival.NOT_SENT, False),
            (CircuitOpen, Arrival.NOT_SENT, True),
            (OutcomeUnknown, Arrival.UNKNOWN, True),
            (UnreadableAnswer, Arrival.UNKNOWN, True),
            (ProviderFailed, Arrival.REJECTED, True),
            (ProviderThrottled, Arrival.REJECTED, True),
            (CredentialsRefused, Arrival.REJECTED, False),
            (RequestRefused, Arrival.REJECTED, False),
        ],
    )
    def test_the_class_says_whether_it_arrived_and_may_be_repeated(
        self, error, arrival, is_retryable
    ):
        assert (error.arrival, error.retryable) == (arrival, is_retryable)

    def test_a_refused_connection_was_not_sent(self, closed_port):
        client = VendorHttp(Access(f"http://127.0.0.1:{closed_port}"), LIMITS)

        with pytest.raises(ProviderUnreachable):
            client.post_json("/ok", {})

    def test_an_unknown_host_was_not_sent(self):
        with pytest.raises(ProviderUnreachable):
            VendorHttp(Access("http://host.invalid"), LIMITS).post_json("/ok", {})

    def test_a_connection_that_is_never_accepted_was_not_sent(self):
        """A full backlog drops further handshakes, as a firewall does."""
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen(0)
            waiting = [socket.socket() for _ in range(2)]
            for connection in waiting:
                connection.setblocking(False)
                connection.connect_ex(server.getsockname())
            client = VendorHttp(Access(f"http://127.0.0.1:{server.getsockname()[1]}"), LIMITS)

            with pytest.raises(ProviderUnreachable):
                client.post_json("/ok", {})
            for connection in waiting:
                connection.close()

    def test_an_answer_that_is_too_large_is_unreadable(self, vendor):
        client = VendorHttp(
            Access(vendor.url), HttpLimits(total_timeout=2, max_answer_bytes=100_000)
        )

        with pytest.raises(UnreadableAnswer):
            client.post_json("/large", {})

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [("7", 7.0), ("0", 0.0), ("99999", 3600.0), ("-1", 0.0), ("soon", None), ("nan", None)],
    )
    def test_retry_after_is_seconds_within_reason(self, client, header, seconds):
        with pytest.raises(ProviderThrottled) as failure:
            client.post_json(f"/slow_down/{header}", {})

        assert failure.value.retry_after_seconds == seconds

    def test_the_caller_may_wait_less_than_the_limit(self, vendor):
        client = VendorHttp(Access(vendor.url), HttpLimits(total_timeout=60))

        with pytest.raises(OutcomeUnknown):
            client.get("/hang", timeout=0.05)


class TestRetries:
    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_a_get_is_repeated(self, client, vendor, status):
        assert client.get(f"/fail_first/{status}") == {}
        assert vendor.calls == {f"GET /fail_first/{status}": 3}

    def test_a_get_gives_up_with_the_last_answer(self, client, vendor):
        with pytest.raises(ProviderFailed) as failure:
            client.get("/status/503")

        assert failure.value.http_status == 503
        assert vendor.calls == {"GET /status/503": 3}

    @pytest.mark.parametrize("status", [400, 401, 404, 500])
    def test_a_get_with_a_plain_answer_is_not_repeated(self, client, vendor, status):
        with pytest.raises(ProviderError):
            client.get(f"/status/{status}")

        assert vendor.calls == {f"GET /status/{status}": 1}


class TestHeaders:
    def test_the_correlation_id_is_asked_at_each_call_and_sent(self, vendor):
        ids = iter(["order-1", "order-2", None])
        client = VendorHttp(
            Access(vendor.url, correlation_header="X-RequestID"),
            HttpLimits(correlation_id=lambda: next(ids)),
        )
        for _ in range(3):
            client.get("/ok")

        assert [headers.get("x-requestid") for headers in vendor.headers] == [
            "order-1",
            "order-2",
            None,
        ]

    def test_credentials_of_the_account_are_sent(self, vendor):
        VendorHttp(Access(vendor.url, headers={"Authorization": "Bearer t"}), LIMITS).get("/ok")
        VendorHttp(Access(vendor.url, basic_auth=("u", "p")), LIMITS).get("/ok")

        sent = [headers["authorization"] for headers in vendor.headers]
        assert sent == ["Bearer t", "Basic dTpw"]

    def test_proxies_and_netrc_of_the_environment_are_ignored(
        self, vendor, closed_port, monkeypatch, tmp_path
    ):
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login canary password canary\n")
        monkeypatch.setenv("NETRC", str(netrc))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)

        VendorHttp(Access(vendor.url), LIMITS).get("/ok")

        assert "authorization" not in vendor.headers[0]

    def test_credentials_do_not_show_in_repr(self):
        access = Access("http://x", headers={"A": "canary"}, basic_auth=("canary", "canary"))

        assert "canary" not in repr(access)


class TestTls:
    @pytest.fixture
    def certificate(self, tmp_path) -> Path:
        """A self-signed certificate for 127.0.0.1, with its key, in one PEM file."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
        today = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(today - datetime.timedelta(days=1))
            .not_valid_after(today + datetime.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        pem = tmp_path / "server.pem"
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return pem

    @pytest.fixture
    def url(self, vendor, certificate) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        vendor.socket = context.wrap_socket(vendor.socket, server_side=True)
        return vendor.url.replace("http:", "https:")

    def test_a_certificate_nobody_signed_is_not_trusted(self, url, vendor):
        with pytest.raises(ProviderUntrusted) as failure:
            VendorHttp(Access(url), LIMITS).post_json("/ok", {"secret": "x"})

        assert failure.value.arrival is Arrival.NOT_SENT
        assert vendor.calls == {}

    def test_a_get_is_not_trusted_either(self, url, vendor):
        with pytest.raises(ProviderUntrusted):
            VendorHttp(Access(url), LIMITS).get("/ok")

        assert vendor.calls == {}

    def test_a_ca_bundle_makes_it_trusted(self, url, certificate):
        client = VendorHttp(Access(url, verify=str(certificate)), HttpLimits(total_timeout=5))

        assert client.post_json("/ok", {}) == {"status": "verified"}


class TestBreaker:
    @pytest.fixture
    def guarded(self, vendor) -> VendorHttp:
        return VendorHttp(
            Access(vendor.url),
            HttpLimits(total_timeout=0.4, breaker_failures=2, breaker_reset=0.05),
        )

    @pytest.mark.parametrize("path", ["/status/500", "/reset", "/html/200"])
    def test_opens_after_repeated_failures_and_then_sends_nothing(self, guarded, vendor, path):
        for _ in range(2):
            with pytest.raises(ProviderError):
                guarded.post_json(path, {})
        guarded._breaker._next_probe_at += 60

        with pytest.raises(CircuitOpen) as refusal:
            guarded.post_json("/ok", {})

        assert 0 < refusal.value.retry_after_seconds <= 60.05
        assert vendor.calls == {f"POST {path}": 2}

    def test_a_probe_that_succeeds_closes_it(self, guarded, vendor):
        for _ in range(2):
            with pytest.raises(ProviderFailed):
                guarded.post_json("/status/500", {})
        guarded._breaker._next_probe_at = 0

        assert guarded.post_json("/ok", {}) == {"status": "verified"}
        assert not guarded._breaker.is_open

    @pytest.mark.parametrize("path", ["/status/400", "/status/401", "/status/422", "/slow_down/1"])
    def test_refusals_are_answers_and_do_not_trip_it(self, guarded, vendor, path):
        for _ in range(4):
            with pytest.raises(ProviderError):
                guarded.post_json(path, {})

        assert guarded.post_json("/ok", {}) == {"status": "verified"}
