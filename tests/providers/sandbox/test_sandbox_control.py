"""The sandbox's own calls, and the command that serves it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from providers.sandbox.reading.ocr import Ocr
from providers.sandbox.reading.page import Pages
from providers.sandbox.server import sandbox_server
from providers.sandbox.settings import Settings

ROOT = Path(__file__).parents[3]


def test_health(sandbox):
    body = requests.get(f"{sandbox}/healthz", timeout=5).json()
    assert body["status"] == "ok"
    assert isinstance(body["isPrepared"], bool)


class CountingOcr(Ocr):
    """Counts what another one reads."""

    def __init__(self, reader):
        super().__init__()
        self._reader = reader
        self.readings = 0

    def warm_up(self):
        self._reader.warm_up()

    def lines(self, pixels):
        self.readings += 1
        return self._reader.lines(pixels)


def test_pictures_given_at_the_start_are_read_before_anybody_posts_them(pages, specimen):
    data = specimen("id-card-td1-back")
    pages = Pages(CountingOcr(pages.ocr))
    assert not pages.is_prepared

    pages.prepare([b"no picture", data])

    assert pages.is_prepared
    readings = pages.ocr.readings
    assert pages.read(data).is_document
    assert pages.ocr.readings == readings


def test_picture_that_is_not_there():
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("sandbox", "--port", "0", "--picture", "nowhere.jpg")


def test_settings_are_shown_changed_and_reset(sandbox):
    url = f"{sandbox}/control/settings"
    assert requests.get(url, timeout=5).json() == vars(Settings())
    changed = requests.post(url, json={"templates": 50, "documentShape": "B"}, timeout=5)
    assert (changed.json()["templates"], changed.json()["documentShape"]) == (50, "B")
    assert requests.delete(url, timeout=5).json() == vars(Settings())


@pytest.mark.parametrize(
    "body",
    [
        {"documentShape": "C"},
        {"templates": 10_001},
        {"templates": "many"},
        {"nothing": 1},
        {"regulaGeneration": 7},
        {"documentShape": "B", "licence": "lost"},
    ],
)
def test_wrong_settings_change_nothing(sandbox, body):
    url = f"{sandbox}/control/settings"
    assert requests.post(url, json=body, timeout=5).status_code == 400
    assert requests.get(url, timeout=5).json() == vars(Settings())


def test_unknown_template_can_be_404(idmeta, control):
    control("settings", {"unknownTemplateStatus": 404})
    answer = idmeta.post("/v1/verification/create-verification", {"template_id": "99999"})
    assert answer.status_code == 404


@pytest.mark.parametrize("body", [{}, {"fault": "500"}, {"match": "x", "fault": "nothing"},
                                  {"match": "x", "fault": "500", "times": "often"}])  # fmt: skip
def test_wrong_faults(sandbox, body):
    assert requests.post(f"{sandbox}/control/faults", json=body, timeout=5).status_code == 400
    assert requests.get(f"{sandbox}/control/faults", timeout=5).json() == []


def test_unknown_paths(sandbox):
    assert requests.get(f"{sandbox}/nothing", timeout=5).status_code == 404
    assert requests.post(f"{sandbox}/healthz", timeout=5).status_code == 405


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.crash)]
)
def test_the_server_answers_at_once_and_stops_when_told(number):
    script = (
        "from providers.management.commands.sandbox import Command;"
        "Command().run_from_argv(['manage.py', 'sandbox', '--port', '0'])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip().removeprefix("Sandbox ready on ")
        started = time.monotonic()
        assert requests.get(f"{url}/healthz", timeout=5).status_code == 200
        assert time.monotonic() - started < 5
        process.send_signal(number)
        assert process.wait(timeout=5) == 0


def test_a_taken_port_is_said_plainly(server, capsys):
    with pytest.raises(SystemExit):
        sandbox_server("127.0.0.1", server.server_port)
    assert "is in use by another program" in capsys.readouterr().err
