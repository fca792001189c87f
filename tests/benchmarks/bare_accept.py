"""An accept without Django or DRF: the statements that the service executes, and nothing else.

`uvicorn tests.benchmarks.bare_accept:application`; `BARE_RECORDING` names a pickled `Recording`.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString, cast
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from common.ids import new_id

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Statement = tuple[LiteralString, Sequence[Any]]


@dataclass(frozen=True)
class Recording:
    """What one accept executed before and in its transaction. ids: of the rows it made."""

    reads: Sequence[Statement]
    writes: Sequence[Statement]
    ids: Sequence[UUID]


class BareAccept:
    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._start(receive, send)
            return
        json.loads(await _body(receive))
        fresh = {made: new_id() for made in self._recording.ids}
        async with self._pool.connection() as connection:
            for sql, values in self._recording.reads:
                await (await connection.execute(sql, values)).fetchall()
            async with connection.transaction():
                for sql, values in self._recording.writes:
                    await connection.execute(sql, _with(fresh, values))
        await _answer(send, {"id": str(fresh[self._recording.ids[0]]), "status": "pending"})

    async def _start(self, receive: Receive, send: Send) -> None:
        await receive()
        recorded = Path(os.environ["BARE_RECORDING"]).read_bytes()
        self._recording = cast("Recording", pickle.loads(recorded))
        self._pool = AsyncConnectionPool(
            os.environ["DATABASE_URL"], max_size=10, kwargs={"autocommit": True}, open=False
        )
        async with self._pool:
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _with(fresh: dict[UUID, UUID], values: Sequence[Any]) -> list[Any]:
    return [fresh.get(value, value) if isinstance(value, UUID) else value for value in values]


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _answer(send: Send, content: dict[str, str]) -> None:
    body = json.dumps(content).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 202, "headers": headers})
    await send({"type": "http.response.body", "body": body})


application = BareAccept()
