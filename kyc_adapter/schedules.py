"""Every periodic job."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django_q.models import Schedule

EVERY_MINUTES = {
    "verifications.tasks.sweep": 1,
    "verifications.tasks.purge_orphans": 60,
    "webhooks.tasks.sweep": 1,
    "tenants.tasks.forget_spent_tickets": 60,
    "templates_sync.tasks.sync_due": 1,
}
# Tasks that may outlive the queue's own timeout, in seconds; shorter than its `retry`.
TIMEOUTS = {"templates_sync.tasks.sync_due": 900}


def ensure_schedules(**kwargs: Any) -> None:
    """Make the rows Django-Q reads; called after every migrate, changes nothing if they stand."""
    if Schedule._meta.db_table not in connection.introspection.table_names():
        return
    for task, minutes in EVERY_MINUTES.items():
        options = {"q_options": {"timeout": TIMEOUTS[task]}} if task in TIMEOUTS else {}
        Schedule.objects.update_or_create(
            name=task,
            defaults={
                "func": task,
                "schedule_type": Schedule.MINUTES,
                "minutes": minutes,
                "kwargs": str(options) if options else None,
            },
        )
