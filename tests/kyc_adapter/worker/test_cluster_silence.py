"""When a cluster counts as silent. Time is moved by hand; pulses come through a real pipe."""

from __future__ import annotations

import os

import pytest

from kyc_adapter.worker import cluster as cluster_module
from kyc_adapter.worker.cluster import START_SECONDS, Cluster
from kyc_adapter.worker.pulse import Reader
from kyc_adapter.worker.queues import Queue


class Clock:
    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch, settings):
    settings.HEARTBEAT_SILENCE = 20
    clock = Clock()
    monkeypatch.setattr(cluster_module, "time", clock)
    return clock


@pytest.fixture
def cluster(clock):
    """A cluster of two workers that has answered, and was asked again just now."""
    cluster = Cluster(Queue("kyc", 2), "beats-test", guarded_at=clock.now, asked_at=clock.now)
    cluster._reader = Reader()
    cluster.has_answered = True
    yield cluster
    cluster._reader.close_write_end()
    cluster._reader.close()


def tell(cluster, *lines):
    for line in lines:
        os.write(cluster._reader.write_fd, f"{line}\n".encode())
    cluster.listen()


def pass_time(clock, cluster, seconds, *each_second):
    for _ in range(seconds):
        clock.now += 1
        tell(cluster, *each_second)


def test_heartbeat_without_an_answer(clock, cluster):
    pass_time(clock, cluster, 20, "guard 2")
    assert cluster.silence == ""

    pass_time(clock, cluster, 1, "guard 2")
    assert cluster.silence == "heartbeat"


def test_answer_ends_the_silence(clock, cluster):
    pass_time(clock, cluster, 19, "guard 2")
    tell(cluster, "beat 5")
    pass_time(clock, cluster, 60, "guard 2")

    assert cluster.silence == ""


def test_nothing_was_asked(clock, cluster):
    """The queue is away: nobody is judged."""
    cluster.asked_at = None
    pass_time(clock, cluster, 60, "guard 2")

    assert cluster.silence == ""


def test_all_workers_busy(clock, cluster):
    """Nobody is free to answer, for as long as that lasts."""
    pass_time(clock, cluster, 60, "guard 2", "busy 3", "busy 4")
    assert (cluster.silence, cluster.busy_workers) == ("", 2)

    pass_time(clock, cluster, 30, "guard 2", "busy 3")
    assert (cluster.silence, cluster.busy_workers) == ("heartbeat", 1)


def test_sentinel_that_is_stuck(clock, cluster):
    pass_time(clock, cluster, 21, "beat 5", "busy 3")

    assert cluster.silence == "sentinel"


def test_start_may_take_longer(clock, cluster):
    cluster.has_answered = False
    pass_time(clock, cluster, int(START_SECONDS), "guard 2")
    assert cluster.silence == ""

    pass_time(clock, cluster, 1, "guard 2")
    assert cluster.silence == "heartbeat"


def test_supervisor_that_was_away_forgives(clock, cluster):
    clock.now += 3600
    cluster.forgive()

    assert cluster.silence == ""


def test_condemned_cluster_may_end_what_runs(clock, cluster):
    pass_time(clock, cluster, 21, "guard 2", "busy 3")
    cluster.condemn()
    assert not cluster.is_drained

    pass_time(clock, cluster, 5, "guard 2")
    assert cluster.is_drained


def test_condemned_cluster_has_ten_seconds(clock, cluster):
    cluster.condemn()
    pass_time(clock, cluster, 10, "busy 3")
    assert not cluster.is_drained

    pass_time(clock, cluster, 1, "busy 3")
    assert cluster.is_drained


def test_pulse_that_comes_in_two_parts(clock, cluster):
    os.write(cluster._reader.write_fd, b"be")
    cluster.listen()
    assert cluster.asked_at is not None

    os.write(cluster._reader.write_fd, b"at 5\n")
    cluster.listen()
    assert cluster.asked_at is None
