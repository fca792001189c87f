"""A receiver on a real socket: it notes what it gets, and answers as the test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Got:
    """One request, with what was answered."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def json(self, secret: str):
        """Verified by the official package; raises if the signature is not good."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Receiver:
    """answer: takes the request (path, headers, body), gives the reply; None hangs up."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.got: list[Got] = []
        self.answer: Callable[[str, dict[str, str], bytes], Reply | None] = lambda *_: Reply()
        self.released = threading.Event()

    def always(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda *_: Reply(status, named, body)

    @property
    def accepted(self) -> list[str]:
        return [one.id for one in self.got if 200 <= one.status < 300]


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.receiver.answer(self.path, headers, body)
        if reply is None:
            self.receiver.got.append(Got(self.path, headers, body, 0))
            return
        self.receiver.got.append(Got(self.path, headers, body, reply.status))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A caller that hung up first is no error here."""


@contextmanager
def running(host: str = "127.0.0.1") -> Iterator[Receiver]:
    handler = type("OneHandler", (Handler,), {})
    server = Server((host, 0), handler)
    handler.receiver = Receiver(f"http://{host}:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield handler.receiver
    finally:
        handler.receiver.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
