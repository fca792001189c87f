"""Leases and fences: one owner at a time, and a slow one cannot write any more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone
from django.utils.timezone import now

from providers.types import Verdict
from verifications import claims, outcomes
from verifications.claims import LeaseLost
from verifications.models import Session, SessionStatus, Status, Verification
from verifications.outcomes import TechnicalFailure
from verifications.unified_result import Conclusion

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(stored, regula_tenant):
    return stored(regula_tenant).session


def expire_lease(session):
    Session.objects.filter(pk=session.pk).update(lease_until=now() - timedelta(seconds=1))


def test_first_claim_starts_the_work(session):
    lease = claims.claim(session.pk)

    session.refresh_from_db()
    assert lease.fence == session.fence == 1
    assert session.status == SessionStatus.IN_PROGRESS
    assert session.started_at is not None
    assert session.verification.status == Status.IN_PROGRESS


def test_claimed_session_cannot_be_claimed(session):
    claims.claim(session.pk)

    assert claims.claim(session.pk) is None


def test_expired_lease_can_be_taken_over(session):
    first = claims.claim(session.pk)
    expire_lease(session)

    second = claims.claim(session.pk)

    assert second.fence == first.fence + 1


@pytest.fixture
def clock_off_by(monkeypatch):
    """This process' clock differs from the database's."""

    def put(difference):
        class Off(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + difference

        monkeypatch.setattr(timezone, "datetime", Off)

    return put


def test_clock_that_is_fast_takes_nothing_away(session, clock_off_by):
    claims.claim(session.pk)

    clock_off_by(timedelta(minutes=1))

    assert claims.due_sessions(10) == []
    assert claims.claim(session.pk) is None


def test_clock_that_is_slow_holds_no_longer(session, clock_off_by):
    clock_off_by(timedelta(minutes=-1))
    first = claims.claim(session.pk)

    session.refresh_from_db()
    assert session.lease_until > datetime.now(UTC)
    expire_lease(session)
    assert claims.claim(session.pk).fence == first.fence + 1


def test_former_owner_writes_nothing(session):
    first = claims.claim(session.pk)
    expire_lease(session)
    claims.claim(session.pk)

    with pytest.raises(LeaseLost):
        claims.hold(first, current_step=9)

    session.refresh_from_db()
    assert session.current_step == 0


FAILURE = TechnicalFailure("provider_failed", "The provider failed", True, "Try again")
CONCLUSION = Conclusion(Verdict.PASSED, (), {}, {"overall": {}})


@pytest.mark.parametrize(
    "write",
    [
        lambda lease, verification: claims.release_now(lease),
        lambda lease, verification: outcomes.conclude(
            lease=lease, verification=verification, conclusion=CONCLUSION
        ),
        lambda lease, verification: outcomes.fail_technically(
            lease=lease, verification=verification, failure=FAILURE
        ),
    ],
    ids=["release", "conclude", "fail"],
)
def test_former_owner_ends_nothing(session, write):
    former = claims.claim(session.pk)
    expire_lease(session)
    claims.claim(session.pk)
    before = Session.objects.values().get()

    with pytest.raises(LeaseLost):
        write(former, session.verification)

    verification = Verification.objects.get()
    assert Session.objects.values().get() == before
    assert (verification.status, verification.decision) == ("in_progress", None)
    assert (verification.result, verification.error) == (None, None)
    assert [event.type for event in verification.events.all()] == ["verification.created"]


@pytest.mark.parametrize("ended", ["completed", "failed", "cancelled"])
def test_ended_session_is_nobodys(session, ended):
    lease = claims.claim(session.pk)
    Session.objects.filter(pk=session.pk).update(status=ended)

    with pytest.raises(LeaseLost):
        claims.hold(lease)
    expire_lease(session)
    assert claims.claim(session.pk) is None
    assert claims.due_sessions(10) == []


def test_holding_renews_the_lease(session):
    lease = claims.claim(session.pk)
    expire_lease(session)

    claims.hold(lease)

    session.refresh_from_db()
    assert session.lease_until > now()


def test_released_session_is_due_when_it_says(session):
    lease = claims.claim(session.pk)

    claims.release(lease, due_at=now() + timedelta(hours=1))
    assert claims.due_sessions(10) == []

    Session.objects.filter(pk=session.pk).update(next_attempt_at=now())
    assert claims.due_sessions(10) == [session.pk]


def test_longest_waiting_comes_first(stored, regula_tenant):
    sessions = [stored(regula_tenant).session.pk for _ in range(3)]
    Session.objects.filter(pk=sessions[2]).update(next_attempt_at=now() - timedelta(hours=1))

    assert claims.due_sessions(2) == [sessions[2], sessions[0]]


class TestClaimingWhatIsDue:
    def test_longest_waiting_first_and_no_more_than_asked_for(self, stored, regula_tenant):
        sessions = [stored(regula_tenant).session.pk for _ in range(3)]
        Session.objects.filter(pk=sessions[2]).update(next_attempt_at=now() - timedelta(hours=1))

        leases = claims.claim_due(2)

        assert {lease.session_id for lease in leases} == {sessions[2], sessions[0]}
        assert all(lease.is_first for lease in leases)
        assert [lease.session_id for lease in claims.claim_due(2)] == [sessions[1]]
        assert claims.claim_due(2) == []
        assert set(Verification.objects.values_list("status", flat=True)) == {Status.IN_PROGRESS}

    def test_a_lease_that_ran_out_is_taken_over(self, session):
        former = claims.claim(session.pk)
        expire_lease(session)

        (lease,) = claims.claim_due(5)

        assert (lease.fence, lease.is_first) == (2, False)
        with pytest.raises(LeaseLost):
            claims.hold(former)
        claims.hold(lease)

    def test_the_cost_does_not_grow_with_their_number(
        self, stored, regula_tenant, django_assert_num_queries
    ):
        for _ in range(5):
            stored(regula_tenant)

        # due, sessions, verifications; to be asked again; the transaction is the test's own
        with django_assert_num_queries(6):
            assert len(claims.claim_due(10)) == 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_claim_at_once_and_share(stored, regula_tenant):
    sessions = {stored(regula_tenant).session.pk for _ in range(12)}
    together = Barrier(3)

    def claim():
        try:
            together.wait()
            return [lease.session_id for lease in claims.claim_due(4)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as threads:
        claimed = [future.result() for future in [threads.submit(claim) for _ in range(3)]]

    assert sorted(chain(*claimed)) == sorted(sessions)
