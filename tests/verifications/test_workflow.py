"""Turns that end anywhere, and the next one that takes up the work."""

from __future__ import annotations

import time
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import transaction
from django.utils.timezone import now
from django_q.models import OrmQ

from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.adapters.regula.adapter import RegulaAdapter
from providers.types import FinalVerdict, OpenedSession, StepKind, StepPlan, Verdict
from verifications import claims, ledger, outcomes, runner, services, tasks, workflow
from verifications.models import ProviderCall, Session, SessionStatus, Status, StepStatus
from verifications.steps import StepRunner
from verifications.turn import Turn

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """What `kill -9` looks like from inside: nothing after it runs."""


def make_due(session):
    """As if the owner had died and its lease had run out."""
    past = now() - timedelta(seconds=1)
    Session.objects.filter(pk=session.pk).update(lease_until=None, next_attempt_at=past)


def work(session):
    workflow.run(session.pk)
    session.refresh_from_db()
    session.verification.refresh_from_db()
    return session.verification


def assert_due_after(session, seconds, *, since):
    """The pause, whatever time the turn itself took."""
    pause = timedelta(seconds=seconds)
    assert since + pause <= session.next_attempt_at <= now() + pause


def calls(session):
    return [(call.operation, call.status) for call in session.provider_calls.order_by("id")]


@pytest.fixture
def die_once(monkeypatch):
    """Kill the owner at its first call of this method, before or after it ran."""

    def arm(owner, name, *, after=False):
        original = getattr(owner, name)
        state = {"armed": True}

        def fatal(*args, **kwargs):
            result = original(*args, **kwargs) if after or not state["armed"] else None
            if state["armed"]:
                state["armed"] = False
                raise Killed
            return result

        monkeypatch.setattr(owner, name, fatal)

    return arm


# Where the owner dies: the object, its method, after it ran or before; then the ledger that a
# resume leaves for Regula and for IDMeta, and how many bills the vendor wrote.
DEATHS = {
    "before the first call": (
        (workflow, "open_session", False),
        [("step", "done")],
        [("open", "done"), ("step", "done"), ("finalize", "done")],
    ),
    "between open and first step": (
        (workflow, "open_session", True),
        [("step", "done")],
        [("open", "unknown"), ("open", "done"), ("step", "done"), ("finalize", "done")],
    ),
    "before the end": (
        (outcomes, "conclude", False),
        [("step", "done")],
        [("open", "done"), ("step", "done"), ("finalize", "unknown"), ("finalize", "done")],
    ),
}


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize("provider", ["regula", "idmeta"])
def test_resume_repeats_nothing(provider, death, request, stored, sandbox, die_once):
    session = stored(request.getfixturevalue(f"{provider}_tenant")).session
    (owner, method, after), regula_calls, idmeta_calls = DEATHS[death]
    die_once(owner, method, after=after)
    with pytest.raises(Killed):
        workflow.run(session.pk)
    make_due(session)

    verification = work(session)

    assert (verification.status, verification.decision) == ("completed", "approved")
    assert calls(session) == (regula_calls if provider == "regula" else idmeta_calls)
    assert len(sandbox.bills()) == 1
    sequences = verification.events.values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, len(sequences) + 1))


def test_step_is_stored_when_the_last_word_is_booked(idmeta_tenant, stored, sandbox, die_once):
    session = stored(idmeta_tenant).session
    die_once(IdmetaAdapter, "finalize")
    with pytest.raises(Killed):
        workflow.run(session.pk)
    assert session.steps.get().status == StepStatus.DONE
    make_due(session)

    verification = work(session)

    assert verification.decision == "approved"
    assert calls(session) == [
        ("open", "done"),
        ("step", "done"),
        ("finalize", "unknown"),
        ("finalize", "done"),
    ]
    assert len(sandbox.bills()) == 1


def test_step_is_stored_when_the_next_call_cannot_be_booked(idmeta_tenant, stored, monkeypatch):
    session = stored(idmeta_tenant).session
    reservation = ledger.reservation

    def refuse(session, operation, **kwargs):
        if operation == "finalize":
            raise OSError
        return reservation(session, operation, **kwargs)

    monkeypatch.setattr(ledger, "reservation", refuse)
    workflow.run(session.pk)

    assert session.steps.get().status == StepStatus.DONE
    assert calls(session) == [("open", "done"), ("step", "done")]
    assert list(session.verification.events.values_list("sequence", "type")) == [
        (1, "verification.created"),
        (2, "verification.step.completed"),
    ]


def test_step_sent_but_never_stored_is_looked_up(idmeta_tenant, stored, sandbox, die_once):
    session = stored(idmeta_tenant).session
    die_once(StepRunner, "_store")
    with pytest.raises(Killed):
        workflow.run(session.pk)
    make_due(session)

    verification = work(session)

    assert verification.decision == "review"
    assert session.steps.get().status == StepStatus.ANSWER_LOST
    assert calls(session) == [
        ("open", "done"),
        ("step", "done"),
        ("reconcile", "done"),
        ("finalize", "done"),
    ]
    assert len(sandbox.bills()) == 1


def test_step_whose_answer_cannot_be_stored_is_looked_up(
    idmeta_tenant, stored, sandbox, monkeypatch
):
    session = stored(idmeta_tenant).session
    with monkeypatch.context() as patched:
        patched.setattr(StepRunner, "_store", Mock(side_effect=ValueError))
        workflow.run(session.pk)
    assert calls(session) == [("open", "done"), ("step", "reserved")]
    make_due(session)

    work(session)

    assert session.steps.get().status == StepStatus.ANSWER_LOST
    assert len(sandbox.bills()) == 1


def test_step_reserved_but_never_sent_is_sent(idmeta_tenant, stored, sandbox, die_once):
    session = stored(idmeta_tenant).session
    die_once(IdmetaAdapter, "execute_step")
    with pytest.raises(Killed):
        workflow.run(session.pk)
    make_due(session)

    verification = work(session)

    assert verification.decision == "approved"
    assert calls(session) == [
        ("open", "done"),
        ("step", "not_sent"),
        ("reconcile", "done"),
        ("step", "done"),
        ("finalize", "done"),
    ]
    assert len(sandbox.bills()) == 1


def test_regula_step_of_a_dead_owner_is_sent_once_more(regula_tenant, stored, sandbox, die_once):
    session = stored(regula_tenant).session
    die_once(StepRunner, "_store")
    with pytest.raises(Killed):
        workflow.run(session.pk)
    make_due(session)

    verification = work(session)

    assert verification.decision == "approved"
    assert calls(session) == [("step", "unknown"), ("step", "done")]
    assert sum(bill["licensed_session"] for bill in sandbox.bills()) == 1


def test_step_nobody_can_tell_about_stays_unsent_after_a_crash(
    regula_tenant, stored, sandbox, die_once
):
    sandbox.fault("/api/process", "reset_after", times=2)
    session = stored(regula_tenant).session
    die_once(workflow, "_conclude")
    with pytest.raises(Killed):
        workflow.run(session.pk)
    assert session.steps.get().status == StepStatus.MAYBE_BILLED
    asked = len(sandbox.requests())
    make_due(session)

    verification = work(session)

    assert verification.decision == "review"
    assert verification.result["reasonCodes"] == ["outcome_unknown"]
    assert calls(session) == [("step", "unknown")] * 2
    assert len(sandbox.requests()) == asked


def test_owner_that_lost_its_lease_leaves_no_outcome(regula_tenant, stored, monkeypatch):
    session = stored(regula_tenant).session
    original = RegulaAdapter.execute_step

    def slow(self, *args):
        make_due(session)
        claims.claim(session.pk)
        return original(self, *args)

    monkeypatch.setattr(RegulaAdapter, "execute_step", slow)

    verification = work(session)

    assert verification.status == Status.IN_PROGRESS
    assert verification.result is None
    assert session.steps.get().status == StepStatus.RUNNING


def test_cancelled_while_a_step_runs(regula_tenant, stored, monkeypatch):
    session = stored(regula_tenant).session
    original = RegulaAdapter.execute_step

    def cancelled_meanwhile(self, *args):
        services.cancel(verification=session.verification)
        return original(self, *args)

    monkeypatch.setattr(RegulaAdapter, "execute_step", cancelled_meanwhile)

    verification = work(session)

    assert verification.status == Status.CANCELLED
    assert verification.result is None
    assert session.status == SessionStatus.CANCELLED
    assert verification.events.last().type == "verification.cancelled"


def test_failure_is_put_off_three_times_then_a_dead_letter(
    regula_tenant, stored, sandbox, settings
):
    settings.STEP_TRIES = 1
    settings.BREAKER_FAILURES = 100
    settings.RESCHEDULE_AFTER = [10, 60, 300]
    sandbox.fault("/api/process", "500", times=10)
    session = stored(regula_tenant).session

    for pause in (10, 60, 300):
        before = now()
        work(session)
        assert_due_after(session, pause, since=before)
        make_due(session)
    verification = work(session)

    assert (verification.status, verification.decision) == (Status.FAILED, None)
    assert verification.error["code"] == "provider_failed"
    assert session.attempts == 3
    assert calls(session) == [("step", "rejected")] * 4


def test_put_off_session_recovers(regula_tenant, stored, sandbox):
    sandbox.fault("/api/process", "500", times=3)
    session = stored(regula_tenant).session
    work(session)
    make_due(session)

    assert work(session).decision == "approved"


def test_retry_after_is_obeyed(regula_tenant, stored, sandbox):
    sandbox.fault("/api/process", "429", retryAfter=600)
    session = stored(regula_tenant).session

    before = now()
    work(session)

    assert_due_after(session, 600, since=before)


def test_breaker_refusal_uses_no_attempt(regula_tenant, stored, sandbox, settings):
    settings.STEP_TRIES = 1
    settings.BREAKER_FAILURES = 1
    sandbox.fault("/api/process", "500")
    first, second = stored(regula_tenant).session, stored(regula_tenant).session
    work(first)

    work(second)

    assert (first.attempts, second.attempts) == (1, 0)
    assert calls(second) == [("step", "not_sent")]
    assert second.next_attempt_at > now()


def test_provider_that_decides_later_is_asked_again(idmeta_tenant, stored, monkeypatch, settings):
    settings.ASK_AGAIN_AFTER = 10
    undecided = FinalVerdict(Verdict.NONE, is_final=False)
    monkeypatch.setattr(IdmetaAdapter, "finalize", lambda self, ref: undecided)
    session = stored(idmeta_tenant).session

    before = now()
    verification = work(session)
    assert verification.status == Status.IN_PROGRESS
    assert session.status == SessionStatus.WAITING
    assert_due_after(session, 10, since=before)

    steps_ended_at = now() - timedelta(minutes=5)
    session.steps.update(completed_at=steps_ended_at)
    make_due(session)
    before = now()
    work(session)
    after = now()
    # As long again as it has waited so far.
    assert before - steps_ended_at < session.next_attempt_at - before
    assert session.next_attempt_at - after < after - steps_ended_at

    monkeypatch.undo()
    make_due(session)
    assert work(session).decision == "approved"


def test_crash_of_ours_is_a_technical_failure_without_details(
    regula_tenant, stored, monkeypatch, settings
):
    settings.RESCHEDULE_AFTER = []

    def crash(*args):
        raise ValueError("ERIKSSON")

    monkeypatch.setattr(workflow, "refuse_unworkable_steps", crash)
    session = stored(regula_tenant).session

    verification = work(session)

    assert verification.status == Status.FAILED
    assert verification.error["code"] == "internal_error"
    assert "ERIKSSON" not in str(verification.error)


def test_adapter_that_crashes_on_an_answer_approves_nobody(
    regula_tenant, stored, monkeypatch, settings
):
    settings.RESCHEDULE_AFTER = []

    def crash(self, *args):
        raise KeyError("ERIKSSON")

    monkeypatch.setattr(RegulaAdapter, "execute_step", crash)
    session = stored(regula_tenant).session

    verification = work(session)

    assert verification.decision == "review"
    assert calls(session) == [("step", "unknown")] * 2


def test_no_vendor_call_inside_a_transaction(regula_tenant, stored):
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a database transaction"):
        ledger.perform(stored(regula_tenant).pk, lambda: None)


@pytest.mark.parametrize("provider", ["regula", "idmeta"])
def test_every_vendor_call_of_a_flow_is_outside_transactions(
    provider, request, stored, monkeypatch
):
    session = stored(request.getfixturevalue(f"{provider}_tenant")).session
    seen = []
    original = transaction.get_connection
    adapter = {"regula": RegulaAdapter, "idmeta": IdmetaAdapter}[provider]
    execute = adapter.execute_step

    def watched(self, *args):
        seen.append(original().in_atomic_block)
        return execute(self, *args)

    monkeypatch.setattr(adapter, "execute_step", watched)

    work(session)

    assert seen == [False]


def test_caller_is_answered_at_the_deadline_and_a_worker_goes_on(
    regula_tenant, stored, sandbox, settings, monkeypatch
):
    settings.SYNC_DEADLINE = 0.3
    sandbox.fault("/api/process", "slow", seconds=1)
    session = stored(regula_tenant, run_mode="sync").session

    runner.run_for_caller(session.pk)

    session.verification.refresh_from_db()
    assert session.verification.status == Status.IN_PROGRESS
    runner._caller_threads().submit(lambda: None)  # the running call ends in its own thread
    deadline = now() + timedelta(seconds=10)
    while now() < deadline:
        session.refresh_from_db()
        if session.lease_until is None:
            break
    assert session.steps.get().status == StepStatus.DONE
    runner.work_slice()
    session.verification.refresh_from_db()
    assert session.verification.decision == "approved"
    assert ProviderCall.objects.count() == 1


def test_failure_after_the_deadline_is_put_off(regula_tenant, stored, sandbox, monkeypatch):
    """The caller has been told `in_progress`, so it would never send the request again."""
    sandbox.fault("/api/process", "500", times=3)
    session = stored(regula_tenant, run_mode="sync").session
    monkeypatch.setattr(Turn, "stop_if_time_is_up", lambda turn: None)

    workflow.run(session.pk, has_caller=True, until=time.monotonic())

    session.refresh_from_db()
    session.verification.refresh_from_db()
    assert (session.verification.status, session.verification.error) == ("in_progress", None)
    assert (session.attempts, session.lease_until) == (1, None)
    monkeypatch.undo()
    make_due(session)
    assert work(session).decision == "approved"


@pytest.mark.parametrize(("has_caller", "wakes"), [(True, 1), (False, 0)])
def test_time_that_is_up_leaves_the_rest_to_a_worker(
    idmeta_tenant, stored, sandbox, has_caller, wakes
):
    """A worker's own slice calls the next one, once for all its sessions."""
    session = stored(idmeta_tenant, run_mode="sync").session
    make_due(session)

    workflow.run(session.pk, has_caller=has_caller, until=time.monotonic())

    session.refresh_from_db()
    assert session.steps.get().status == StepStatus.PENDING
    assert calls(session) == [("open", "done")]
    assert (session.attempts, session.lease_until) == (0, None)
    assert claims.due_sessions(10) == [session.pk]
    assert OrmQ.objects.count() == wakes
    assert work(session).decision == "approved"


def test_slice_that_is_over_calls_the_next_worker(regula_tenant, stored, settings):
    settings.WORKER_SLICE = 0
    session = stored(regula_tenant, run_mode="sync").session
    make_due(session)

    runner.work_slice()

    assert claims.due_sessions(10) == [session.pk]
    assert OrmQ.objects.count() == 1


def test_sweep_calls_a_worker_only_if_something_is_due(regula_tenant, stored):
    tasks.sweep()
    assert not OrmQ.objects.exists()

    make_due(stored(regula_tenant, run_mode="sync").session)
    tasks.sweep()
    assert OrmQ.objects.count() == 1


def test_step_nobody_can_run_is_refused_before_any_bill(
    idmeta_tenant, stored, sandbox, monkeypatch
):
    plan = StepPlan(StepKind.UNSUPPORTED, "kyb", "Company check")
    opened = OpenedSession((plan,), "external-1")
    monkeypatch.setattr(IdmetaAdapter, "open", lambda self, request, options: opened)
    session = stored(idmeta_tenant).session

    verification = work(session)

    assert (verification.status, verification.decision) == ("failed", None)
    assert verification.error["code"] == "template_not_supported"
    assert calls(session) == [("open", "done")]
    assert sandbox.requests() == []


def test_provider_that_can_neither_tell_nor_repeat(regula_tenant, stored, sandbox, monkeypatch):
    monkeypatch.setattr(RegulaAdapter, "resend_is_safe", False)
    sandbox.fault("/api/process", "reset_after")
    session = stored(regula_tenant).session

    verification = work(session)

    assert verification.decision == "review"
    assert session.steps.get().status == StepStatus.MAYBE_BILLED
    assert calls(session) == [("step", "unknown")]
    assert len(sandbox.bills()) == 1


def test_step_that_never_arrives_is_given_up_after_three_tries(idmeta_tenant, stored, sandbox):
    sandbox.fault("document_verification", "reset_before", times=3)
    session = stored(idmeta_tenant).session

    verification = work(session)

    assert verification.status == Status.IN_PROGRESS
    assert session.attempts == 1
    assert calls(session) == [
        ("open", "done"),
        *[("step", "not_sent"), ("reconcile", "done")] * 3,
    ]
    assert sandbox.bills() == []
    make_due(session)
    assert work(session).decision == "approved"


def test_worker_slice_works_everything_that_is_due(regula_tenant, stored):
    sessions = [stored(regula_tenant).session for _ in range(5)]

    tasks.work_due()

    decisions = {
        session.verification.__class__.objects.get(session=session.pk).decision
        for session in sessions
    }
    assert decisions == {"approved"}


@pytest.mark.parametrize(("due", "called"), [(2, 0), (3, 1), (7, 1)])
def test_worker_that_finds_much_calls_another_once(regula_tenant, stored, monkeypatch, due, called):
    monkeypatch.setattr(runner, "CLAIMED_AT_ONCE", 3)
    for _ in range(due):
        stored(regula_tenant)
    OrmQ.objects.all().delete()

    tasks.work_due()

    assert OrmQ.objects.count() == called
    assert not claims.is_any_due()
