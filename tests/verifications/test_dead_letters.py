"""Dead letters: which verifications are some, and how they are run again."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now
from django_q.models import OrmQ

from verifications import claims, dead_letters, outcomes, services, tasks, workflow
from verifications.models import Session, SessionStatus, Status, StepStatus, Verification
from verifications.models.verification import SEALED_COLUMNS
from verifications.outcomes import TechnicalFailure
from verifications.transitions import TransitionNotAllowed

pytestmark = pytest.mark.django_db(transaction=True)

TRIES_OF_ALL_TURNS = 12


@pytest.fixture(autouse=True)
def _failures_alone_end_it(settings):
    settings.BREAKER_FAILURES = 100


def make_due(session):
    Session.objects.filter(pk=session.pk).update(next_attempt_at=now() - timedelta(seconds=1))


def work(session):
    workflow.run(session.pk)
    session.refresh_from_db()
    session.verification.refresh_from_db()
    return session.verification


def work_until_it_ends(session):
    for _ in range(4):
        make_due(session)
        work(session)
    return session.verification


@pytest.fixture
def dead(regula_tenant, stored, sandbox):
    """A verification whose provider failed through all reschedules."""
    sandbox.fault("/api/process", "500", times=TRIES_OF_ALL_TURNS)
    return work_until_it_ends(stored(regula_tenant).session)


def listed():
    return [letter.verification_id for letter in dead_letters.dead_letters()]


def test_used_up_reschedules_are_a_dead_letter(dead):
    assert (dead.status, dead.decision) == (Status.FAILED, None)
    assert dead.error["code"] == "provider_failed"
    assert dead.session.status == SessionStatus.FAILED
    assert listed() == [dead.pk]


def test_list_reads_no_personal_data(dead, django_assert_num_queries):
    with django_assert_num_queries(1) as captured:
        call_command("dead_letters")

    assert [column for column in SEALED_COLUMNS if column in captured[0]["sql"]] == []


def test_each_turn_tries_as_often_as_the_first(dead):
    calls = dead.session.provider_calls.values_list("operation", "status")
    assert list(calls) == [("step", "rejected")] * TRIES_OF_ALL_TURNS


def test_provider_that_recovers_before_the_last_try(regula_tenant, stored, sandbox):
    sandbox.fault("/api/process", "500", times=TRIES_OF_ALL_TURNS - 1)

    assert work_until_it_ends(stored(regula_tenant).session).decision == "approved"
    assert listed() == []


def test_refused_credentials_are_a_dead_letter(idmeta_tenant, stored, sandbox):
    """Trying again by itself would not help; an operator who renews the token may."""
    sandbox.fault("create-verification", "401")

    verification = work(stored(idmeta_tenant).session)

    assert verification.error["retryable"] is False
    assert listed() == [verification.pk]


def test_failure_a_caller_was_told_of_is_none(regula_tenant, stored, sandbox):
    sandbox.fault("/api/process", "500", times=3)
    session = stored(regula_tenant, run_mode="sync").session

    workflow.run(session.pk, has_caller=True)

    verification = Verification.objects.get()
    assert verification.status == Status.FAILED
    assert listed() == []
    with pytest.raises(TransitionNotAllowed):
        dead_letters.run_again(verification)
    assert Verification.objects.get().status == Status.FAILED


def test_request_that_cannot_be_carried_out_is_none(idmeta_tenant, stored):
    session = stored(idmeta_tenant, template="99999").session

    assert work(session).error["code"] == "template_not_found"
    assert listed() == []


def test_runs_again_to_its_end(dead):
    OrmQ.objects.all().delete()
    dead_letters.run_again(dead)

    running = Verification.objects.get()
    assert (running.status, running.error, running.completed_at) == ("in_progress", None, None)
    assert listed() == []
    assert OrmQ.objects.count() == 1

    tasks.work_due()

    verification = Verification.objects.get()
    assert (verification.status, verification.decision) == ("completed", "approved")
    assert [(event.sequence, event.type) for event in verification.events.all()] == [
        (1, "verification.created"),
        (2, "verification.failed"),
        (3, "verification.requeued"),
        (4, "verification.step.completed"),
        (5, "verification.completed"),
    ]


def test_has_as_much_time_again(dead):
    span = dead.expires_at - dead.created_at
    long_ago = now() - timedelta(days=1)
    Verification.objects.update(created_at=long_ago - span, expires_at=long_ago)
    dead.refresh_from_db()

    before = now()
    dead_letters.run_again(dead)

    assert before + span <= Verification.objects.get().expires_at <= now() + span


def test_fails_again_and_is_a_dead_letter_again(dead, sandbox):
    span = dead.expires_at - dead.created_at
    for _ in range(2):
        sandbox.fault("/api/process", "500", times=TRIES_OF_ALL_TURNS)
        dead_letters.run_again(dead)
        dead = work_until_it_ends(Session.objects.get())
        assert listed() == [dead.pk]
    assert dead.expires_at - dead.session.requeued_at <= span + timedelta(seconds=1)


def test_twice_at_once(dead):
    dead_letters.run_again(dead)

    with pytest.raises(TransitionNotAllowed):
        dead_letters.run_again(dead)
    assert dead.events.filter(type="verification.requeued").count() == 1


def test_can_be_cancelled_once_it_runs_again(dead):
    dead_letters.run_again(dead)
    services.cancel(verification=dead)

    assert Verification.objects.get().status == Status.CANCELLED
    tasks.work_due()
    assert Verification.objects.get().status == Status.CANCELLED


def test_verdict_is_never_reopened(regula_tenant, stored, sandbox):
    """Not even if its session should look like a dead letter."""
    verification = work(stored(regula_tenant).session)
    Verification.objects.update(status="failed", decision="declined")
    Session.objects.update(dead_at=now())

    with pytest.raises(TransitionNotAllowed):
        dead_letters.run_again(verification)
    assert Verification.objects.get().decision == "declined"
    assert Session.objects.get().dead_at is not None


def test_step_that_may_be_done_is_looked_up_first(idmeta_tenant, stored, sandbox):
    """A run that died between the vendor's answer and ours must not be billed again."""
    session = stored(idmeta_tenant).session
    sandbox.fault("document_verification", "reset_after")
    sandbox.fault("finalize-verification", "500", times=3)
    work(session)
    assert session.steps.get().status == StepStatus.RUNNING
    outcomes.fail_technically(
        lease=claims.claim(session.pk),
        verification=session.verification,
        failure=TechnicalFailure("internal_error", "A bug", True, ""),
        is_dead_letter=True,
    )

    dead_letters.run_again(session.verification)
    verification = work(session)

    assert verification.decision == "review"
    assert session.steps.get().status == StepStatus.ANSWER_LOST
    assert len(sandbox.bills()) == 1


def test_start_that_was_lost_twice_is_tried_anew(idmeta_tenant, stored, sandbox, settings):
    settings.RESCHEDULE_AFTER = []
    sandbox.fault("create-verification", "reset_after", times=2)
    session = stored(idmeta_tenant).session
    verification = work(session)
    assert verification.error["code"] == "provider_outcome_unknown"

    dead_letters.run_again(verification)

    assert work(session).decision == "approved"


def run(*arguments):
    output = StringIO()
    call_command("dead_letters", *arguments, stdout=output)
    return output.getvalue()


class TestCommand:
    def test_none(self, db):
        assert run() == "There are no dead letters\n"
        assert run("--json") == "[]\n"
        assert run("--all") == ""

    def test_list(self, dead):
        table = run()

        assert str(dead.pk) in table
        assert "Bank" in table
        assert "provider_failed" in table
        [entry] = json.loads(run("--json"))
        assert entry["verificationId"] == str(dead.pk)
        assert entry["error"] == dead.error
        assert listed() == [dead.pk]

    def test_one(self, dead):
        assert run("--retry", str(dead.pk)) == f"{dead.pk} runs again\n"
        assert Verification.objects.get().status == "in_progress"

    def test_all(self, dead):
        assert json.loads(run("--all", "--json")) == {"requeued": [str(dead.pk)]}
        assert listed() == []

    def test_what_is_none(self, dead):
        stranger = uuid.uuid4()

        with pytest.raises(CommandError, match=f"No dead letters: {stranger}"):
            run("--retry", str(stranger), "--retry", str(dead.pk))
        assert listed() == []

    @pytest.mark.parametrize("arguments", [["--retry", "17"], ["--all", "--retry", "17"]])
    def test_wrong_arguments(self, db, arguments):
        with pytest.raises(CommandError):
            run(*arguments)
