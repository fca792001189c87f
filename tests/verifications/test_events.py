"""The log has no gap, whoever writes."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction

from verifications.events import EventType, committed, envelope, record
from verifications.models import Session

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_in_a_transaction(stored, regula_tenant):
    with pytest.raises(RuntimeError, match="in the transaction"):
        record(stored(regula_tenant), EventType.REVIEW)


def test_two_writers_leave_no_gap(stored, regula_tenant):
    verification = stored(regula_tenant)

    def write():
        for _ in range(10):
            with transaction.atomic():
                Session.objects.select_for_update().get(verification=verification)
                record(verification, EventType.STEP_COMPLETED)
        connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    sequences = list(verification.events.values_list("sequence", flat=True))
    assert sequences == list(range(1, 22))


class Undone(Exception):
    """Something failed after the event was written."""


def test_undone_change_leaves_no_number_behind(stored, regula_tenant):
    verification = stored(regula_tenant)

    def change_of_mind():
        with transaction.atomic():
            record(verification, EventType.REVIEW)
            raise Undone

    with pytest.raises(Undone):
        change_of_mind()

    with transaction.atomic():
        event = record(verification, EventType.REVIEW)

    assert event.sequence == 2


def test_failing_listener_after_commit_harms_nobody(stored, regula_tenant):
    def refuse(**kwargs):
        raise RuntimeError("no")

    committed.connect(refuse)
    try:
        verification = stored(regula_tenant)
    finally:
        committed.disconnect(refuse)

    assert verification.events.count() == 1


def test_envelope(stored, regula_tenant):
    event = stored(regula_tenant).events.get()

    published = envelope(event)

    assert list(published) == ["id", "type", "verificationId", "sequence", "timestamp", "data"]
    assert published["type"] == "verification.created"
    assert published["timestamp"].endswith("Z")
    assert published["data"] == {
        "status": "pending",
        "verificationType": "document",
        "provider": "regula",
    }
