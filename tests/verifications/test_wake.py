"""One call that waits for a worker is enough."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import now
from django_q.models import OrmQ

from verifications.wake import wake_worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_call_that_waits_stands_for_later_ones():
    first = wake_worker()

    assert [wake_worker(), wake_worker()] == [first, first]
    assert OrmQ.objects.get().task["id"] == first


def test_one_that_was_taken_does_not():
    first = wake_worker()
    OrmQ.objects.update(lock=now() + timedelta(minutes=1))

    second = wake_worker()

    assert second != first
    assert OrmQ.objects.count() == 2


def test_one_that_is_done_does_not():
    first = wake_worker()
    OrmQ.objects.all().delete()

    assert wake_worker() != first
    assert OrmQ.objects.count() == 1


def test_another_task_in_its_place_does_not():
    first = wake_worker()
    OrmQ.objects.update(payload="another")

    assert wake_worker() != first


def test_one_that_is_not_committed_does_not():
    with transaction.atomic():
        first = wake_worker()
        second = wake_worker()

    assert first != second
    assert OrmQ.objects.count() == 2


def test_one_that_was_undone_does_not():
    with transaction.atomic():
        wake_worker()
        transaction.set_rollback(True)

    wake_worker()

    assert OrmQ.objects.count() == 1
