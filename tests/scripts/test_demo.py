"""What the demo's supervisor is told; the demo as a whole needs minutes, and a terminal."""

from __future__ import annotations

from honcho import manager as supervisor

from kyc_adapter.settings import BASE_DIR, WORKER_STOP
from scripts import demo


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
