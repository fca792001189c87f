"""What our own work on one verification costs in CPU, beside the same flow with an empty adapter.

Both flows go through the API with the same 300 kB picture. The vendors (the sandbox) run in
another process, so that only our own CPU time counts.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PIL import Image
from rest_framework.test import APIClient

from providers import registry, services
from providers.adapters.regula.adapter import RegulaAdapter
from providers.types import OpenedSession, StepKind, StepPlan, StepResult, Verdict
from tenants.services import issue_key, save_tenant
from tests.verifications_support import document_request

ROUNDS = 30
PICTURE_BYTES = 300_000
SPECIMEN = Path("docs/specimens/passport-td3.jpg")
LIMIT_MS = 50.0


class EmptyAdapter(RegulaAdapter):
    """Does nothing, and says that everything passed."""

    def open(self, request: Any, options: Any) -> OpenedSession:
        return OpenedSession((StepPlan(StepKind.DOCUMENT, "empty", "Empty"),))

    def execute_step(self, *args: Any) -> StepResult:
        return StepResult(Verdict.PASSED)


def measure() -> dict[str, tuple[float, float | None]]:
    body = document_request(picture())
    with running_sandbox() as url:
        client = client_on(url)
        real = cpu_ms(client, body)
        with patch.dict(registry.ADAPTERS, {"regula": EmptyAdapter}):
            services.forget_adapters()
            empty = cpu_ms(client, body)
    return {
        "CPU of a verification with a 300 kB picture, ms": (real, None),
        "the same with an empty adapter, ms": (empty, None),
        "a verification, ratio of the two": (real / empty, None),
        "the adapter's own work (parse, map, store), ms": (real - empty, LIMIT_MS),
    }


def picture() -> bytes:
    """The specimen passport, as a JPEG of about 300 kB."""
    with Image.open(SPECIMEN) as specimen:
        for quality in range(98, 40, -2):
            buffer = io.BytesIO()
            specimen.save(buffer, "JPEG", quality=quality)
            if len(buffer.getvalue()) <= PICTURE_BYTES:
                return buffer.getvalue()
    raise RuntimeError("The specimen cannot be made small enough")


def client_on(url: str) -> APIClient:
    tenant = save_tenant(
        name="Benchmark",
        provider="regula",
        config={"docreader_url": f"{url}/docreader", "accept_specimens": "true"},
        credentials={},
    )
    client = APIClient(SERVER_NAME="localhost")
    client.credentials(HTTP_X_API_KEY=issue_key(tenant=tenant, name="benchmark").plain)
    return client


def cpu_ms(client: APIClient, body: dict[str, Any]) -> float:
    """CPU milliseconds of this process for one verification, all threads together."""
    post(client, body)
    started = time.process_time()
    for _ in range(ROUNDS):
        post(client, body)
    return (time.process_time() - started) * 1000 / ROUNDS


def post(client: APIClient, body: dict[str, Any]) -> None:
    answer = client.post("/api/v1/verifications", body, format="json")
    if answer.status_code != 201 or answer.json()["decision"] != "approved":
        raise RuntimeError(f"The benchmark's verification failed: {answer.content[:500]!r}")


@contextmanager
def running_sandbox() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    try:
        assert process.stdout is not None
        ready = re.search(r"http://\S+", process.stdout.readline())
        if ready is None:
            raise RuntimeError("The sandbox did not start")
        yield ready.group()
    finally:
        process.terminate()
        process.wait(timeout=10)
