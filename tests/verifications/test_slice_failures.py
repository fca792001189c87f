"""A worker's slice in which a session's own turn breaks off."""

from __future__ import annotations

import structlog
from django.db import OperationalError

from tests.verifications_support import RUNS_WORKFLOW
from verifications import runner, workflow

pytestmark = RUNS_WORKFLOW


def test_is_told_and_harms_no_other(regula_tenant, stored, sandbox, monkeypatch):
    broken, other = stored(regula_tenant), stored(regula_tenant)
    work = workflow.work

    def break_off(lease, **more):
        if lease.session_id == broken.session.pk:
            raise OperationalError("the connection is lost")
        work(lease, **more)

    monkeypatch.setattr(workflow, "work", break_off)
    with structlog.testing.capture_logs() as logs:
        runner.work_slice()

    told = [line for line in logs if line["event"] == "session_not_worked"]
    assert [line["session_id"] for line in told] == [str(broken.session.pk)]
    other.refresh_from_db()
    assert other.decision == "approved"
    broken.session.refresh_from_db()
    assert broken.session.lease_until is not None
