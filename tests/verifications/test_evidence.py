"""Pictures at rest: encrypted, in their place, all or none, and gone when their time is over."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from unittest.mock import Mock

import pytest
import time_machine
from django.core.files.storage import FileSystemStorage
from django.db.models import QuerySet
from django.utils.timezone import now
from django_q.models import OrmQ

from common.images import inspect_image
from providers.types import ImageRole
from tests.verifications_support import PASSPORT, SELFIE
from verifications import evidence_store, tasks, workflow
from verifications.evidence_store import Picture
from verifications.models import Evidence, Session, Verification

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("evidence_files"),
]


@pytest.fixture
def two_pictures(specimen):
    pictures = {}
    for role, name in ((ImageRole.FRONT, PASSPORT), (ImageRole.SELFIE, SELFIE)):
        data = specimen(name)
        pictures[role] = Picture(data, inspect_image(data))
    return pictures


def path_of(row, tmp_path):
    return tmp_path / row.file_name


def test_encrypted_on_disk(stored, regula_tenant, evidence_files, specimen):
    row = stored(regula_tenant).evidence.get()

    [path] = evidence_files()
    picture, on_disk = specimen(PASSPORT), path.read_bytes()
    assert not any(picture[at : at + 32] in on_disk for at in range(0, len(picture) - 32, 1024))
    assert path.stat().st_mode & 0o077 == 0
    assert evidence_store.read(row).data == picture


def test_row_tells_what_was_sent(stored, regula_tenant, specimen):
    row = stored(regula_tenant).evidence.get()

    picture = specimen(PASSPORT)
    facts = inspect_image(picture)
    assert (row.sha256, row.size_bytes) == (hashlib.sha256(picture).hexdigest(), len(picture))
    assert (row.role, row.mime_type) == ("front", "image/jpeg")
    assert (row.width, row.height) == (facts.width, facts.height)
    assert row.purge_at is None


def altered(row, other, tmp_path):
    path = path_of(row, tmp_path)
    sealed = bytearray(path.read_bytes())
    sealed[-1] ^= 1
    path.write_bytes(sealed)


def cut_off(row, other, tmp_path):
    path = path_of(row, tmp_path)
    path.write_bytes(path.read_bytes()[:20])


def anothers(row, other, tmp_path):
    path_of(row, tmp_path).write_bytes(path_of(other, tmp_path).read_bytes())


def missing(row, other, tmp_path):
    path_of(row, tmp_path).unlink()


@pytest.mark.parametrize("harm", [altered, cut_off, anothers, missing])
def test_harmed_file_is_a_failure_of_its_own(stored, regula_tenant, tmp_path, sandbox, harm):
    verification, other = stored(regula_tenant), stored(regula_tenant)
    row = verification.evidence.get()
    harm(row, other.evidence.get(), tmp_path)

    with pytest.raises(evidence_store.EvidenceUnreadable):
        evidence_store.read(row)
    workflow.run(verification.session.pk, has_caller=True)

    verification.refresh_from_db()
    assert (verification.status, verification.decision) == ("failed", None)
    assert verification.error["code"] == "evidence_unreadable"
    assert verification.error["retryable"] is False
    assert "pictures" in verification.error["suggestedAction"]
    assert not verification.session.provider_calls.exists()
    assert sandbox.bills() == []


def test_file_replaced_with_a_newer_key_since_the_row_was_read(
    stored, regula_tenant, settings, specimen
):
    verification = stored(regula_tenant)
    row = verification.evidence.get()
    settings.FIELD_ENCRYPTION_KEYS = [b"k" * 32, *settings.FIELD_ENCRYPTION_KEYS]

    assert evidence_store.reseal(verification.evidence.get())

    assert evidence_store.read(row).data == specimen(PASSPORT)


def test_new_key_for_a_picture_that_is_gone(stored, regula_tenant, settings, tmp_path):
    row, other = stored(regula_tenant).evidence.get(), stored(regula_tenant).evidence.get()
    missing(row, other, tmp_path)
    settings.FIELD_ENCRYPTION_KEYS = [b"k" * 32, *settings.FIELD_ENCRYPTION_KEYS]

    assert [evidence_store.reseal(one) for one in (row, other)] == [False, True]


def test_new_key_for_a_picture_purged_meanwhile(stored, regula_tenant, settings, evidence_files):
    row = stored(regula_tenant).evidence.get()
    before = evidence_files()
    Evidence.objects.all().delete()
    settings.FIELD_ENCRYPTION_KEYS = [b"k" * 32, *settings.FIELD_ENCRYPTION_KEYS]

    assert not evidence_store.reseal(row)
    assert evidence_files() == before


def test_storage_that_fails_is_tried_again(stored, regula_tenant, tmp_path):
    verification = stored(regula_tenant)
    path = path_of(verification.evidence.get(), tmp_path)
    sealed = path.read_bytes()
    path.unlink()
    path.mkdir()

    workflow.run(verification.session.pk)

    verification.refresh_from_db()
    assert verification.status == "in_progress"
    path.rmdir()
    path.write_bytes(sealed)
    Session.objects.update(next_attempt_at=now())
    workflow.run(verification.session.pk)
    verification.refresh_from_db()
    assert (verification.status, verification.decision) == ("completed", "approved")


def test_storage_that_fails_holds_up_no_wake_up_call(stored, regula_tenant, monkeypatch):
    stored(regula_tenant)
    Evidence.objects.update(purge_at=now())
    OrmQ.objects.all().delete()

    def fail(*args):
        raise OSError("Input/output error")

    monkeypatch.setattr(FileSystemStorage, "delete", fail)
    with pytest.raises(OSError, match="Input/output error"):
        tasks.sweep()

    assert OrmQ.objects.count() == 1


def test_disk_that_fills_up_leaves_nothing(
    new_request, regula_tenant, two_pictures, evidence_files, monkeypatch
):
    save = FileSystemStorage.save

    def full(self, name, content, **more):
        if evidence_files():
            raise OSError("No space left on device")
        return save(self, name, content, **more)

    monkeypatch.setattr(FileSystemStorage, "save", full)

    with pytest.raises(OSError, match="No space left"):
        evidence_store.write(Verification(), two_pictures)

    assert evidence_files() == []


def test_purged_after_retention(stored, regula_tenant, evidence_files, settings):
    settings.EVIDENCE_RETENTION_DAYS = 30
    over = stored(regula_tenant)
    Evidence.objects.update(purge_at=now() - timedelta(days=1))
    kept = stored(regula_tenant)

    tasks.sweep()

    assert list(Evidence.objects.all()) == [kept.evidence.get()]
    assert [path.name for path in evidence_files()] == [f"{kept.evidence.get().pk}.sealed"]
    assert Verification.objects.filter(pk=over.pk).exists()


def test_retention_counts_from_the_upload(stored, regula_tenant, settings):
    settings.EVIDENCE_RETENTION_DAYS = 30
    before = now()

    row = stored(regula_tenant).evidence.get()

    assert timedelta(days=30) <= row.purge_at - before < timedelta(days=30, minutes=1)


def two_hours_ago(path):
    moment = (now() - timedelta(hours=2)).timestamp()
    os.utime(path, (moment, moment))


def test_file_that_a_crash_left_without_a_row_is_removed(
    stored, regula_tenant, evidence_files, two_pictures
):
    stored(regula_tenant)
    [kept] = evidence_files()
    evidence_store.write(Verification(), two_pictures)
    left_behind = set(evidence_files()) - {kept}
    for path in evidence_files():
        two_hours_ago(path)

    tasks.purge_orphans()

    assert len(left_behind) == 2
    assert evidence_files() == [kept]


def test_fresh_file_may_still_get_its_row(evidence_files, two_pictures):
    evidence_store.write(Verification(), two_pictures)

    assert evidence_store.purge_orphans() == 0
    assert len(evidence_files()) == 2


def test_file_replaced_with_a_newer_key_is_an_orphan(stored, regula_tenant, evidence_files):
    row = stored(regula_tenant).evidence.get()
    [path] = evidence_files()
    old = path.with_name(f"{row.pk}_a1b2c3d.sealed")
    old.write_bytes(path.read_bytes())
    two_hours_ago(path)
    two_hours_ago(old)

    assert evidence_store.purge_orphans() == 1
    assert evidence_files() == [path]


@pytest.fixture
def changed_key_half(stored, regula_tenant, settings, monkeypatch, evidence_files):
    """An old picture whose file was being sealed anew when the process died, at either point."""

    def crash_at(name):
        with time_machine.travel(now() - timedelta(days=40)):
            verification = stored(regula_tenant)
        settings.FIELD_ENCRYPTION_KEYS = [b"k" * 32, *settings.FIELD_ENCRYPTION_KEYS]
        owner = {"update": QuerySet, "delete": FileSystemStorage}[name]
        with monkeypatch.context() as dying:
            dying.setattr(owner, name, Mock(side_effect=KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                evidence_store.reseal(verification.evidence.get())
        assert len(evidence_files()) == 2
        for path in evidence_files():
            two_hours_ago(path)
        return verification.evidence.get()

    return crash_at


@pytest.mark.parametrize("last_act", ["update", "delete"])
def test_older_day_is_looked_at_within_a_week(changed_key_half, evidence_files, last_act, tmp_path):
    row = changed_key_half(last_act)

    purged = []
    for hours in range(7 * 24):
        with time_machine.travel(now() + timedelta(hours=hours), tick=False):
            purged.append(evidence_store.purge_orphans())

    assert sorted(purged) == [0] * (7 * 24 - 1) + [1]
    assert evidence_files() == [path_of(row, tmp_path)]


def test_no_file_at_all(evidence_files):
    assert evidence_store.purge_orphans() == 0
