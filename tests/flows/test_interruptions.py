"""A verification that is stopped, or whose caller or owner goes away, while it runs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections, transaction
from django.utils.timezone import now

from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.http import VendorHttp
from tenants.models import Account
from tenants.services import account_of_person
from tests import processes
from tests.conftest import idmeta_tenant_of, regula_tenant_of
from tests.flows.support import Aftermath, verify
from tests.verifications_support import PASSPORT, SELFIE, data_url, document_request
from verifications import runner, services, tasks, workflow
from verifications.models import Session, Verification

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/verifications"
OPENED, DONE, UNKNOWN = ("open", "done"), ("step", "done"), ("step", "unknown")
FINALIZED, RECONCILED = ("finalize", "done"), ("reconcile", "done")

wait_for = partial(processes.wait_for, within=10)


@pytest.fixture
def three_steps(sandbox):
    """An IDMeta tenant whose template checks document, liveness and face."""
    return idmeta_tenant_of(sandbox, default_template_id="456")


@pytest.fixture
def full_request(specimen):
    return document_request(
        specimen(PASSPORT),
        images={"selfie": data_url(specimen(SELFIE))},
        verificationType="comprehensive",
    )


@pytest.fixture
def before_step(monkeypatch):
    """Do something when the step of this plan has been booked, before it is sent."""

    def arm(plan_code, action):
        original = IdmetaAdapter.execute_step

        def interrupted(self, session, step, given, options):
            if step.plan_code == plan_code:
                action(Verification.objects.get(pk=session.reference))
            return original(self, session, step, given, options)

        monkeypatch.setattr(IdmetaAdapter, "execute_step", interrupted)

    return arm


def expire(verification):
    Verification.objects.filter(pk=verification.pk).update(expires_at=now() - timedelta(seconds=1))
    tasks.sweep()


@pytest.mark.parametrize(
    ("stop", "status"),
    [
        (lambda verification: services.cancel(verification=verification), "cancelled"),
        (expire, "expired"),
    ],
    ids=["cancelled", "expired"],
)
def test_stopped_during_a_step_sends_no_further_one(
    three_steps, full_request, client_of, before_step, sandbox, stop, status
):
    before_step("biometrics_verification", stop)

    after = verify(client_of(three_steps), full_request)

    assert after.outcome == (201, status, None)
    assert after.verification.result is None
    assert after.verification.events.last().type == f"verification.{status}"
    assert after.calls == [OPENED, DONE, UNKNOWN]
    assert len(sandbox.bills()) == after.billable == 2


def test_caller_is_answered_at_the_deadline_and_a_worker_finishes(
    three_steps, full_request, client_of, sandbox, settings
):
    settings.SYNC_DEADLINE = 0.5
    sandbox.fault("document_verification", "slow", seconds=1)

    after = verify(client_of(three_steps), full_request)

    assert after.outcome == (201, "in_progress", None)
    assert "result" not in after.body
    wait_for(lambda: Session.objects.filter(lease_until=None, current_step=1).exists())
    assert after.calls == [OPENED, DONE]
    runner.work_slice()
    finished = Aftermath(after.response, Verification.objects.get())
    assert (finished.verification.status, finished.verification.decision) == (
        "completed",
        "approved",
    )
    assert finished.calls == [OPENED, DONE, DONE, DONE, FINALIZED]
    assert len(sandbox.bills()) == finished.billable == 3


def test_many_owners_want_one_session(regula_tenant, client_of, specimen, sandbox, monkeypatch):
    """Eight workers and the caller's own thread: one of them works, once."""
    monkeypatch.setattr(runner, "run_for_caller", lambda session_id: None)
    after = verify(client_of(regula_tenant), document_request(specimen(PASSPORT)))
    session_id = after.verification.session.pk
    at_once = threading.Barrier(9)

    def own():
        at_once.wait()
        try:
            workflow.run(session_id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(9) as owners:
        for owner in [owners.submit(own) for _ in range(9)]:
            owner.result()

    verification = Verification.objects.get()
    assert verification.decision == "approved"
    assert verification.session.fence == 1
    assert [event.sequence for event in verification.events.all()] == [1, 2, 3]
    assert len(sandbox.bills()) == 1


def test_worker_that_cannot_ask_yet_asks_later(sandbox, client_of, specimen, monkeypatch):
    """With nobody waiting, a step of unknown outcome stays open until IDMeta answers again."""
    monkeypatch.setattr(runner, "run_for_caller", lambda session_id: None)
    tenant = idmeta_tenant_of(sandbox)
    created = verify(client_of(tenant), document_request(specimen(PASSPORT)))
    session_id = created.verification.session.pk
    sandbox.fault("document_verification", "reset_before")
    sandbox.fault("finalize-verification", "500", times=3)

    workflow.run(session_id)

    assert created.calls == [OPENED, UNKNOWN, *[("reconcile", "rejected")] * 3]
    assert created.step_statuses == ["running"]
    assert Session.objects.get().attempts == 1

    workflow.run(session_id)

    after = Aftermath(created.response, Verification.objects.get())
    assert after.verification.decision == "approved"
    assert after.calls == [
        OPENED,
        ("step", "not_sent"),
        *[("reconcile", "rejected")] * 3,
        RECONCILED,
        DONE,
        FINALIZED,
    ]
    assert len(sandbox.bills()) == after.billable == 1


@pytest.fixture
def open_transactions(monkeypatch):
    """Whether each request to a vendor was made inside a transaction."""
    seen = []
    exchange = VendorHttp._exchange

    def watched(self, *args):
        seen.append(transaction.get_connection().in_atomic_block)
        return exchange(self, *args)

    monkeypatch.setattr(VendorHttp, "_exchange", watched)
    return seen


def test_no_request_to_idmeta_inside_a_transaction(
    three_steps, full_request, client_of, sandbox, open_transactions
):
    """Not even where every kind of call fails once, and steps are reconciled."""
    sandbox.fault("create-verification", "reset_after")
    sandbox.fault("document_verification", "500")
    sandbox.fault("biometricsfacecompare", "reset_after")
    sandbox.fault("finalize-verification", "500")

    after = verify(client_of(three_steps), full_request)

    assert after.verification.decision == "approved"
    assert open_transactions == [False] * len(sandbox.requests())
    assert len(after.calls) == len(open_transactions)
    assert {operation for operation, _ in after.calls} == {"open", "step", "reconcile", "finalize"}


def test_no_request_to_regula_inside_a_transaction(
    sandbox, full_request, client_of, open_transactions
):
    after = verify(client_of(regula_tenant_of(sandbox)), full_request)

    assert after.verification.decision == "approved"
    assert open_transactions == [False] * len(sandbox.requests())


@pytest.mark.parametrize(
    ("extracted", "has_account"),
    [
        ({"nationality": "UTO", "documentNumber": "L898902C3"}, True),
        ({"issuingCountry": "UTO", "documentNumber": "L898902C3"}, True),
        ({"nationality": "UTO"}, False),
        ({"documentNumber": "L898902C3"}, False),
        ({"nationality": "UTO", "documentNumber": ""}, False),
        ({}, False),
    ],
)
def test_account_needs_country_and_number(regula_tenant, extracted, has_account):
    account = account_of_person(tenant=regula_tenant, extracted=extracted)

    assert (account is not None) is has_account
    assert Account.objects.count() == int(has_account)


def test_person_verified_twice_at_once_gets_one_account(regula_tenant, sandbox):
    extracted = {"nationality": "UTO", "documentNumber": "L898902C3"}
    at_once = threading.Barrier(4)

    def conclude():
        at_once.wait()
        try:
            with transaction.atomic():
                return account_of_person(tenant=regula_tenant, extracted=extracted)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(conclude) for _ in range(4)]
        accounts = {future.result().pk for future in found}

    assert accounts == {Account.objects.get().pk}


def test_account_belongs_to_one_tenant(sandbox):
    extracted = {"nationality": "UTO", "documentNumber": "L898902C3"}
    tenants = [regula_tenant_of(sandbox, name) for name in ("Bank", "Wallet")]

    accounts = {account_of_person(tenant=tenant, extracted=extracted).pk for tenant in tenants}

    assert len(accounts) == 2
