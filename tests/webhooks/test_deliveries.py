"""An event reaches its receivers: signed, thin, tried again, given up."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import DataError, OperationalError, connections, transaction
from django.db.models import F
from django_q.models import OrmQ

from common import signing_secrets
from tests.webhooks.conftest import happen
from verifications.events import EventType
from verifications.models import Verification
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from webhooks.outbound import claims, outcomes
from webhooks.outbound.endpoints import change_endpoint, create_endpoint, disable, rotate_secret
from webhooks.outbound.receivers import Receivers
from webhooks.outbound.runner import parcel_of, work_slice
from webhooks.outbound.sender import send

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SCHEDULE = [1, 5, 15, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as moved:
        yield moved


def secret_of(endpoint):
    return signing_secrets.newest(endpoint.secrets)


def test_thin_and_signed(tenant, endpoint, receiver, verification_of, deliver):
    verification = verification_of(tenant, correlation_id="from-the-caller")
    event = happen(verification, decision="approved", status="completed", reasonCodes=["a_code"])

    deliver()

    [got] = receiver.got
    content = got.json(secret_of(endpoint))
    created = content["data"].pop("createdAt")
    assert datetime.fromisoformat(created) - verification.created_at < timedelta(milliseconds=1)
    assert content == {
        "id": str(event.pk),
        "type": "verification.completed",
        "verificationId": str(verification.pk),
        "sequence": 1,
        "timestamp": content["timestamp"],
        "data": {
            "accountId": None,
            "verificationType": "document",
            "mode": "live",
            "completedAt": None,
            "decision": "approved",
            "status": "completed",
            "reasonCodes": ["a_code"],
            "error": None,
        },
    }
    assert got.id == str(event.pk)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-correlation-id"] == "from-the-caller"
    assert got.headers["host"] == receiver.url.split("/")[2]
    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("delivered", 1, "")
    attempt = delivery.attempt_rows.get()
    assert (attempt.status_code, attempt.error) == (200, "")


def test_result_only_where_it_was_asked_for(tenant, endpoint, receiver, verification_of, deliver):
    create_endpoint(tenant=tenant, url=f"{receiver.url}/all", includes_result=True)
    happen(verification_of(tenant))

    deliver()

    bodies = {one.path: one.body for one in receiver.got}
    assert b"CRUZ" in bodies["/hook/all"]
    assert b"result" not in bodies["/hook"]


def test_webhook_url_is_signed_with_the_tenants_secret(tenant, receiver, verification_of, deliver):
    happen(verification_of(tenant, webhook_url=receiver.url))

    deliver()

    tenant.refresh_from_db()
    [got] = receiver.got
    assert got.json(signing_secrets.newest(tenant.webhook_secrets))["type"] == (
        "verification.completed"
    )


@pytest.mark.parametrize(
    ("event_type", "asked", "sent"),
    [
        (EventType.COMPLETED, None, 2),
        (EventType.FAILED, None, 2),
        (EventType.REVIEW, None, 2),
        (EventType.CANCELLED, None, 2),
        (EventType.EXPIRED, None, 2),
        (EventType.CREATED, None, 0),
        (EventType.STEP_COMPLETED, None, 0),
        (EventType.STEP_COMPLETED, ["verification.step.completed"], 1),
        (EventType.COMPLETED, ["verification.failed"], 1),
    ],
)
def test_which_events_go_where(
    tenant, endpoint, receiver, verification_of, deliver, event_type, asked, sent
):
    """To the endpoint what it asked for; to webhookUrl how it ended."""
    if asked:
        change_endpoint(endpoint=endpoint, event_types=asked)
    happen(verification_of(tenant, webhook_url=f"{receiver.url}/own"), event_type)

    deliver()

    assert len(receiver.got) == sent


def test_nothing_is_sent_for_a_change_that_was_undone(tenant, endpoint, verification_of):
    verification = verification_of(tenant)
    with transaction.atomic():
        happen(verification)
        transaction.set_rollback(True)

    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_after_the_commit(tenant, endpoint, verification_of, monkeypatch):
    monkeypatch.setattr("webhooks.wake._called_at", -1.0)
    verification = verification_of(tenant)
    OrmQ.objects.all().delete()
    with transaction.atomic():
        happen(verification)
        happen(verification)
        assert not OrmQ.objects.exists()

    assert [task.key for task in OrmQ.objects.all()] == ["webhooks"]


def test_the_schedule_as_documented(clock, tenant, endpoint, receiver, verification_of, deliver):
    """Twelve attempts, each pause up to a tenth longer than planned, then a dead letter."""
    receiver.always(500)
    event = happen(verification_of(tenant))
    pauses = []
    deliver()
    while (delivery := WebhookDelivery.objects.get()).status == "pending":
        pauses.append((delivery.next_attempt_at - datetime.now(UTC)).total_seconds())
        clock.move_to(delivery.next_attempt_at - timedelta(milliseconds=1))
        deliver()
        assert len(receiver.got) == len(pauses)
        clock.move_to(delivery.next_attempt_at)
        deliver()

    assert [one.id for one in receiver.got] == [str(event.pk)] * 12
    assert len(pauses) == len(SCHEDULE)
    for pause, planned in zip(pauses, SCHEDULE, strict=True):
        assert planned <= pause <= planned * 1.1
    assert (delivery.status, delivery.last_status_code, delivery.attempts) == ("dead", 500, 12)
    assert WebhookAttempt.objects.filter(status_code=500, error="not_accepted").count() == 12


def test_each_attempt_has_a_signature_of_its_own_time(
    clock, tenant, endpoint, receiver, verification_of, deliver
):
    receiver.always(500)
    happen(verification_of(tenant))
    deliver()
    clock.shift(3600)
    deliver()

    first, second = receiver.got
    assert second.json(secret_of(endpoint)) == second.json(secret_of(endpoint))
    assert int(second.headers["webhook-timestamp"]) == int(START.timestamp()) + 3600
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert first.body == second.body


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("120", 120),
        ("0", 1),
        ("Mon, 02 Mar 2026 08:10:00 GMT", 600),
        ("Mon, 02 Mar 2026 07:00:00 GMT", 1),
        ("9" * 30, 86400),
        ("soon", 1),
        ("-5", 1),
        ("", 1),
    ],
)
def test_retry_after(clock, tenant, endpoint, receiver, verification_of, deliver, wish, seconds):
    receiver.always(503, Retry_After=wish)
    happen(verification_of(tenant))

    deliver()

    pause = (WebhookDelivery.objects.get().next_attempt_at - START).total_seconds()
    assert seconds <= pause <= seconds * 1.1


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_success(tenant, endpoint, receiver, verification_of, deliver, status):
    receiver.always(status)
    happen(verification_of(tenant))

    deliver()

    assert WebhookDelivery.objects.get().status == "delivered"


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 404, 500, 599])
def test_nothing_else_is(tenant, endpoint, receiver, verification_of, deliver, status):
    """Redirects are not followed."""
    receiver.always(status, Location=f"{receiver.url}/elsewhere")
    happen(verification_of(tenant))

    deliver()

    assert WebhookDelivery.objects.get().status == "pending"
    assert [one.path for one in receiver.got] == ["/hook"]


def test_gone_disables_the_endpoint(tenant, endpoint, receiver, verification_of, deliver):
    receiver.always(410)
    verification = verification_of(tenant)
    happen(verification)

    deliver()

    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert endpoint.disabled_reason == "The receiver answered 410 Gone"
    assert WebhookDelivery.objects.get().last_error == "gone"
    happen(verification, EventType.REVIEW)
    later = WebhookDelivery.objects.latest("id")
    assert (later.status, later.last_error) == ("dead", "endpoint_disabled")


def test_five_days_of_failure_disable_it_and_say_so(
    clock, tenant, endpoint, receiver, verification_of, deliver
):
    receiver.always(500)
    verification = verification_of(tenant)
    for _ in range(6):
        happen(verification)
        deliver()
        clock.shift(timedelta(days=1))

    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert endpoint.disabled_reason == "Every attempt has failed since 2026-03-02 08:00 UTC"
    assert endpoint.disabled_at == START + timedelta(days=5)
    assert not WebhookDelivery.objects.filter(status="pending").exists()


def test_one_success_in_between_keeps_it(
    clock, tenant, endpoint, receiver, verification_of, deliver
):
    verification = verification_of(tenant)
    for day in range(10):
        receiver.always(200 if day == 4 else 500)
        happen(verification)
        deliver()
        clock.shift(timedelta(days=1))
        WebhookDelivery.objects.filter(status="pending").delete()

    endpoint.refresh_from_db()
    assert endpoint.is_enabled
    assert endpoint.failing_since == START + timedelta(days=5)


def test_disabling_gives_up_what_waits(tenant, endpoint, receiver, verification_of, deliver):
    happen(verification_of(tenant))
    disable(endpoint=endpoint, reason="because")

    deliver()

    assert receiver.got == []
    assert WebhookDelivery.objects.get().last_error == "endpoint_disabled"


def test_what_waits_follows_a_new_address(tenant, endpoint, receiver, verification_of, deliver):
    happen(verification_of(tenant))
    change_endpoint(endpoint=endpoint, url=f"{receiver.url}/new")

    deliver()

    assert [one.path for one in receiver.got] == ["/hook/new"]


def test_connection_closed_without_an_answer(tenant, endpoint, receiver, verification_of, deliver):
    receiver.answer = lambda *_: None
    happen(verification_of(tenant))

    deliver()

    attempt = WebhookAttempt.objects.get()
    assert (attempt.status_code, attempt.error) == (None, "connection_lost")


def test_an_answer_is_kept_masked_and_sealed(tenant, endpoint, receiver, verification_of, deliver):
    body = b"no: juan@example.com 1987-03-02 L898902C3 \x00 " + b"x" * 5000
    receiver.always(500, body)
    happen(verification_of(tenant))

    deliver()

    attempt = WebhookAttempt.objects.get()
    assert attempt.answer == "no: *** *** *** ***"
    assert b"no:" not in bytes(attempt.sealed_answer)


def test_two_secrets_after_a_rotation(clock, tenant, endpoint, receiver, verification_of, deliver):
    old = secret_of(endpoint)
    new = secret_of(rotate_secret(endpoint=endpoint))
    verification = verification_of(tenant)
    happen(verification)
    deliver()
    [got] = receiver.got
    assert got.json(old) == got.json(new)

    clock.shift(timedelta(hours=24, seconds=1))
    happen(verification)
    deliver()

    assert len(receiver.got[1].headers["webhook-signature"].split()) == 1
    assert receiver.got[1].json(new)


def test_an_unreadable_secret_harms_no_other(tenant, endpoint, receiver, verification_of, deliver):
    other = create_endpoint(tenant=tenant, url=f"{receiver.url}/other")
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(sealed_secrets=other.sealed_secrets)
    happen(verification_of(tenant))

    deliver()

    assert [one.path for one in receiver.got] == ["/hook/other"]
    assert WebhookDelivery.objects.get(endpoint=endpoint).last_error == "internal_error"


def test_a_verification_erased_meanwhile(
    tenant, endpoint, receiver, verification_of, deliver, monkeypatch
):
    """Its outcome has no row to go to; the others of the batch have."""
    erased, kept = verification_of(tenant), verification_of(tenant)
    happen(erased)
    happen(kept)
    store = outcomes.store

    def store_after_erasure(sent):
        Verification.objects.filter(pk=erased.pk).delete()
        store(sent)

    monkeypatch.setattr(outcomes, "store", store_after_erasure)

    deliver()

    delivery = WebhookDelivery.objects.get()
    assert (delivery.verification, delivery.status) == (kept, "delivered")


def test_outcomes_outlive_an_outage_of_the_database(
    tenant, endpoint, receiver, verification_of, deliver, monkeypatch
):
    """What was accepted is written as soon as it can be, and not sent again."""
    happen(verification_of(tenant))
    store, calls = outcomes.store, []

    def fail_twice(sent):
        calls.append(len(sent))
        if len(calls) < 3:
            raise OperationalError
        store(sent)

    monkeypatch.setattr(outcomes, "store", fail_twice)
    monkeypatch.setattr("webhooks.outbound.runner.connections.close_all", lambda: None)

    deliver()

    assert (calls, len(receiver.got)) == ([1, 1, 1], 1)
    assert WebhookDelivery.objects.get().status == "delivered"


def test_one_outcome_that_cannot_be_written_takes_no_other_with_it(
    tenant, endpoint, receiver, verification_of, deliver, monkeypatch
):
    poison = happen(verification_of(tenant))
    happen(verification_of(tenant))
    store = outcomes.store

    def refuse_poison(sent):
        if poison.pk in {delivery.message_id for delivery, _ in sent}:
            raise DataError
        store(sent)

    monkeypatch.setattr(outcomes, "store", refuse_poison)

    deliver()

    states = dict(WebhookDelivery.objects.values_list("message_id", "status"))
    assert states.pop(poison.pk) == "pending"
    assert list(states.values()) == ["delivered"]


def test_a_worker_that_lost_its_delivery_changes_nothing(
    tenant, endpoint, receiver, verification_of, deliver
):
    """Another has taken it over; what this one saw is in the log of attempts all the same."""
    receiver.always(500)
    happen(verification_of(tenant))
    claimed = claims.claim_due(1, Receivers())
    assert claims.claim_due(1, Receivers()) == []
    WebhookDelivery.objects.update(fence=F("fence") + 1)

    outcomes.store([(claimed[0], send(parcel_of(claimed[0])))])

    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.attempts) == ("pending", 0)
    assert WebhookAttempt.objects.get().status_code == 500


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work(tenant, endpoint, receiver, verification_of, settings):
    """Both look at the same rows at the same time; nothing is sent twice."""
    settings.WEBHOOK_THREADS = 3
    verification = verification_of(tenant)
    events = [str(happen(verification).pk) for _ in range(60)]
    start = threading.Barrier(2)

    def work():
        start.wait(10)
        work_slice()
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(one.id for one in receiver.got) == sorted(events)
    assert set(WebhookDelivery.objects.values_list("status", "fence")) == {("delivered", 1)}


def test_what_a_dead_worker_was_sending_is_due_after_its_lease(
    clock, tenant, endpoint, receiver, verification_of, deliver, settings
):
    happen(verification_of(tenant))
    claims.claim_due(1, Receivers())
    deliver()
    assert receiver.got == []

    clock.shift(settings.WEBHOOK_LEASE)
    deliver()

    assert len(receiver.got) == 1
