"""A real server in a process of its own, and clients that check whatever they are sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests import processes
from tests.processes import database_url, free_port, is_open

ASYNCAPI = Path("docs/asyncapi.yaml")
SCHEMAS = {"subscribed": "Subscribed", "progress": "Progress", "pong": "Pong", "error": "Error"}
PATIENCE_SECONDS = 30

wait_for = partial(processes.wait_for, within=PATIENCE_SECONDS)
PING_SECONDS, PONG_SECONDS = 0.5, 3


class Server:
    """uvicorn on the test database. environment: beyond the tests' own settings."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "uvicorn", "kyc_adapter.asgi:application",
                f"--port={self.port}", f"--ws-ping-interval={PING_SECONDS}",
                f"--ws-ping-timeout={PONG_SECONDS}", "--log-level=warning",
            ],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": database_url(),
                "SOCKET_TAIL_SECONDS": "0.2",
                "SOCKET_KEY_CHECK_SECONDS": "0.3",
                "SOCKET_SUBSCRIPTIONS": "5",
                "WEBSOCKET_CORS_ORIGIN": "https://app.example.com",
                **environment,
            },
        )  # fmt: skip
        wait_for(lambda: is_open(self.port))

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/verifications"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


class Socket:
    """A client's socket. Every message is checked against docs/asyncapi.yaml."""

    def __init__(self, address: str, headers: dict[str, str], **options: Any) -> None:
        self._connecting = connect(
            address, additional_headers=headers, open_timeout=PATIENCE_SECONDS, **options
        )

    def __enter__(self) -> Socket:
        self.connection = self._connecting.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._connecting.__exit__(*error)

    def send(self, message: object) -> None:
        self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    def subscribe(self, verification: Any, **more: object) -> None:
        """Subscribe, and wait until it stands."""
        self.send({"action": "subscribe", "verificationId": str(verification.pk), **more})
        assert self.receive()["event"] == "subscribed"

    def receive(self, within: float = PATIENCE_SECONDS) -> dict[str, Any]:
        message = json.loads(self.connection.recv(timeout=within))
        validator_of(SCHEMAS.get(message["event"], "Outcome")).validate(message)
        return dict(message)

    def sequences(self, count: int) -> list[int]:
        """Those of the next `count` events."""
        return [self.receive()["sequence"] for _ in range(count)]

    def pongs(self) -> list[dict[str, Any]]:
        """Everything that comes before, and with, the answer to a ping."""
        self.send({"action": "ping"})
        messages = [self.receive()]
        while messages[-1]["event"] != "pong":
            messages.append(self.receive())
        return messages

    def close_code(self) -> int:
        """The code with which the server closes; what it sent before is thrown away."""
        closed = self._end()
        assert closed.rcvd is not None, "The connection was dropped"
        return closed.rcvd.code

    def _end(self) -> ConnectionClosed:
        while True:
            try:
                self.connection.recv(timeout=PATIENCE_SECONDS)
            except ConnectionClosed as closed:
                return closed


@lru_cache
def asyncapi() -> dict[str, Any]:
    return dict(yaml.safe_load(ASYNCAPI.read_text()))


@lru_cache
def validator_of(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": asyncapi()["components"]},
        format_checker=jsonschema.FormatChecker(),
    )
