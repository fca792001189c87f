"""The circuit breaker of one provider account, on a clock of our own."""

from __future__ import annotations

import threading

import pytest

from providers.breaker import Breaker
from providers.errors import CircuitOpen


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock) -> Breaker:
    return Breaker(fail_max=3, reset_seconds=15, clock=clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.admit()
        breaker.failed()


def test_stays_closed_below_the_limit(breaker):
    fail(breaker, 2)

    breaker.admit()
    assert not breaker.is_open


def test_opens_at_the_limit_and_says_how_long(breaker, clock):
    fail(breaker, 3)
    clock.now += 5

    with pytest.raises(CircuitOpen) as refusal:
        breaker.admit()

    assert refusal.value.retry_after_seconds == 10
    assert refusal.value.retryable
    assert not refusal.value.uses_attempt


def test_only_consecutive_failures_count(breaker):
    fail(breaker, 2)
    breaker.admit()
    breaker.succeeded()
    fail(breaker, 2)

    assert not breaker.is_open


def test_lets_one_probe_through_per_reset_period(breaker, clock):
    fail(breaker, 3)
    clock.now += 15

    breaker.admit()
    with pytest.raises(CircuitOpen):
        breaker.admit()
    clock.now += 15
    breaker.admit()


def test_a_good_probe_closes_it(breaker, clock):
    fail(breaker, 3)
    clock.now += 15
    breaker.admit()
    breaker.succeeded()

    for _ in range(10):
        breaker.admit()


def test_a_bad_probe_keeps_it_open_for_another_period(breaker, clock):
    fail(breaker, 3)
    clock.now += 15
    breaker.admit()
    breaker.failed()
    clock.now += 14

    with pytest.raises(CircuitOpen) as refusal:
        breaker.admit()

    assert refusal.value.retry_after_seconds == 1


def test_of_many_threads_one_probes(breaker, clock):
    fail(breaker, 3)
    clock.now += 15
    admitted = []
    barrier = threading.Barrier(16)

    def knock() -> None:
        barrier.wait()
        try:
            breaker.admit()
        except CircuitOpen:
            return
        admitted.append(True)

    threads = [threading.Thread(target=knock) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert admitted == [True]
