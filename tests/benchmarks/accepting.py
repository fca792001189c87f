"""What the measurements of accepting share: a tenant, web processes, and a client."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from django.utils.timezone import now

from templates_sync.models import ProviderTemplate, SyncStatus, TemplateSync
from tenants.models import Tenant
from tenants.services import issue_key, save_tenant
from tests.processes import database_url, free_port, is_open, wait_for

ACCEPT = "/api/v1/verifications/async"
PLAN = "philippines_nbi_clearance"
ID_CHECK = {
    "verificationType": PLAN,
    "idNumber": "H000AAAA00-AA00000000",
    "userData": {"firstName": "Mayumi", "lastName": "Halimbawa"},
}


@dataclass(frozen=True)
class Caller:
    tenant: Tenant
    key: str


def caller() -> Caller:
    """A tenant of IDMeta whose templates have been read; nobody works its verifications."""
    tenant = save_tenant(
        name="Accepts",
        provider="idmeta",
        config={"base_url": "http://127.0.0.1:1/idmeta/api", "default_template_id": "960"},
        credentials={"api_token": "accepts"},
    )
    account = tenant.provider_configs.get().provider_account
    moment = now()
    ProviderTemplate.objects.update_or_create(
        provider_account=account,
        external_template_id="960",
        defaults={"name": "NBI", "steps": [{"order": 1, "planCode": PLAN, "name": "NBI"}]},
    )
    TemplateSync.objects.create(
        provider_account=account,
        status=SyncStatus.SUCCEEDED,
        started_at=moment,
        finished_at=moment,
        next_attempt_at=moment,
    )
    return Caller(tenant, issue_key(tenant=tenant, name="benchmark").plain)


@dataclass(frozen=True)
class Web:
    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """What the process has used so far; it grows less than time with what others do."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_web(
    app: str = "kyc_adapter.asgi:application", *, processes: int = 1, **environment: str
) -> Iterator[Web]:
    """A server as in production, with its log thrown away."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", app, f"--port={port}", "--no-access-log",
         f"--workers={processes}", "--timeout-keep-alive=60"],
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "kyc_adapter.settings",
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "json",
            **environment,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: is_open(port), "The server did not start")
        yield Web(process.pid, port)
    finally:
        process.terminate()
        process.wait(timeout=30)


class Connection:
    """One kept connection; the least HTTP that a server understands."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, web: Web) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", web.port))

    async def send(self, request: bytes, status: int) -> None:
        """Returns when the answer is there. Raises RuntimeError unless its status is this one."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if int(head.split()[1]) != status:
            raise RuntimeError(f"The benchmark's request failed: {body[:500]!r}")

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def get(path: str, key: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\r\n".encode()


def post(path: str, key: str, content: Any) -> bytes:
    body = json.dumps(content).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
