"""A vendor that takes half a second for every call, and costs next to no CPU.

The first verification's answers come from the sandbox; every later one gets the same again, with
its own id in them. Prints its address when it is ready.

    python -m tests.benchmarks.vendor_stub http://127.0.0.1:9100
"""

from __future__ import annotations

import asyncio
import re
import sys

import requests
import uvloop

CALL_SECONDS = 0.5
CREATE = "create-verification"
OWN_ID = re.compile(rb"bench-\d{30}")


class Stub:
    def __init__(self, sandbox: str) -> None:
        self._sandbox = sandbox
        self._answers: dict[str, bytes] = {}
        self._recorded_id = b""
        self._created = 0

    async def serve(self) -> None:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=1 << 20)
        host, port = server.sockets[0].getsockname()
        print(f"http://{host}:{port}", flush=True)
        await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                path = lines[0].split(" ")[1]
                pairs = (line.split(": ", 1) for line in lines[1:] if ": " in line)
                headers = {name.lower(): value for name, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if lines[0].startswith("GET "):  # of templates, which nobody here needs
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                answer = await self._answer(path, headers, body)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    + b"Content-Length: %d\r\n\r\n" % len(answer)
                    + answer
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str, headers: dict[str, str], body: bytes) -> bytes:
        own_id = self._id(path, body)
        if own_id is None:
            return await asyncio.to_thread(self._record, path, headers, body)
        await asyncio.sleep(CALL_SECONDS)
        return self._answers[path].replace(self._recorded_id, own_id)

    def _record(self, path: str, headers: dict[str, str], body: bytes) -> bytes:
        kept = {name: headers[name] for name in ("authorization", "content-type")}
        answer = requests.post(self._sandbox + path, body, headers=kept, timeout=60)
        answer.raise_for_status()
        self._answers[path] = answer.content
        if CREATE in path:
            self._recorded_id = answer.json()["verification"]["id"].encode()
        return answer.content

    def _id(self, path: str, body: bytes) -> bytes | None:
        """Of the verification a request is for; None for the one that is recorded."""
        if CREATE in path and path in self._answers:
            self._created += 1
            return b"bench-%030d" % self._created
        found = OWN_ID.search(body)
        return found and found[0]


if __name__ == "__main__":
    uvloop.run(Stub(sys.argv[1]).serve())
