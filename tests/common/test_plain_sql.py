"""Plain INSERT and UPDATE write what Django's own would."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Model
from django.db.models.functions import Now
from django.utils.timezone import now

from common import plain_sql
from providers.types import StepKind
from verifications.models import (
    CallStatus,
    Effect,
    Operation,
    ProviderCall,
    Session,
    SessionStatus,
    Step,
    StepStatus,
    VerificationEvent,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(stored, regula_tenant):
    return stored(regula_tenant).session


def step_of(session, position, **fields):
    return Step(
        session=session,
        position=position,
        kind=StepKind.DOCUMENT.value,
        plan_code="document",
        name="Document",
        config={"side": ["front", None]},
        **fields,
    )


def row_of(row: Model):
    """As it stands in the database, read by Django."""
    return type(row).objects.filter(pk=row.pk).values().get()


def in_memory(row: Model):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_inserted_rows_read_back_as_they_were(session):
    first, second = step_of(session, 1), step_of(session, 2, status=StepStatus.RUNNING)
    first.outcome = {"extracted": {"surname": "ERIKSSON"}}

    plain_sql.insert(first, second)

    assert row_of(second) == in_memory(second)
    read = Step.objects.get(pk=first.pk)
    assert read.outcome == {"extracted": {"surname": "ERIKSSON"}}
    assert read.config == {"side": ["front", None]}
    # Known as stored: saving it again is an update.
    first.name = "Renamed"
    first.save()
    assert Step.objects.filter(session=session).count() == 2


def test_inserted_rows_are_numbered_within_what_they_share(stored, regula_tenant):
    ours, theirs = stored(regula_tenant), stored(regula_tenant)
    rows = [
        VerificationEvent(verification=ours, type="a", data={"n": 1}, created_at=now()),
        VerificationEvent(verification=theirs, type="b", created_at=now()),
        VerificationEvent(verification=ours, type="c", created_at=now()),
    ]

    for row in rows:
        plain_sql.insert_numbered(row, "sequence", within="verification")

    assert [row.sequence for row in rows] == [2, 2, 3]
    assert [row_of(row) for row in rows] == [in_memory(row) for row in rows]
    # Known as stored: saving it again is an update.
    rows[0].save()
    assert ours.events.count() == 3


def test_inserted_row_gets_its_times_and_price(session):
    before = now()
    call = ProviderCall(
        session=session,
        provider_account_id=session.provider_account_id,
        operation=Operation.OPEN,
        fence=7,
        price_amount=Decimal("0.1250"),
        price_currency="USD",
    )

    plain_sql.insert(call)

    read = ProviderCall.objects.get(pk=call.pk)
    assert before <= read.created_at <= now()
    assert (read.price_amount, read.fence, read.settled_at) == (Decimal("0.1250"), 7, None)


def test_rows_are_inserted_or_replaced_together(session, django_assert_num_queries):
    known, new = (
        ProviderCall(
            session=session,
            provider_account_id=session.provider_account_id,
            operation=operation,
            fence=1,
        )
        for operation in (Operation.OPEN, Operation.STEP)
    )
    plain_sql.insert(known)
    booked_at = known.created_at
    known.status, known.duration_ms = CallStatus.DONE, 512

    with django_assert_num_queries(1):
        plain_sql.insert_or_replace(known, new)

    assert row_of(known) == in_memory(known)
    assert row_of(new) == in_memory(new)
    assert (known.status, known.created_at) == (CallStatus.DONE, booked_at)
    assert new.created_at > booked_at


def test_nothing_to_insert(django_assert_num_queries):
    with django_assert_num_queries(0):
        plain_sql.insert()


def test_update_changes_the_rows_that_fit_and_counts_them(session):
    steps = [step_of(session, position) for position in (1, 2, 3)]
    plain_sql.insert(*steps)
    moment = now()

    changed = plain_sql.update(
        Step,
        {"session": session, "position": (1, 3)},
        status=StepStatus.DONE,
        effect=Effect.DONE,
        reason_codes=["expired"],
        completed_at=moment,
    )

    assert changed == 2
    read = list(Step.objects.filter(session=session))
    assert [step.status for step in read] == ["done", "pending", "done"]
    assert (read[0].reason_codes, read[0].completed_at) == (["expired"], moment)


def test_update_of_a_row_that_does_not_fit(session):
    own = {"pk": session.pk, "fence": session.fence + 1}

    assert plain_sql.update(Session, own, status=SessionStatus.FAILED) == 0
    assert plain_sql.update(Session, {"pk": session.pk, "status": ()}, attempts=3) == 0

    session.refresh_from_db()
    assert (session.status, session.attempts) == (SessionStatus.PENDING, 0)


def test_null_is_written(session):
    plain_sql.update(Session, {"pk": session.pk}, lease_until=now())
    plain_sql.update(Session, {"pk": session.pk}, lease_until=None)

    session.refresh_from_db()
    assert session.lease_until is None


def test_the_database_computes(session):
    in_an_hour = plain_sql.Computed(Now() + timedelta(hours=1))

    for _ in range(2):  # the second time from the text that was kept
        plain_sql.update(Session, {"pk": session.pk}, lease_until=in_an_hour, attempts=2)

    session.refresh_from_db()
    assert timedelta(minutes=59) < session.lease_until - now() < timedelta(minutes=61)
    assert session.attempts == 2


def test_save_writes_the_named_fields_alone(session):
    plain_sql.insert(step := step_of(session, 1))
    step.status, step.name = StepStatus.RUNNING, "Not written"

    plain_sql.save(step, "status")

    assert row_of(step)["status"] == "running"
    assert row_of(step)["name"] == "Document"


def test_unknown_field(session):
    with pytest.raises(Exception, match="no_such_field"):
        plain_sql.update(Session, {"pk": session.pk}, no_such_field=1)


def test_status_is_written_as_text(session):
    plain_sql.update(Session, {"pk": session.pk}, status=SessionStatus.WAITING)
    call = ProviderCall(
        session=session,
        provider_account_id=session.provider_account_id,
        operation=Operation.STEP,
        status=CallStatus.UNKNOWN,
        fence=1,
    )
    plain_sql.insert(call)

    assert Session.objects.get(pk=session.pk).status == "waiting"
    assert row_of(call)["status"] == "unknown"
