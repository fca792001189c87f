"""One reading of an account: what it writes, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import now

from providers.errors import ProviderFailed
from providers.types import VendorPlan, VendorTemplatePage
from templates_sync import services
from templates_sync.errors import SyncFailed, SyncInProgress
from templates_sync.models import (
    ProviderPlan,
    ProviderTemplate,
    ProviderTemplateVersion,
    SyncStatus,
    TemplateSync,
)
from templates_sync.services import LEASE, preview_account, sync_account
from tests.templates_sync.support import DOCUMENT, PLANS, template

pytestmark = pytest.mark.django_db


def counts(added=0, changed=0, withdrawn=0, unchanged=0):
    return {"added": added, "changed": changed, "withdrawn": withdrawn, "unchanged": unchanged}


def rows():
    return {
        row.external_template_id: (row.name, row.version, row.is_active)
        for row in ProviderTemplate.objects.all()
    }


def history(external_id):
    versions = ProviderTemplateVersion.objects.filter(template__external_template_id=external_id)
    return [(row.version, row.name) for row in versions.order_by("version")]


def page(number, *templates, is_last=False, total=None, left_out=0):
    return VendorTemplatePage(templates, PLANS, number, is_last, total, left_out)


class TestWhatIsWritten:
    def test_first_sync(self, account, vendor):
        vendor.lists(template("7", "Passport", "166", "162", "999"))

        report = sync_account(account)

        assert report.templates == counts(added=1)
        assert report.plans == counts(added=2)
        found = ProviderTemplate.objects.get()
        assert found.provider_account == account
        assert (found.external_template_id, found.name, found.version) == ("7", "Passport", 1)
        assert found.steps == [
            {
                "order": 1,
                "planCode": "document_verification",
                "planId": "166",
                "name": "Document Verification",
            },
            {
                "order": 2,
                "planCode": "biometrics_verification",
                "planId": "162",
                "name": "Biometrics Verification",
            },
            {"order": 3, "planCode": None, "planId": "999", "name": "Plan 999"},
        ]
        plan = ProviderPlan.objects.get(plan_code="document_verification")
        assert (plan.external_plan_id, plan.category) == ("166", "document")
        assert plan.pricing == {"amount": "0.50"}
        sync = TemplateSync.objects.get()
        assert (sync.status, sync.attempt) == (SyncStatus.SUCCEEDED, 1)
        assert sync.counts == {"templates": counts(added=1), "plans": counts(added=2)}
        assert found.last_synced_at == plan.last_synced_at == sync.started_at
        assert history("7") == [(1, "Passport")]

    def test_unchanged_is_only_stamped(self, account, vendor):
        vendor.lists(template("7"))
        sync_account(account)
        before = ProviderTemplate.objects.get()

        report = sync_account(account)

        after = ProviderTemplate.objects.get()
        assert report.templates == counts(unchanged=1)
        assert report.plans == counts(unchanged=2)
        assert (after.pk, after.version, after.updated_at) == (before.pk, 1, before.updated_at)
        assert after.last_synced_at > before.last_synced_at
        assert history("7") == [(1, "T7")]

    def test_changed_keeps_its_id_and_its_history(self, account, vendor):
        vendor.lists(template("7", "Old"))
        sync_account(account)
        before = ProviderTemplate.objects.get()
        vendor.lists(template("7", "New", "166", "162"))

        assert sync_account(account).templates == counts(changed=1)

        after = ProviderTemplate.objects.get()
        assert (after.pk, after.created_at) == (before.pk, before.created_at)
        assert rows() == {"7": ("New", 2, True)}
        assert [step["planId"] for step in after.steps] == ["166", "162"]
        assert history("7") == [(1, "Old"), (2, "New")]
        old, new = after.versions.order_by("version")
        assert old.valid_from < new.valid_from == after.last_synced_at
        assert [step["planId"] for step in old.steps] == ["166"]

    def test_withdrawn_stays_and_comes_back_as_it_was(self, account, vendor):
        vendor.lists(template("7"), template("8"))
        sync_account(account)
        read_at = ProviderTemplate.objects.get(external_template_id="7").last_synced_at

        vendor.lists(template("8"), plans=[DOCUMENT])
        report = sync_account(account)

        assert report.templates == counts(withdrawn=1, unchanged=1)
        assert report.plans == counts(withdrawn=1, unchanged=1)
        assert rows() == {"7": ("T7", 1, False), "8": ("T8", 1, True)}
        assert ProviderTemplate.objects.get(external_template_id="7").last_synced_at == read_at
        assert not ProviderPlan.objects.get(plan_code="biometrics_verification").is_active

        vendor.lists(template("7"), template("8"))
        report = sync_account(account)

        assert report.templates == report.plans == counts(added=1, unchanged=1)
        assert rows() == {"7": ("T7", 1, True), "8": ("T8", 1, True)}
        assert history("7") == [(1, "T7")]

    def test_back_and_changed_is_a_new_version(self, account, vendor):
        for listed in (template("7"), template("8"), template("7", "Other")):
            vendor.lists(listed)
            sync_account(account)

        assert rows() == {"7": ("Other", 2, True), "8": ("T8", 1, False)}
        assert history("7") == [(1, "T7"), (2, "Other")]

    def test_a_plan_named_later_gives_the_step_its_code(self, account, vendor):
        vendor.lists(template("7"), plans=[])
        sync_account(account)
        assert ProviderTemplate.objects.get().steps[0]["planCode"] is None

        vendor.lists(template("7"))
        assert sync_account(account).templates == counts(changed=1)
        assert ProviderTemplate.objects.get().steps[0]["planCode"] == "document_verification"

    def test_no_catalogue_withdraws_no_plan(self, account, vendor):
        vendor.lists(template("7"))
        sync_account(account)
        vendor.lists(template("7"), plans=[])

        report = sync_account(account)

        assert report.templates == counts(unchanged=1)
        assert report.plans == counts(unchanged=2)
        assert ProviderPlan.objects.filter(is_active=True).count() == 2

    def test_what_a_column_cannot_hold(self, account, vendor):
        vendor.lists(
            template("1" * 256),
            template("a\x00b"),
            template("7", "N\x00ul " + "x" * 300),
            plans=[VendorPlan("166", "aml", "D\x00oc"), VendorPlan("1", "c" * 101, "Long")],
        )

        sync_account(account)

        assert list(rows()) == ["7"]
        assert ProviderTemplate.objects.get().name == ("Nul " + "x" * 300)[:255]
        assert ProviderPlan.objects.get().plan_name == "Doc"


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


class TestPreview:
    def test_tells_and_writes_nothing(self, account, vendor):
        vendor.lists(template("7"))
        sync_account(account)
        vendor.lists(template("7", "New"), template("8"))

        report = preview_account(account)

        assert report.templates == counts(added=1, changed=1)
        assert rows() == {"7": ("T7", 1, True)}
        assert TemplateSync.objects.count() == 1

    def test_failure(self, account, vendor):
        vendor.pages = [ProviderFailed("down")]
        with pytest.raises(SyncFailed):
            preview_account(account)
        assert not TemplateSync.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_never_within_a_transaction(account, vendor):
    vendor.lists(template("7"))
    with transaction.atomic(), pytest.raises(RuntimeError):
        sync_account(account)
    assert vendor.readings == 0
