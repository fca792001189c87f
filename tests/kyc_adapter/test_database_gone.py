"""`/health` of a real web process whose database is taken away, and given back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
KEY = "A" * 43 + "="


def answered(url, status, within=30.0):
    """The first answer with this status; anything else so far is shown if there is none."""
    until, seen = time.monotonic() + within, None
    while time.monotonic() < until:
        try:
            answer = requests.get(url, timeout=20)
        except requests.ConnectionError:
            time.sleep(0.1)
            continue
        seen = (answer.status_code, answer.text)
        if answer.status_code == status:
            return answer.json()
    raise AssertionError(f"no {status} within {within} s; last was {seen}")


@pytest.fixture
def database(tmp_path):
    return tmp_path / "data" / "kyc.sqlite3"


@pytest.fixture
def health(database, tmp_path):
    """The address of /health of a web process on this database."""
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "kyc_adapter.asgi:application", "--port", str(port)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "kyc_adapter.settings",
            "FIELD_ENCRYPTION_KEYS": KEY,
            "DATABASE_URL": f"sqlite:///{database}",
            "EVIDENCE_DIR": str(tmp_path),
            "REDIS_URL": "",
            "QUEUE_BROKER": "orm",
        },
    ) as process:
        yield f"http://127.0.0.1:{port}/health"
        process.terminate()


def test_database_that_goes_and_comes_back(health, database):
    assert answered(health, 200)["database"] == "ok"

    away = database.parent.rename(database.parent.with_name("away"))
    gone = answered(health, 503)
    away.rename(database.parent)
    back = answered(health, 200)

    assert (gone["status"], gone["database"]) == ("error", "error")
    assert (back["status"], back["database"]) == ("ok", "ok")
