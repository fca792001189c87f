"""Sends requests to the ASGI application without a server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from asgiref.testing import ApplicationCommunicator

SECONDS = 5


@dataclass(frozen=True)
class Answer:
    """headers: by their lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Asked:
    """A request that was sent."""

    def __init__(self, communicator: ApplicationCommunicator) -> None:
        self._communicator = communicator

    async def send(self, body: bytes, *, is_last: bool = False) -> None:
        await self._communicator.send_input(
            {"type": "http.request", "body": body, "more_body": not is_last}
        )

    async def answer(self) -> Answer:
        start = await self._communicator.receive_output(SECONDS)
        body, is_more = b"", True
        while is_more:
            part = await self._communicator.receive_output(SECONDS)
            body += part.get("body", b"")
            is_more = part.get("more_body", False)
        await self._communicator.wait()
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, body)

    async def leave(self) -> None:
        """Returns when the application has noticed."""
        await self._communicator.send_input({"type": "http.disconnect"})
        await self._communicator.wait(SECONDS)


async def ask(
    application: Any,
    path: str,
    *,
    method: str = "GET",
    query: str = "",
    is_whole: bool = True,
    **headers: str,
) -> Asked:
    """headers: named with underscores. is_whole: whether nothing of the body is to come."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in {"host": "localhost", **headers}.items()
        ],
    }
    communicator = ApplicationCommunicator(application, scope)
    await communicator.send_input({"type": "http.request", "body": b"", "more_body": not is_whole})
    return Asked(communicator)
