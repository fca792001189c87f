"""Readings that change nothing: lists not to be trusted, failures, and two at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now
from structlog.testing import capture_logs

from providers.errors import ProviderFailed
from templates_sync import services
from templates_sync.errors import SyncFailed, SyncInProgress
from templates_sync.models import (
    ProviderTemplate,
    SyncStatus,
    TemplateSync,
)
from templates_sync.services import LEASE, sync_account
from tests.templates_sync.support import counts, page, rows, template

pytestmark = pytest.mark.django_db


class TestListsThatCannotBeTrusted:
    @pytest.fixture
    def held(self, account, vendor):
        vendor.lists(template("7"), template("8"))
        sync_account(account)
        return account

    @pytest.fixture
    def refused(self, held, vendor):
        """The code with which the pages are refused; nothing may have changed."""

        def sync(*pages):
            before = rows()
            vendor.pages = list(pages)
            with pytest.raises(SyncFailed) as failure:
                sync_account(held)
            assert rows() == before
            newest = TemplateSync.objects.first()
            assert (newest.status, newest.error_code) == (SyncStatus.FAILED, failure.value.code)
            assert newest.error_message == failure.value.message
            assert newest.counts == {}
            return failure.value.code

        return sync

    def test_bare_empty_list(self, refused):
        assert refused(page(1, is_last=True)) == "list_empty"

    def test_empty_list_with_a_total_that_says_otherwise(self, refused):
        assert refused(page(1, is_last=True, total=2)) == "list_unstable"

    def test_empty_list_with_total_0_is_believed(self, held, vendor):
        vendor.pages = [page(1, is_last=True, total=0)]

        assert sync_account(held).templates == counts(withdrawn=2)
        assert rows() == {"7": ("T7", 1, False), "8": ("T8", 1, False)}

    def test_empty_list_of_an_account_that_had_none(self, account, vendor):
        vendor.lists(plans=())

        assert sync_account(account).templates == counts()

    def test_outage_after_two_pages(self, refused):
        pages = page(1, template("7"), total=9), page(2, template("9"), total=9)
        assert refused(*pages, ProviderFailed("down")) == "provider_failed"

    def test_fewer_than_the_vendor_says(self, refused, vendor):
        assert refused(page(1, template("7"), total=2), page(2, is_last=True, total=2)) == (
            "list_unstable"
        )
        assert vendor.readings == 1 + 3

    def test_entries_without_id_or_doubled_are_not_missing(self, held, vendor):
        vendor.pages = [page(1, template("7"), is_last=True, total=3, left_out=2)]

        assert sync_account(held).templates == counts(withdrawn=1, unchanged=1)

    def test_a_total_that_moves_is_read_again(self, held, vendor):
        moved = [page(1, template("7"), total=2), page(2, template("8"), is_last=True, total=3)]
        steady = [page(1, template("7"), template("9"), is_last=True, total=2)]
        vendor.readings = 0
        vendor.answers = [moved, steady]

        assert sync_account(held).templates == counts(added=1, withdrawn=1, unchanged=1)
        assert vendor.readings == 2

    def test_a_total_that_never_stands_still(self, refused):
        pages = page(1, template("7"), total=2), page(2, template("8"), is_last=True, total=3)
        assert refused(*pages) == "list_unstable"

    def test_our_own_crash(self, refused, caplog):
        assert refused(ZeroDivisionError("secret 4711")) == "internal_error"
        assert "4711" not in TemplateSync.objects.first().error_message


class TestFailures:
    def test_backoff_grows_and_a_success_ends_it(self, account, vendor, settings):
        minutes = []
        for attempt in range(1, 7):
            vendor.pages = [ProviderFailed("down")]
            with pytest.raises(SyncFailed):
                sync_account(account)
            sync = TemplateSync.objects.first()
            assert sync.attempt == attempt
            minutes.append((sync.next_attempt_at - sync.finished_at).total_seconds() / 60)
        assert minutes == [1, 5, 30, 60, 60, 60]

        settings.TEMPLATE_SYNC_HOURS = 6
        vendor.lists(template("7"))
        sync_account(account)

        sync = TemplateSync.objects.first()
        assert sync.attempt == 7
        assert sync.next_attempt_at - sync.finished_at == timedelta(hours=6)
        sync_account(account)
        assert TemplateSync.objects.first().attempt == 1

    def test_unreadable_credentials(self, account, settings):
        settings.FIELD_ENCRYPTION_KEYS = [b"another key that is 32 bytes lon"]
        account.refresh_from_db()

        with pytest.raises(SyncFailed, match="FIELD_ENCRYPTION_KEYS"):
            sync_account(account)
        assert TemplateSync.objects.get().error_code == "credentials_unreadable"

    def test_settings_that_no_longer_fit(self, account):
        account.config = {}
        account.save()

        with pytest.raises(SyncFailed):
            sync_account(account)
        assert TemplateSync.objects.get().error_code == "account_misconfigured"

    def test_a_provider_without_templates(self, regula_tenant):
        account = regula_tenant.provider_configs.get().provider_account
        with pytest.raises(SyncFailed) as failure:
            sync_account(account)
        assert failure.value.code == "templates_not_supported"
        assert not TemplateSync.objects.exists()

    def test_interrupted_by_the_operator(self, account, vendor):
        vendor.pages = [KeyboardInterrupt()]
        with pytest.raises(KeyboardInterrupt):
            sync_account(account)

        assert TemplateSync.objects.get().error_code == "interrupted"
        vendor.lists(template("7"))
        sync_account(account)  # at once: the lease is free


class TestOneAtATime:
    def test_a_running_sync_keeps_others_out(self, account, vendor):
        vendor.lists(template("7"))
        services._begin(account)

        with pytest.raises(SyncInProgress):
            sync_account(account)
        assert TemplateSync.objects.get().status == SyncStatus.RUNNING
        assert not ProviderTemplate.objects.exists()

    def test_a_dead_one_is_taken_over(self, account, vendor):
        vendor.lists(template("7"))
        dead = services._begin(account)
        assert dead.next_attempt_at - dead.started_at == LEASE
        TemplateSync.objects.update(next_attempt_at=now() - timedelta(seconds=1))

        sync_account(account)

        dead.refresh_from_db()
        assert (dead.status, dead.error_code) == (SyncStatus.FAILED, "interrupted")
        newest = TemplateSync.objects.first()
        assert (newest.status, newest.attempt) == (SyncStatus.SUCCEEDED, 2)

    def test_one_that_was_taken_over_writes_nothing(self, account, vendor):
        """It comes back after its lease, when another process has synced already."""
        late = [page(1, template("7", "Late"), is_last=True)]

        def overtaken(adapter):
            TemplateSync.objects.update(next_attempt_at=now() - timedelta(seconds=1))
            vendor.lists(template("7", "Fresh"))
            sync_account(account)
            yield from late

        vendor.answers = [overtaken]
        with pytest.raises(SyncFailed) as failure:
            sync_account(account)

        assert failure.value.code == "interrupted"
        assert rows() == {"7": ("Fresh", 1, True)}
        newest, overtaken_one = TemplateSync.objects.all()
        assert newest.status == SyncStatus.SUCCEEDED
        assert (overtaken_one.status, overtaken_one.error_code) == (
            SyncStatus.FAILED,
            "interrupted",
        )


def test_a_failure_and_a_success_are_logged(account, vendor):
    with capture_logs() as lines:
        vendor.pages = [ProviderFailed("down")]
        with pytest.raises(SyncFailed):
            sync_account(account)
        vendor.lists(template("7"))
        sync_account(account)

    failed, good = (line for line in lines if line["event"].startswith("template"))
    assert failed == {
        "event": "template_sync_failed",
        "log_level": "warning",
        "provider": "idmeta",
        "provider_account_id": str(account.pk),
        "code": "provider_failed",
        "attempt": 1,
    }
    assert (good["event"], good["log_level"], good["count"]) == ("templates_synced", "info", 1)
