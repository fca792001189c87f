"""A step that the provider works on although its request was given up: never billed twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from tests.flows.support import Aftermath, verify
from tests.processes import wait_for
from tests.verifications_support import PASSPORT, document_request
from verifications import runner
from verifications.models import ProviderCall, Session, SessionStatus, Verification

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = "document_verification"
OPENED, RECONCILED, FINALIZED = ("open", "done"), ("reconcile", "done"), ("finalize", "done")


@pytest.fixture
def run(idmeta_tenant, client_of, specimen):
    client = client_of(idmeta_tenant)
    return lambda: verify(client, document_request(specimen(PASSPORT)))


def read_again(after: Aftermath) -> Aftermath:
    return Aftermath(after.response, Verification.objects.get(pk=after.verification.pk))


def work_when_due() -> None:
    Session.objects.update(next_attempt_at=Session.objects.get().started_at)
    runner.work_slice()


def test_work_that_ends_after_its_request(run, sandbox, settings):
    settings.STEP_TIMEOUT, settings.STEP_SETTLES_AFTER = 0.3, 60
    sandbox.fault(DOCUMENT, "late", seconds=1)

    after = run()

    assert after.outcome == (201, "in_progress", None)
    assert after.calls == [OPENED, ("step", "unknown"), RECONCILED]
    assert sandbox.bills() == []
    wait_for(sandbox.bills, "The sandbox never did the work", within=10)

    work_when_due()

    after = read_again(after)
    assert after.verification.decision == "review"
    assert after.step_statuses == ["answer_lost"]
    assert after.calls == [OPENED, ("step", "done"), RECONCILED, RECONCILED, FINALIZED]
    assert len(sandbox.bills()) == after.billable == 1


def test_step_is_sent_again_only_when_it_has_had_its_time(run, sandbox, settings):
    settings.STEP_SETTLES_AFTER = 60
    sandbox.fault(DOCUMENT, "reset_before")

    after = run()

    assert after.outcome == (201, "in_progress", None)
    session = Session.objects.get()
    sent_at = ProviderCall.objects.get(operation="step").created_at
    assert session.status == SessionStatus.WAITING
    assert session.next_attempt_at == sent_at + timedelta(seconds=60)
    assert session.last_progress_message == "Waiting for the provider to end a step"

    work_when_due()
    assert read_again(after).calls == [OPENED, ("step", "unknown"), RECONCILED, RECONCILED]

    settings.STEP_SETTLES_AFTER = 0
    work_when_due()
    after = read_again(after)
    assert after.verification.decision == "approved"
    assert after.calls == [
        OPENED,
        ("step", "not_sent"),
        *[RECONCILED] * 3,
        ("step", "done"),
        FINALIZED,
    ]
    assert len(sandbox.bills()) == after.billable == 1


def test_step_that_never_arrives_is_given_up_in_the_end(run, sandbox, settings):
    settings.STEP_SETTLES_AFTER, settings.RESCHEDULE_AFTER = 60, [0.0]
    sandbox.fault(DOCUMENT, "reset_before", times=2)
    after = run()

    ProviderCall.objects.update(created_at=now() - timedelta(seconds=60))
    work_when_due()

    after = read_again(after)
    assert after.verification.status == "failed"
    assert after.verification.error["code"] == "provider_outcome_unknown"
    assert Session.objects.get().dead_at is not None
    assert [call for call in after.calls if call[0] == "step"] == [
        ("step", "not_sent"),
        ("step", "unknown"),
    ]
    assert sandbox.bills() == []
