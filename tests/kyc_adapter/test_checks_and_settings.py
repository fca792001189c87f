"""A wrong setting stops the start, and the message says which one and what to do."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from kyc_adapter.checks import check_settings
from kyc_adapter.environment import Unusable

ROOT = Path(__file__).resolve().parents[2]
KEY = "A" * 43 + "="


def found(settings, **changes):
    for name, value in changes.items():
        setattr(settings, name, value)
    return [(problem.id, problem.msg, problem.hint) for problem in check_settings(None)]


def test_test_settings_are_fine(settings):
    assert found(settings) == []


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"ENVIRONMENT": "staging"}, "kyc.E001", "local or production"),
        ({"IS_PRODUCTION": True, "SECRET_KEY": "short"}, "kyc.E002", "SECRET_KEY"),
        ({"IS_PRODUCTION": True, "ALLOWED_HOSTS": []}, "kyc.E003", "host names"),
        ({"IS_PRODUCTION": True, "DEBUG": True}, "kyc.E004", "DEBUG=false"),
        ({"FIELD_ENCRYPTION_KEYS_GIVEN": []}, "kyc.E005", "Make one"),
        ({"FIELD_ENCRYPTION_KEYS_GIVEN": ["x", "y"]}, "kyc.E006", "newest first"),
        ({"QUEUE_BROKER": "rabbit"}, "kyc.E007", "orm or redis"),
        ({"QUEUE_BROKER": "redis", "REDIS_URL": ""}, "kyc.E008", "REDIS_URL"),
        ({"LEASE": 5, "STEP_TIMEOUT": 10}, "kyc.E010", "make the lease longer"),
        ({"WORKER_SLICE": 500}, "kyc.E011", "must stay below"),
        ({"WORKER_SLICE": 90}, "kyc.E011", "WEBHOOK_LEASE_SECONDS"),
        ({"EVIDENCE_DIR": __file__}, "kyc.E012", "EVIDENCE_DIR"),
        ({"IS_PRODUCTION": True, "WEBHOOK_ALLOW_HTTP": True}, "kyc.E013", "HTTP=false"),
        ({"WEBHOOK_ALLOWED_CIDRS": ["10.0.0.0/8", "10.1"]}, "kyc.E014", "10.20.0.0/16"),
        ({"WEBHOOK_LEASE": 20, "WEBHOOK_TIMEOUT": 15}, "kyc.E015", "make the lease longer"),
    ],
)
def test_each_wrong_setting(settings, changes, code, word):
    fine = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": ["x"], "WEBHOOK_ALLOW_HTTP": False}
    problems = found(settings, **{**fine, **changes})

    assert [problem[0] for problem in problems] == [code]
    assert word in problems[0][2]


def test_unusable_value(settings):
    wrong = [Unusable("WORKER_THREADS is '0'", "Set a whole number, at least 1")]

    assert found(settings, UNUSABLE_SETTINGS=wrong) == [
        ("kyc.E009", "WORKER_THREADS is '0'", "Set a whole number, at least 1")
    ]


def environment_of(**given):
    return {
        "PATH": os.environ["PATH"],
        **{name: value for name, value in os.environ.items() if name.startswith("COV")},
        "DJANGO_SETTINGS_MODULE": "kyc_adapter.settings",
        **given,
    }


def run(*command, **given):
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
        env=environment_of(**given),
    )


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "migrate"),
        ("manage.py", "worker"),
        ("-m", "uvicorn", "kyc_adapter.asgi:application", "--port", "0"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_nothing_starts_with_wrong_settings(command):
    """Every way to start says all that is wrong at once, and how to correct it."""
    done = run(
        *command,
        ENVIRONMENT="production",
        DATABASE_URL="postgres://kyc:hunter2@localhost:port/kyc",
        REDIS_URL="localhost:6379",
        LEASE_SECONDS="soon",
        LOG_LEVEL="loud",
        CORS_ORIGINS="app.example.com",
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
    for message in (
        "SECRET_KEY is missing",
        "ALLOWED_HOSTS is empty",
        "FIELD_ENCRYPTION_KEYS is empty",
        "DATABASE_URL cannot be used",
        "REDIS_URL is not an address",
        "LEASE_SECONDS is 'soon'",
        "LOG_LEVEL is 'loud'",
        "CORS_ORIGINS holds app.example.com",
    ):
        assert message in done.stderr
    assert done.stderr.count("HINT") == 8


def test_database_that_does_not_answer(tmp_path):
    database = tmp_path / "a-directory.sqlite3"
    database.mkdir()

    done = run(
        "manage.py", "migrate", DATABASE_URL=f"sqlite:///{database}", FIELD_ENCRYPTION_KEYS=KEY
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "The database cannot be used" in done.stderr
    assert "DATABASE_URL" in done.stderr


@pytest.mark.parametrize(
    ("environment", "allowed"), [("production", []), ("local", ["http://localhost:3000"])]
)
def test_production_allows_no_origin_by_itself(monkeypatch, environment, allowed):
    monkeypatch.setenv("ENVIRONMENT", environment)
    for name in ("CORS_ORIGINS", "WEBSOCKET_CORS_ORIGIN"):
        monkeypatch.delenv(name, raising=False)

    loaded = runpy.run_path(str(ROOT / "kyc_adapter" / "settings.py"))

    assert loaded["CORS_ALLOWED_ORIGINS"] == loaded["WEBSOCKET_ORIGINS"] == allowed
