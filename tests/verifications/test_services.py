"""Creating, cancelling and expiring."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import now

from providers.types import Verdict
from verifications import claims, outcomes, services, tasks
from verifications.events import recorded
from verifications.models import Decision, Session, Status, Verification
from verifications.requests import RequestNotPossible
from verifications.transitions import ALLOWED, TransitionNotAllowed, move
from verifications.unified_result import Conclusion

pytestmark = pytest.mark.django_db(transaction=True)


def test_create_stores_everything_at_once(evidence_files, stored, regula_tenant, specimen):
    verification = stored(regula_tenant)

    evidence = verification.evidence.get()
    assert verification.status == Status.PENDING
    assert verification.session.next_attempt_at <= now()
    assert [event.type for event in verification.events.all()] == ["verification.created"]
    assert evidence.size_bytes == len(specimen("passport-td3.jpg"))
    assert len(evidence_files()) == 1


def test_failing_listener_undoes_everything(evidence_files, stored, regula_tenant):
    def refuse(**kwargs):
        raise RuntimeError("no")

    recorded.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            stored(regula_tenant)
    finally:
        recorded.disconnect(refuse)

    assert not Verification.objects.exists()
    assert not Session.objects.exists()
    assert evidence_files() == []


def test_failure_after_the_commit_takes_no_picture_away(evidence_files, stored, regula_tenant):
    def fail():
        raise RuntimeError("no")

    def fail_later(**kwargs):
        transaction.on_commit(fail)

    recorded.connect(fail_later)
    try:
        with pytest.raises(RuntimeError):
            stored(regula_tenant)
    finally:
        recorded.disconnect(fail_later)

    assert Verification.objects.get().evidence.exists()
    assert len(evidence_files()) == 1


def test_tenant_without_provider(evidence_files, stored, regula_tenant):
    regula_tenant.provider_configs.update(is_enabled=False)

    with pytest.raises(RequestNotPossible, match="No KYC provider configured for tenant"):
        stored(regula_tenant)

    assert evidence_files() == []


@pytest.mark.parametrize("status", ["pending", "in_progress"])
def test_overdue_verification_expires(stored, regula_tenant, status):
    verification = stored(regula_tenant)
    past = now() - timedelta(seconds=1)
    Verification.objects.update(expires_at=past, status=status)

    tasks.sweep()

    verification.refresh_from_db()
    assert verification.status == Status.EXPIRED
    assert verification.events.last().type == "verification.expired"
    assert verification.session.__class__.objects.get().status == "cancelled"


def test_review_never_expires(stored, regula_tenant):
    verification = stored(regula_tenant)
    Verification.objects.update(
        expires_at=now() - timedelta(days=9), status="in_progress", decision=Decision.REVIEW
    )

    assert services.expire_overdue() == 0

    verification.refresh_from_db()
    assert verification.status == Status.IN_PROGRESS


def test_outcome_that_comes_first_stops_the_expiry(stored, regula_tenant, monkeypatch):
    in_doubt = Conclusion(Verdict.REVIEW, (), {}, {"overall": {}})
    verification = stored(regula_tenant)
    lease = claims.claim(verification.session.pk)
    Verification.objects.update(expires_at=now() - timedelta(seconds=1))
    expire = services._expire

    def concluded_meanwhile(overdue):
        with transaction.atomic():
            outcomes.conclude(lease=lease, verification=verification, conclusion=in_doubt)
        return expire(overdue)

    monkeypatch.setattr(services, "_expire", concluded_meanwhile)

    assert services.expire_overdue() == 0

    verification.refresh_from_db()
    assert (verification.status, verification.decision) == (Status.IN_PROGRESS, Decision.REVIEW)
    assert verification.events.last().type == "verification.review"


def test_workers_leave_a_waiting_caller_its_session(stored, regula_tenant, settings):
    settings.LEASE = 45
    waiting = stored(regula_tenant, run_mode="sync")
    queued = stored(regula_tenant, run_mode="async")

    assert claims.due_sessions(10) == [queued.session.pk]
    assert waiting.session.next_attempt_at == waiting.created_at + timedelta(seconds=45)


@pytest.mark.parametrize("before", list(Status))
@pytest.mark.parametrize("after", list(Status))
def test_only_allowed_moves_are_made(stored, regula_tenant, before, after):
    verification = stored(regula_tenant)
    Verification.objects.update(status=before)

    if after in ALLOWED[before]:
        move(verification, after)
    else:
        with pytest.raises(TransitionNotAllowed):
            move(verification, after)

    verification.refresh_from_db()
    assert verification.status == (after if after in ALLOWED[before] else before)
