"""The schedule that reads templates, under a real cluster."""

from __future__ import annotations

import pytest
from django_q.models import Schedule
from django_q.scheduler import scheduler

from kyc_adapter.schedules import TIMEOUTS, ensure_schedules
from providers.sandbox.idmeta.accounts import DEMO
from templates_sync.models import ProviderTemplate, TemplateSync
from tests.queue.worker_tree import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

TASK = "templates_sync.tasks.sync_due"


def test_a_new_account_is_read_by_the_schedule(idmeta_tenant, start_worker):
    ensure_schedules()
    made = Schedule.objects.get(name=TASK)

    scheduler()  # a cluster does this every 30 seconds
    start_worker()

    wait_for(TemplateSync.objects.filter(status="succeeded").exists)
    assert ProviderTemplate.objects.count() == len(DEMO.templates)
    later = Schedule.objects.get(name=TASK)
    assert later.next_run > made.next_run
    assert later.kwargs == str({"q_options": {"timeout": TIMEOUTS[TASK]}})
