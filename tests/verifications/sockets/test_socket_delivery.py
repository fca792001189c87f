"""Every event arrives once and in order, whoever wrote it and whatever got lost on the way."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import connections, transaction

from verifications import events
from verifications.events import EventType
from verifications.sockets.announce import announce

pytestmark = pytest.mark.django_db(transaction=True)

VERDICT = {"status": "completed", "decision": "approved", "reasonCodes": []}


def test_many_writers_at_once(open_socket, stored, tenant, tell):
    """Three threads write to two verifications while two sockets follow both."""
    followed = [stored(tenant) for _ in range(2)]
    sockets = [open_socket() for _ in range(2)]
    for socket in sockets:
        for verification in followed:
            socket.subscribe(verification, afterSequence=1)

    def write(seed: int) -> None:
        order = [verification for verification in followed for _ in range(10)]
        random.Random(seed).shuffle(order)
        for verification in order:
            tell(verification)
        connections.close_all()

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(3)]
    for writer in writers:
        writer.start()
    for socket in sockets:
        told = [socket.receive() for _ in range(2 * 30)]
        for verification in followed:
            own = [one["sequence"] for one in told if one["verificationId"] == str(verification.pk)]
            assert own == list(range(2, 32))
    for writer in writers:
        writer.join()


def test_nobody_is_woken_and_it_arrives_all_the_same(open_socket, verification, tell):
    """As when Redis loses the message, or there is none: the server looks by itself."""
    socket = open_socket()
    socket.subscribe(verification, afterSequence=1)
    events.committed.disconnect(announce, dispatch_uid="wake_sockets")
    try:
        tell(verification)
    finally:
        events.committed.connect(announce, dispatch_uid="wake_sockets")

    assert socket.receive()["sequence"] == 2


def test_reconnecting_with_what_it_has(open_socket, verification, tell):
    with open_socket(f"/{verification.pk}") as socket:
        socket.receive()
        last = socket.receive()["sequence"]
    tell(verification)
    tell(verification, EventType.COMPLETED, **VERDICT)

    again = open_socket(f"/{verification.pk}?afterSequence={last}")

    assert again.receive()["event"] == "subscribed"
    assert [again.receive()["event"] for _ in range(2)] == ["progress", "completed"]


def test_client_that_reads_nothing_for_a_while(open_socket, verification, tell):
    """12 MB in all, more than any buffer on the way: the server reads them from its log again."""
    count, padding = 300, "x" * 40_000
    slow, brisk = open_socket(max_queue=1), open_socket()
    for socket in (slow, brisk):
        socket.subscribe(verification, afterSequence=1)

    with transaction.atomic():
        for _ in range(count):
            tell(verification, padding=padding)
        tell(verification, EventType.COMPLETED, **VERDICT)

    expected = list(range(2, count + 3))
    assert brisk.sequences(count + 1) == expected
    assert slow.sequences(count) == expected[:-1]
    assert slow.receive()["event"] == "completed"
