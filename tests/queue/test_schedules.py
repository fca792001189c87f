"""The schedules' rows, and the health check of a worker."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django_q.models import Schedule

from kyc_adapter.schedules import EVERY_MINUTES, ensure_schedules

pytestmark = pytest.mark.django_db(transaction=True)


def test_nobody_takes_tasks():
    with pytest.raises(CommandError, match="No worker takes tasks"):
        call_command("worker_alive", "--timeout", "0.2")


def test_every_migrate_makes_the_schedules_that_are_missing():
    Schedule.objects.all().delete()

    call_command("migrate", verbosity=0)

    assert {schedule.func for schedule in Schedule.objects.all()} == set(EVERY_MINUTES)


def test_schedules_are_made_once():
    ensure_schedules()
    ensure_schedules()

    made = Schedule.objects.filter(name__in=EVERY_MINUTES)
    assert {schedule.func for schedule in made} == set(EVERY_MINUTES)
    assert made.count() == len(EVERY_MINUTES)
