"""A worker that does not see the pictures' files: it waits for them, and an operator can help."""

from __future__ import annotations

import pytest

from tests.verifications_support import RUNS_WORKFLOW
from verifications import dead_letters
from verifications.models import Session

pytestmark = RUNS_WORKFLOW


@pytest.fixture
def unmounted(evidence_files, stored, regula_tenant, tmp_path):
    """A verification for a worker that does not see the pictures' files; a function mounts them."""
    verification = stored(regula_tenant, run_mode="async")
    mounted, elsewhere = tmp_path, tmp_path.with_name("not-mounted")
    mounted.rename(elsewhere)
    return verification, lambda: elsewhere.rename(mounted)


def test_volume_that_is_mounted_late_costs_time_alone(unmounted, work_next_turn, sandbox, settings):
    verification, mount = unmounted
    settings.RESCHEDULE_AFTER = [10]

    assert work_next_turn(verification) == ("in_progress", None)
    assert Session.objects.get().attempts == 1
    assert verification.error is None
    mount()

    assert work_next_turn(verification) == ("completed", "approved")
    assert len(sandbox.bills()) == 1


def test_volume_that_stays_away_ends_as_a_dead_letter(unmounted, work_next_turn, sandbox, settings):
    verification, mount = unmounted
    settings.RESCHEDULE_AFTER = [10]

    assert work_next_turn(verification) == ("in_progress", None)
    assert work_next_turn(verification) == ("failed", None)

    assert verification.error["code"] == "evidence_unreadable"
    assert [letter.verification for letter in dead_letters.dead_letters()] == [verification]
    assert sandbox.bills() == []
    mount()
    dead_letters.run_again(verification)
    assert work_next_turn(verification) == ("completed", "approved")
