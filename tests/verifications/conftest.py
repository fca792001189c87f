"""What tests of stored verifications need besides."""

from __future__ import annotations

import pytest
import time_machine

from verifications import runner
from verifications.models import Session


@pytest.fixture
def evidence_files(settings, tmp_path):
    """The files in a storage of the test's own."""
    storage = settings.STORAGES["evidence"]
    options = {**storage["OPTIONS"], "location": tmp_path}
    settings.STORAGES = {**settings.STORAGES, "evidence": {**storage, "OPTIONS": options}}
    return lambda: sorted(path for path in tmp_path.rglob("*") if path.is_file())


@pytest.fixture
def work_next_turn():
    """What a worker does at the time it is due; the verification's status and decision then."""

    def work(verification):
        with time_machine.travel(Session.objects.get().next_attempt_at):
            runner.work_slice()
        verification.refresh_from_db()
        return verification.status, verification.decision

    return work
