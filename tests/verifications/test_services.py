"""Creating, cancelling and expiring."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now

from common.sealing import SealBroken
from verifications import claims, evidence_store, services, tasks, workflow
from verifications.events import recorded
from verifications.models import Decision, Evidence, Session, Status, Verification
from verifications.requests import RequestNotPossible
from verifications.transitions import ALLOWED, TransitionNotAllowed, move

pytestmark = pytest.mark.django_db(transaction=True)


def files(settings):
    return sorted(path for path in Path(settings.EVIDENCE_DIR).rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def _own_evidence(settings, tmp_path):
    settings.EVIDENCE_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {
            **settings.STORAGES["evidence"],
            "OPTIONS": {"location": tmp_path},
        },
    }


def test_create_stores_everything_at_once(stored, regula_tenant, settings, specimen):
    verification = stored(regula_tenant)

    evidence = verification.evidence.get()
    assert verification.status == Status.PENDING
    assert verification.session.next_attempt_at <= now()
    assert [event.type for event in verification.events.all()] == ["verification.created"]
    assert evidence.size_bytes == len(specimen("passport-td3.jpg"))
    assert len(files(settings)) == 1


def test_pictures_are_encrypted_on_disk(stored, regula_tenant, settings, specimen):
    verification = stored(regula_tenant)

    [path] = files(settings)
    picture = specimen("passport-td3.jpg")
    assert picture[:64] not in path.read_bytes()
    assert evidence_store.read(verification.evidence.get()).data == picture


def test_altered_picture_file_ends_in_a_technical_failure(stored, regula_tenant, settings):
    settings.RESCHEDULE_AFTER = []
    verification = stored(regula_tenant)
    [path] = files(settings)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    with pytest.raises(SealBroken):
        evidence_store.read(verification.evidence.get())
    workflow.run(verification.session.pk)

    verification.refresh_from_db()
    assert (verification.status, verification.error["code"]) == ("failed", "internal_error")


def test_failing_listener_undoes_everything(stored, regula_tenant, settings):
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
    assert files(settings) == []


def test_tenant_without_provider(stored, regula_tenant, settings):
    regula_tenant.provider_configs.update(is_enabled=False)

    with pytest.raises(RequestNotPossible, match="No KYC provider configured for tenant"):
        stored(regula_tenant)

    assert files(settings) == []


def test_purged_after_retention(stored, regula_tenant, settings):
    settings.EVIDENCE_RETENTION_DAYS = 30
    stored(regula_tenant)
    Evidence.objects.update(purge_at=now() - timedelta(days=1))
    kept = stored(regula_tenant)

    tasks.sweep()

    assert Evidence.objects.get().verification == kept
    assert len(files(settings)) == 1


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


def test_outcome_that_comes_first_stops_the_expiry(stored, regula_tenant, sandbox, monkeypatch):
    sandbox.fault("/api/process", "review")
    verification = stored(regula_tenant)
    Verification.objects.update(expires_at=now() - timedelta(seconds=1))
    expire = services._expire

    def concluded_meanwhile(overdue):
        workflow.run(verification.session.pk)
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
