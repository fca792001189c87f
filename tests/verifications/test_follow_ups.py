"""What becomes of an outcome when the provider says something else later."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils.timezone import now

from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.errors import CredentialsRefused, ProviderUnreachable
from providers.types import FinalVerdict, InboundNotice, StepResult, Verdict
from verifications import claims, runner, services, workflow
from verifications.models import ProviderCall, Session, SessionStatus, Verification
from verifications.notices import Noticed, is_news, provider_notified

pytestmark = pytest.mark.django_db(transaction=True)

PASSED = FinalVerdict(Verdict.PASSED)
REJECTED = FinalVerdict(Verdict.FAILED, (reasons.PROVIDER_REJECTED,))
REVIEW = FinalVerdict(Verdict.REVIEW, (reasons.PROVIDER_REVIEW,), is_with_reviewer=True)
INCOMPLETE = FinalVerdict(Verdict.REVIEW, (reasons.PROVIDER_INCOMPLETE,))
LATER = FinalVerdict(Verdict.NONE, is_final=False)
EVENTS = {
    "approved": "verification.completed",
    "declined": "verification.failed",
    "review": "verification.review",
}


@pytest.fixture
def provider(monkeypatch):
    """What the provider says when it is asked; a failure is raised. `step` is the step's word."""

    class Provider:
        says = PASSED
        step = StepResult(Verdict.PASSED)
        asked = 0

    def finalize(self, session):
        Provider.asked += 1
        if isinstance(Provider.says, Exception):
            raise Provider.says
        return Provider.says

    monkeypatch.setattr(IdmetaAdapter, "finalize", finalize)
    monkeypatch.setattr(IdmetaAdapter, "execute_step", lambda *args: Provider.step)
    return Provider


@pytest.fixture
def concluded(idmeta_tenant, stored, provider):
    """A verification whose provider has said this in the end."""

    def make(says, step=provider.step, **more):
        provider.says, provider.step = says, step
        verification = stored(idmeta_tenant, **more)
        workflow.run(verification.session.pk)
        verification.refresh_from_db()
        return verification

    return make


def notified(verification, verdict, *, is_terminal=True, kind="trustValidation.complete"):
    verification.refresh_from_db()
    return provider_notified(
        provider_account_id=verification.provider_account_id,
        notice=notice(verification.external_id, verdict, is_terminal=is_terminal, kind=kind),
    )


def notice(external_id, verdict, *, is_terminal=True, kind="trustValidation.complete"):
    return InboundNotice(kind, external_id, verdict, is_terminal, True, "")


def state(verification):
    """Status, decision, and the decisions of the revisions."""
    verification.refresh_from_db()
    revisions = list(verification.revisions.values_list("decision", flat=True))
    return verification.status, verification.decision, revisions


def types(verification):
    return list(verification.events.values_list("type", flat=True))


@pytest.mark.parametrize(
    ("says", "ended"),
    [(PASSED, ("completed", "approved")), (REJECTED, ("failed", "declined"))],
)
def test_a_review_ends_with_the_reviewers_word(concluded, provider, says, ended):
    verification = concluded(REVIEW)
    assert state(verification) == ("in_progress", "review", [])
    assert verification.completed_at is None

    provider.says = says
    assert notified(verification, says.verdict) is Noticed.ASKING
    runner.work_slice()

    assert state(verification) == (*ended, [])
    assert verification.completed_at is not None
    assert types(verification)[-2:] == ["verification.review", EVENTS[ended[1]]]
    assert Session.objects.get().ask_again_at is None


def test_a_review_is_asked_about_without_any_notice(concluded, provider):
    verification = concluded(REVIEW)
    provider.says = PASSED

    with time_machine.travel(Session.objects.get().ask_again_at):
        runner.work_slice()

    assert state(verification) == ("completed", "approved", [])


def test_the_pauses_between_the_questions_grow(concluded, provider, settings):
    settings.ASK_AGAIN_AFTER, settings.REVIEW_ASK_AGAIN_AT_MOST = 10, 3600
    verification = concluded(REVIEW)
    concluded_at = Session.objects.get().completed_at
    pauses = []
    for _ in range(14):
        due_at = Session.objects.get().ask_again_at
        with time_machine.travel(due_at, tick=False):
            assert claims.due_sessions(1) == [verification.session.pk]
            runner.work_slice()
        pauses.append((Session.objects.get().ask_again_at - due_at).total_seconds())
    assert pauses[0] == pytest.approx(10, abs=2)
    assert pauses == sorted(pauses)
    assert pauses[-2:] == [3600, 3600]

    settings.REVIEW_ASK_AGAIN_DAYS = 1
    with time_machine.travel(concluded_at + timedelta(days=1, seconds=1), tick=False):
        runner.work_slice()
    assert Session.objects.get().ask_again_at is None
    assert state(verification) == ("in_progress", "review", [])
    assert types(verification).count("verification.review") == 1


@pytest.mark.parametrize(
    ("doubt", "decision"),
    [
        (reasons.DOCUMENT_REVIEW, "approved"),
        (reasons.WATCHLIST_MATCH, "approved"),
        (reasons.UNKNOWN_OUTCOME, "review"),
        (reasons.NAME_MISMATCH, "review"),
    ],
)
def test_a_reviewer_settles_the_providers_own_doubts_alone(concluded, provider, doubt, decision):
    verification = concluded(REVIEW, StepResult(Verdict.REVIEW, (doubt,)))

    provider.says = PASSED
    notified(verification, Verdict.PASSED)
    runner.work_slice()

    assert state(verification)[1] == decision
    has_settled = "settled_by_provider" in verification.result["reasonCodes"]
    assert has_settled is (decision == "approved")
    assert doubt.code in verification.result["reasonCodes"]
    assert Session.objects.get().ask_again_at is None


def test_no_reviewer_no_settling(concluded, provider):
    """A provider that was only incomplete before has had nobody look at the step's doubt."""
    verification = concluded(INCOMPLETE, StepResult(Verdict.REVIEW, (reasons.DOCUMENT_REVIEW,)))

    provider.says = PASSED
    notified(verification, Verdict.PASSED)
    runner.work_slice()

    assert state(verification) == ("in_progress", "review", [])


def test_expectations_of_the_tenant_are_not_the_providers_to_settle(concluded, provider):
    verification = concluded(REVIEW, expectations={"minimumConfidence": 99})
    provider.says = PASSED

    notified(verification, Verdict.PASSED)
    runner.work_slice()

    assert state(verification)[1] != "approved"


@pytest.mark.parametrize(
    ("first", "then", "kept", "decision"),
    [
        (PASSED, REJECTED, ("completed", "approved"), "declined"),
        (REJECTED, PASSED, ("failed", "declined"), "approved"),
        (PASSED, REVIEW, ("completed", "approved"), "review"),
    ],
)
def test_a_correction_is_a_revision(concluded, provider, first, then, kept, decision):
    verification = concluded(first)
    before = verification.result

    provider.says = then
    assert notified(verification, then.verdict) is Noticed.ASKING
    runner.work_slice()

    assert state(verification) == (*kept, [decision])
    assert verification.result == before
    revision = verification.revisions.get()
    assert (revision.number, revision.previous_decision) == (1, kept[1])
    assert revision.result["reasonCodes"] == revision.reason_codes
    event = verification.events.last()
    assert event.type == "verification.revised"
    assert event.data == {
        "status": kept[0],
        "revision": 1,
        "decision": decision,
        "previousDecision": kept[1],
        "reasonCodes": revision.reason_codes,
    }
    assert verification.events.count() == event.sequence


def test_every_change_of_mind_is_a_revision_of_its_own(concluded, provider):
    verification = concluded(PASSED)
    for says in (REJECTED, PASSED, REVIEW, PASSED):
        provider.says = says
        assert notified(verification, says.verdict) is Noticed.ASKING
        runner.work_slice()

    assert state(verification) == (
        "completed",
        "approved",
        ["declined", "approved", "review", "approved"],
    )
    assert list(verification.revisions.values_list("number", flat=True)) == [1, 2, 3, 4]


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.REVIEW, Verdict.NONE, None])
def test_a_notice_that_the_provider_does_not_confirm_changes_nothing(concluded, provider, verdict):
    verification = concluded(PASSED)
    before = (state(verification), types(verification), verification.result)

    assert notified(verification, verdict) is Noticed.ASKING
    runner.work_slice()

    assert (state(verification), types(verification), verification.result) == before
    assert provider.asked == 2
    assert claims.due_sessions(1) == []


def test_what_we_know_is_not_asked_again(concluded, provider):
    verification = concluded(PASSED)

    assert notified(verification, Verdict.PASSED) is Noticed.NOTHING_NEW
    assert notified(verification, None, is_terminal=False) is Noticed.NOTHING_NEW
    runner.work_slice()

    assert provider.asked == 1


@pytest.mark.parametrize("error", [ProviderUnreachable("gone"), CredentialsRefused("no")])
def test_a_provider_that_fails_is_asked_later(concluded, provider, error):
    verification = concluded(PASSED)
    provider.says = error
    notified(verification, Verdict.FAILED)
    runner.work_slice()

    session = Session.objects.get()
    assert session.status == SessionStatus.COMPLETED
    assert session.lease_until is None
    assert state(verification) == ("completed", "approved", [])
    provider.says = REJECTED
    with time_machine.travel(session.ask_again_at):
        runner.work_slice()

    assert state(verification) == ("completed", "approved", ["declined"])


def test_a_provider_that_is_undecided_again_is_asked_later(concluded, provider):
    verification = concluded(PASSED)
    provider.says = LATER
    notified(verification, Verdict.FAILED)
    runner.work_slice()

    assert state(verification) == ("completed", "approved", [])
    assert Session.objects.get().ask_again_at > now()


def test_a_crash_in_the_middle_of_the_question_is_taken_up(concluded, provider, settings):
    verification = concluded(PASSED)
    notified(verification, Verdict.FAILED)
    assert claims.claim_follow_up(verification.session.pk) is not None
    assert claims.claim_follow_up(verification.session.pk) is None
    assert claims.due_sessions(1) == []
    Session.objects.update(lease_until=now() - timedelta(seconds=1))
    provider.says = REJECTED

    runner.work_slice()

    assert state(verification) == ("completed", "approved", ["declined"])


def test_who_lost_the_lease_writes_no_revision(concluded, provider, monkeypatch):
    verification = concluded(PASSED)
    notified(verification, Verdict.FAILED)

    def finalize(self, session):
        Session.objects.update(fence=99)
        return REJECTED

    monkeypatch.setattr(IdmetaAdapter, "finalize", finalize)
    lease = claims.claim_follow_up(verification.session.pk)
    workflow.work(lease)

    assert state(verification) == ("completed", "approved", [])
    assert types(verification)[-1] == "verification.completed"


def test_a_review_that_was_cancelled_stays_so(concluded, provider):
    verification = concluded(REVIEW)
    services.cancel(verification=verification)
    provider.says = PASSED

    assert notified(verification, Verdict.PASSED) is Noticed.OVER
    with time_machine.travel(Session.objects.get().ask_again_at):
        runner.work_slice()

    assert state(verification)[0] == "cancelled"
    assert provider.asked == 1
    assert Session.objects.get().ask_again_at is None


def test_a_cancel_during_the_question_wins(concluded, provider, monkeypatch):
    verification = concluded(REVIEW)

    def finalize(self, session):
        services.cancel(verification=Verification.objects.get())
        return PASSED

    monkeypatch.setattr(IdmetaAdapter, "finalize", finalize)
    notified(verification, Verdict.PASSED)
    runner.work_slice()

    assert state(verification)[0] == "cancelled"
    assert Session.objects.get().ask_again_at is None


def test_a_waiting_session_is_due_at_once(concluded, provider, settings):
    settings.ASK_AGAIN_AFTER = 600
    verification = concluded(LATER)
    assert claims.due_sessions(1) == []

    provider.says = PASSED
    assert notified(verification, None, is_terminal=False) is Noticed.ASKING
    runner.work_slice()

    assert state(verification) == ("completed", "approved", [])


def test_a_session_that_somebody_works_on_is_busy(concluded):
    verification = concluded(LATER)
    claims.claim(verification.session.pk)
    assert notified(verification, Verdict.PASSED) is Noticed.BUSY


def test_a_verification_without_an_outcome_is_over(concluded, provider):
    verification = concluded(LATER)
    services.cancel(verification=verification)
    assert notified(verification, Verdict.PASSED) is Noticed.OVER

    failed = concluded(CredentialsRefused("no"))
    assert failed.status == "failed"
    assert notified(failed, Verdict.PASSED) is Noticed.OVER
    assert claims.due_sessions(9) == []


def test_ids_of_another_account_are_unknown(concluded, idmeta_tenant, regula_tenant):
    verification = concluded(PASSED)
    stranger = regula_tenant.provider_configs.get().provider_account_id
    about = notice(verification.external_id, Verdict.FAILED)

    answer = provider_notified(provider_account_id=stranger, notice=about)

    assert answer is Noticed.UNKNOWN
    assert not is_news(provider_account_id=stranger, notice=about)
    assert is_news(provider_account_id=verification.provider_account_id, notice=about)
    assert Session.objects.get().ask_again_at is None


def test_each_question_is_in_the_ledger(concluded, provider):
    verification = concluded(REVIEW)
    notified(verification, Verdict.PASSED)
    runner.work_slice()
    calls = ProviderCall.objects.filter(session__verification=verification)
    assert list(calls.values_list("operation", "status"))[-2:] == [("finalize", "done")] * 2


def test_the_api_shows_revisions(concluded, provider, idmeta_tenant, client_of):
    verification = concluded(PASSED)
    client = client_of(idmeta_tenant)
    path = f"/api/v1/verifications/{verification.pk}"
    before = client.get(path)
    assert before.json()["revisions"] == []
    provider.says = REJECTED
    notified(verification, Verdict.FAILED)
    runner.work_slice()

    after = client.get(path, HTTP_IF_NONE_MATCH=before["ETag"])

    assert after.status_code == 200
    body = after.json()
    assert (body["status"], body["decision"]) == ("completed", "approved")
    revision = body["revisions"][0]
    assert (revision["number"], revision["decision"]) == (1, "declined")
    assert revision["previousDecision"] == "approved"
    assert revision["result"]["overall"]["status"] == "failed"
    assert revision["reasonCodes"] == ["provider_rejected"]
