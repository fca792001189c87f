"""A thousand sockets on one web process: what `make bench` measures must not fail, either."""

from __future__ import annotations

import pytest

from tests.benchmarks import live_events

pytestmark = [
    pytest.mark.crash,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]


def test_every_final_event_arrives_and_sockets_stay_small():
    results = live_events.measure()

    lost, _ = results[f"final events lost, of {live_events.SOCKETS} at once"]
    kilobytes, at_most = results["memory of an open socket, KB"]
    assert lost == 0
    assert kilobytes < at_most
