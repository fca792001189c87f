"""What becomes of a provider's notices: hints in any order, and those that cannot be processed."""

from __future__ import annotations

import itertools
import json
import random
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils.timezone import now
from django_q.models import OrmQ

from kyc_adapter.wiring import due_sources
from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.errors import WebhookForged
from tests.webhooks.inbound.conftest import (
    LATER,
    PASSED,
    REJECTED,
    REVIEW,
    SECRET,
    complete,
    signature,
)
from verifications import claims, services, workflow
from verifications.notices import provider_notified
from webhooks.inbound import addresses, processing
from webhooks.inbound.receiving import receive
from webhooks.models import InboundWebhook
from webhooks.outbound.endpoints import create_endpoint
from webhooks.outbound.payloads import body_of
from webhooks.tasks import process_inbound, sweep
from webhooks.wake import wake_processor

pytestmark = pytest.mark.django_db(transaction=True)


def state(verification):
    """All that a tenant can see of it, except times."""
    verification.refresh_from_db()
    return (
        verification.status,
        verification.decision,
        list(verification.events.values_list("type", "data")),
        list(verification.revisions.values_list("decision", flat=True)),
        verification.result and verification.result["reasonCodes"],
    )


def five_callbacks(external_id):
    """Created, one check, the end, the end once more, and the end in the flat format."""
    created = {"type": "trustValidation.create", "data": {"id": external_id, "status": 99}}
    check = {
        "type": "verification.aml",
        "verificationStatusCode": 3,
        "trustValidationId": external_id,
    }
    flat = {"id": external_id, "template_id": 306, "status": "VERIFIED"}
    return [created, check, complete(external_id), complete(external_id), flat]


def outcomes():
    return list(InboundWebhook.objects.order_by("id").values_list("status", "outcome"))


def take_in(address, body, secret=SECRET):
    """As the view does, without HTTP."""
    raw = json.dumps(body).encode()
    headers = {"Idmeta-Signature": signature(raw, secret)} if secret else {}
    receive(address=address, headers=headers, body=raw)


def work_now():
    """A worker's turn, without its threads."""
    processing.process_due()
    for session_id in claims.due_sessions(9):
        workflow.work(claims.claim(session_id) or claims.claim_follow_up(session_id))


class Undone(Exception):
    """Raised to roll back."""


@contextmanager
def undone_afterwards():
    with suppress(Undone), transaction.atomic():
        yield
        raise Undone


@pytest.fixture
def address(account):
    return addresses.find("idmeta", addresses.address_of(account).token)


@pytest.fixture
def quiet(monkeypatch):
    """Nobody is woken: the test itself is the worker."""
    monkeypatch.setattr("webhooks.inbound.receiving.wake_processor", lambda: None)
    monkeypatch.setattr("verifications.notices.wake_worker", lambda: None)


@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize(
    "before",
    [
        pytest.param(LATER, id="waiting"),
        pytest.param(REVIEW, id="in review", marks=pytest.mark.crash),
    ],
)
def test_every_order_of_five_callbacks_ends_alike(
    address, quiet, verified, provider, before, monkeypatch
):
    """Workers have their turn between any two. Two of the five are the same bytes, so of 120
    orders 60 are different. All branches share their beginnings: a callback is undone before the
    next one is tried in its place.
    """
    for guard in ("refuse_open_transaction", "lend_connection"):
        monkeypatch.setattr(f"verifications.ledger.{guard}", lambda: None)
    verification = verified(before)
    provider.says = PASSED
    ends = []

    def try_all(left):
        if not left:
            assert {status for status, _ in outcomes()} == {"done"}
            assert claims.due_sessions(1) == []
            ends.append(state(verification))
        for callback in {json.dumps(one): one for one in left}.values():
            rest = list(left)
            rest.remove(callback)
            with undone_afterwards():
                take_in(address, callback)
                work_now()
                try_all(rest)

    try_all(five_callbacks(verification.external_id))

    assert len(ends) == 60
    assert all(end == ends[0] for end in ends)
    assert ends[0][:2] == ("completed", "approved")


@pytest.mark.parametrize("secret", [None, "guess", SECRET])
def test_no_notice_has_a_verdict_of_its_own(
    address, account, quiet, verified, provider, settings, secret
):
    """Forged, unsigned or signed: whatever it claims, what counts is the provider's answer."""
    settings.ASK_AGAIN_AFTER = settings.REVIEW_ASK_AGAIN_AT_MOST = 3600
    if secret is None:
        account.credentials = {"api_token": account.credentials["api_token"]}
        account.save()
    address.refresh_from_db()
    dice = random.Random(5)
    for says in (PASSED, REJECTED, REVIEW, LATER):
        verification = verified(says)
        before = state(verification)
        for _ in range(6):
            body = dice.choice(five_callbacks(verification.external_id))
            body = {**body, "status": dice.randint(0, 9), "tx": dice.random()}
            if "data" in body:
                body["data"] = {**body["data"], "status": dice.choice([1, 2, 3, 5, 6, 42, "?"])}
            if secret == "guess":
                with pytest.raises(WebhookForged):
                    take_in(address, body, secret)
            else:
                take_in(address, body, secret)
            work_now()
            assert state(verification) == before
    asked_at_first = 4
    assert (provider.asked == asked_at_first) is (secret == "guess")
    assert InboundWebhook.objects.exists() is (secret != "guess")


def test_early(address, quiet, verified, provider, stored, tenant, monkeypatch):
    """It comes before we know the provider's id of the verification, and waits."""
    provider.says = LATER
    verification = stored(tenant)
    seen = []
    open_it = IdmetaAdapter.open

    def opened_while_a_notice_comes(self, request, options):
        opened = open_it(self, request, options)
        seen.append(opened.external_id)
        take_in(address, complete(opened.external_id))
        processing.process_due()
        return opened

    monkeypatch.setattr(IdmetaAdapter, "open", opened_while_a_notice_comes)
    workflow.run(verification.session.pk)

    row = InboundWebhook.objects.get()
    assert (row.external_id, row.status) == (seen[0], "pending")
    assert row.outcome == "verification_unknown"
    provider.says = PASSED
    with time_machine.travel(row.next_attempt_at + timedelta(seconds=1)):
        work_now()
    assert state(verification)[:2] == ("completed", "approved")
    assert outcomes() == [("done", "provider_asked")]


def test_a_notice_for_nobody_is_parked(address, quiet, settings):
    settings.INBOUND_WEBHOOK_RETRY_AFTER = [2, 10]
    take_in(address, complete("nobody"))
    moments = []
    for _ in range(3):
        row = InboundWebhook.objects.get()
        moments.append(row.next_attempt_at)
        with time_machine.travel(row.next_attempt_at, tick=False):
            processing.process_due()

    pauses = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(moments)]
    assert pauses == [2, 10]
    assert outcomes() == [("parked", "verification_unknown")]
    assert InboundWebhook.objects.get().content is not None
    assert not processing.is_any_due()


def test_late(address, quiet, verified, provider):
    verification = verified(LATER)
    services.cancel(verification=verification)
    before = state(verification)

    take_in(address, complete(verification.external_id))
    work_now()

    assert state(verification) == before
    assert outcomes() == [("done", "verification_over")]
    assert InboundWebhook.objects.get().content is None


def test_while_a_worker_has_the_verification(address, quiet, verified, provider):
    """It waits, and finds that the worker has asked already."""
    verification = verified(LATER)
    lease = claims.claim(verification.session.pk)
    take_in(address, complete(verification.external_id))
    processing.process_due()
    assert outcomes() == [("pending", "verification_busy")]

    provider.says = PASSED
    workflow.work(lease)
    with time_machine.travel(InboundWebhook.objects.get().next_attempt_at, tick=False):
        processing.process_due()

    assert outcomes() == [("done", "nothing_new")]
    assert provider.asked == 2
    assert claims.due_sessions(1) == []


def test_a_repeat_is_processed_once(address, quiet, verified, provider):
    verification = verified(LATER)
    provider.says = PASSED
    for _ in range(4):
        take_in(address, complete(verification.external_id))
        work_now()

    assert provider.asked == 2
    row = InboundWebhook.objects.get()
    assert (row.times_received, row.attempts, row.status) == (4, 1, "done")


def test_a_repeat_that_tells_something_new_again(address, quiet, verified, provider):
    """A provider that goes back to an earlier decision may send the very same bytes."""
    verification = verified(PASSED)
    for says, status in ((REJECTED, 1), (PASSED, 3), (REJECTED, 1)):
        provider.says = says
        take_in(address, complete(verification.external_id, status))
        work_now()

    assert state(verification)[3] == ["declined", "approved", "declined"]
    assert InboundWebhook.objects.count() == 2


class TestPoison:
    @pytest.fixture
    def crashing(self, address, quiet, verified, monkeypatch, settings):
        """A notice whose processing raises; it can be mended."""
        settings.INBOUND_WEBHOOK_RETRY_AFTER = [1, 1]
        verification = verified(LATER)
        take_in(address, complete(verification.external_id))
        mended = []

        def notified(**given):
            if not mended:
                raise ValueError("ERIKSSON")
            return provider_notified(**given)

        monkeypatch.setattr(processing, "provider_notified", notified)
        return mended

    def process_for(self, seconds):
        for passed in range(seconds):
            with time_machine.travel(now() + timedelta(seconds=passed), tick=False):
                processing.process_due()

    def test_it_is_parked_and_run_again(self, crashing, caplog):
        self.process_for(10)

        assert outcomes() == [("parked", "processing_crashed")]
        row = InboundWebhook.objects.get()
        assert row.attempts == 3
        events = [r.msg["event"] for r in caplog.records if r.name == "webhooks.inbound"]
        assert events == ["inbound_webhook_not_processed"] * 3 + ["inbound_webhook_parked"]
        assert processing.run_again(row.pk)
        assert not processing.run_again(row.pk)
        crashing.append("mended")
        processing.process_due()
        assert outcomes() == [("done", "provider_asked")]

    def test_one_that_kills_its_worker_is_parked_too(self, crashing):
        """The worker never gets to say so."""
        webhook_id = InboundWebhook.objects.get().pk
        for passed in range(10):
            with time_machine.travel(now() + timedelta(seconds=passed), tick=False):
                processing._claim(webhook_id)

        assert outcomes() == [("parked", "processing_crashed")]


def test_a_lost_wake_up_call_is_found(address, quiet):
    """By the supervisor, which looks each second, and by the sweep."""
    kyc = [source for source in due_sources() if source.queue == "kyc"]
    assert not any(source.is_due() for source in kyc)
    take_in(address, complete("nobody"))

    assert [source.wake for source in kyc if source.is_due()] == [wake_processor]
    sweep()
    assert OrmQ.objects.get().task["func"] == "webhooks.tasks.process_inbound"
    process_inbound()
    assert InboundWebhook.objects.get().attempts == 1


def test_a_correction_reaches_the_tenant_by_webhook(address, quiet, verified, provider, tenant):
    url = "https://bank.example/hook"
    endpoint = create_endpoint(tenant=tenant, url=url, includes_result=True)
    verification = verified(PASSED)
    provider.says = REJECTED
    take_in(address, complete(verification.external_id, 1))
    work_now()

    delivery = endpoint.deliveries.get(event_type="verification.revised")
    data = json.loads(body_of(delivery))["data"]

    assert (data["revision"], data["decision"], data["previousDecision"]) == (
        1,
        "declined",
        "approved",
    )
    assert data["result"]["overall"]["status"] == "failed"
    first = endpoint.deliveries.get(event_type="verification.completed")
    assert json.loads(body_of(first))["data"]["result"]["overall"]["status"] == "passed"


def test_two_workers_begin_one_attempt(address, quiet):
    take_in(address, complete("nobody"))
    webhook_id = InboundWebhook.objects.get().pk

    assert processing._claim(webhook_id) is not None
    assert processing._claim(webhook_id) is None


def test_old_ones_are_deleted(address, quiet, settings):
    settings.INBOUND_WEBHOOK_RETENTION_DAYS = 30
    for name in ("done", "parked", "pending"):
        take_in(address, complete(name))
        InboundWebhook.objects.filter(external_id=name).update(status=name)
    take_in(address, complete("new"))
    InboundWebhook.objects.exclude(external_id="new").update(updated_at=now() - timedelta(days=31))

    processing.purge()

    left = InboundWebhook.objects.values_list("external_id", flat=True)
    assert set(left) == {"pending", "new"}
