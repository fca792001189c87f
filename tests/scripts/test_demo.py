"""What the demo's supervisor is told, and when it greets; the whole of it needs minutes, and a
terminal."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from honcho import manager as supervisor

from kyc_adapter.settings import BASE_DIR, WORKER_STOP
from scripts import demo
from templates_sync.models import ProviderTemplate
from tests.verifications_support import RUNS_WORKFLOW


def test_worker_may_end_its_step_after_ctrl_c(monkeypatch):
    monkeypatch.setattr(supervisor, "KILL_WAIT", 5)

    manager = demo.supervised()

    assert set(manager._processes) == {"web", "worker", "sandbox"}
    assert supervisor.KILL_WAIT > WORKER_STOP


def test_pictures_of_the_greeting_are_read_at_the_start():
    shown = demo.guide({"regula": "kya_1", "idmeta": "kya_2"})

    for name in demo.PICTURES:
        assert (BASE_DIR / "docs" / "specimens" / name).exists()
        assert name in shown
        assert f"--picture docs/specimens/{name}" in demo.PROCESSES["sandbox"]


@pytest.fixture
def everything_answers(sandbox, monkeypatch):
    monkeypatch.setattr(demo, "SANDBOX_PORT", urlsplit(sandbox.url).port)
    for name in ("answers", "sandbox_is_prepared", "worker_answers"):
        monkeypatch.setattr(demo, name, lambda *args: True)
    monkeypatch.setattr(demo.time, "sleep", lambda seconds: None)


@RUNS_WORKFLOW
def test_templates_are_there_when_it_greets(sandbox, everything_answers, monkeypatch, capsys):
    call_command("seed_demo", sandbox=sandbox.url)
    monkeypatch.setattr(demo, "succeeds", lambda *arguments: call_command(*arguments) is None)

    demo.greet_when_ready({"regula": "kya_1", "idmeta": "kya_2"})

    assert ProviderTemplate.objects.filter(is_active=True).exists()
    assert "KYC adapter is ready" in capsys.readouterr().out


def test_it_greets_only_once_the_templates_are_there(everything_answers, monkeypatch, capsys):
    tries = iter([False, False, True])
    monkeypatch.setattr(demo, "succeeds", lambda *arguments: next(tries))

    demo.greet_when_ready({"regula": "kya_1", "idmeta": "kya_2"})

    assert next(tries, None) is None
    shown = capsys.readouterr().out
    assert 0 < shown.index("Ready: templates") < shown.index("KYC adapter is ready")


def test_it_does_not_greet_without_the_templates(everything_answers, monkeypatch, capsys):
    monkeypatch.setattr(demo, "READY_WITHIN_SECONDS", 0.1)
    monkeypatch.setattr(demo, "succeeds", lambda *arguments: False)

    demo.greet_when_ready({"regula": "kya_1", "idmeta": "kya_2"})

    shown = capsys.readouterr().out
    assert "Not ready after 0.1 s: templates" in shown
    assert "KYC adapter is ready" not in shown
