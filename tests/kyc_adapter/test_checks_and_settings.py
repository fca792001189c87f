"""A wrong setting stops the start, and the message says which one and what to do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kyc_adapter.checks import check_settings

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
        ({"EVIDENCE_DIR": __file__}, "kyc.E012", "EVIDENCE_DIR"),
    ],
)
def test_each_wrong_setting(settings, changes, code, word):
    problems = found(settings, **{"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": ["x"], **changes})

    assert [problem[0] for problem in problems] == [code]
    assert word in problems[0][2]


def test_number_out_of_range(settings, monkeypatch):
    monkeypatch.setenv("WORKER_THREADS", "0")

    assert [problem[:2] for problem in found(settings)] == [("kyc.E009", "WORKER_THREADS is 0")]


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"LEASE_SECONDS": "soon"}, "LEASE_SECONDS is 'soon'; set it to a number"),
        ({"STEP_TRIES": "1.5"}, "STEP_TRIES is '1.5'; set it to a whole number"),
        ({"RESCHEDULE_AFTER_SECONDS": "1,x"}, "RESCHEDULE_AFTER_SECONDS must be numbers"),
        ({"FIELD_ENCRYPTION_KEYS": ""}, "FIELD_ENCRYPTION_KEYS is empty"),
    ],
)
def test_web_process_does_not_start(environment, message, tmp_path):
    """The server itself runs no system checks; its application does."""
    done = subprocess.run(
        [sys.executable, "-c", "import kyc_adapter.asgi"],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "kyc_adapter.settings",
            "FIELD_ENCRYPTION_KEYS": KEY,
            **environment,
        },
    )

    assert done.returncode != 0
    assert message in done.stderr
