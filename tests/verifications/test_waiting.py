"""A provider that decides later: asked again after growing pauses, until it has decided or time is
up."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.utils.timezone import now

from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.types import FinalVerdict, Verdict
from verifications import claims, tasks, workflow
from verifications.models import Session, SessionStatus, Status, Verification

pytestmark = pytest.mark.django_db(transaction=True)

LATER = FinalVerdict(Verdict.NONE, is_final=False)


@pytest.fixture
def asked(monkeypatch):
    """When the provider was asked for its verdict; it has none yet."""
    moments = []

    def finalize(self, ref):
        moments.append(now())
        return LATER

    monkeypatch.setattr(IdmetaAdapter, "finalize", finalize)
    return moments


@pytest.fixture
def waiting(idmeta_tenant, stored, asked, settings):
    settings.ASK_AGAIN_AFTER = 10
    settings.ASK_AGAIN_AT_MOST = 600
    session = stored(idmeta_tenant, expires_in=86400).session
    workflow.run(session.pk)
    return session


def ask_when_due(session):
    """Let time pass until the session is due, and work it; each turn knows only the database."""
    due_at = Session.objects.get(pk=session.pk).next_attempt_at
    with time_machine.travel(due_at - timedelta(seconds=1), tick=False):
        assert claims.due_sessions(1) == []
    with time_machine.travel(due_at, tick=False):
        assert claims.due_sessions(1) == [session.pk]
        workflow.run(session.pk)


def test_pauses_grow_up_to_a_limit(waiting, asked):
    for _ in range(12):
        ask_when_due(waiting)

    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(asked)]
    assert pauses[0] == pytest.approx(10, abs=2)
    assert all(later >= earlier for earlier, later in pairwise(pauses))
    assert pauses[5] > 100
    assert pauses[-3:] == [600, 600, 600]


def test_nothing_else_is_done_meanwhile(waiting, sandbox):
    for _ in range(3):
        ask_when_due(waiting)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.attempts, waiting.lease_until) == (
        SessionStatus.WAITING,
        0,
        None,
    )
    assert waiting.last_progress_message == "Waiting for the provider's decision"
    assert len(sandbox.bills()) == 1
    assert Verification.objects.get().events.count() == 2


def test_decision_ends_it(waiting, monkeypatch):
    ask_when_due(waiting)
    decided = FinalVerdict(Verdict.PASSED)
    monkeypatch.setattr(IdmetaAdapter, "finalize", lambda self, ref: decided)

    ask_when_due(waiting)

    assert Verification.objects.get().decision == "approved"
    assert claims.backlog() == (0, None)


def test_time_that_is_up_ends_it(waiting, asked):
    expires_at = Verification.objects.get().expires_at
    with time_machine.travel(expires_at - timedelta(seconds=1), tick=False):
        tasks.sweep()
    assert Verification.objects.get().status == Status.IN_PROGRESS

    with time_machine.travel(expires_at, tick=False):
        tasks.sweep()

    verification = Verification.objects.get()
    assert (verification.status, verification.decision) == (Status.EXPIRED, None)
    assert verification.session.status == SessionStatus.CANCELLED
    event = verification.events.last()
    assert (event.type, event.data) == ("verification.expired", {"status": "expired"})
    workflow.run(waiting.pk)
    assert len(asked) == 1
