"""One reading of an account: what it writes, and what it leaves alone."""

from __future__ import annotations

import pytest
from django.db import transaction

from providers.errors import ProviderFailed
from providers.types import VendorPlan
from templates_sync.errors import SyncFailed
from templates_sync.models import (
    ProviderPlan,
    ProviderTemplate,
    ProviderTemplateVersion,
    SyncStatus,
    TemplateSync,
)
from templates_sync.services import preview_account, sync_account
from tests.templates_sync.support import DOCUMENT, counts, rows, template

pytestmark = pytest.mark.django_db


def history(external_id):
    versions = ProviderTemplateVersion.objects.filter(template__external_template_id=external_id)
    return [(row.version, row.name) for row in versions.order_by("version")]


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
