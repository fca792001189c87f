"""A process that is asked to stop begins nothing new."""

from __future__ import annotations

import threading
import time

import pytest

from common import stopping


@pytest.fixture(autouse=True)
def _nobody_has_asked():
    stopping.forget()
    yield
    stopping.forget()


def test_nobody_has_asked():
    assert not stopping.is_asked()
    assert stopping.seconds_since() == 0


def test_asked_twice_counts_from_the_first():
    stopping.ask()
    time.sleep(0.02)
    stopping.ask()

    assert stopping.is_asked()
    assert stopping.seconds_since() >= 0.02


def test_sleep_takes_its_time():
    started = time.monotonic()

    stopping.sleep(0.05)

    assert 0.05 <= time.monotonic() - started < 5


def test_sleep_ends_when_asked():
    started = time.monotonic()
    threading.Timer(0.05, stopping.ask).start()

    stopping.sleep(60)

    assert time.monotonic() - started < 5
