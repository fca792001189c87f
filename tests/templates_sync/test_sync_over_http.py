"""Syncs of the sandbox, which pages its lists as the vendor does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from providers.sandbox.idmeta.accounts import ACCOUNTS, DEMO, PLANS, SECOND, Template
from templates_sync.errors import SyncFailed
from templates_sync.models import ProviderPlan, ProviderTemplate, TemplateSync
from templates_sync.services import sync_account
from tests.conftest import idmeta_tenant_of

pytestmark = pytest.mark.django_db

LIST = "/company/get-templates"
OWN = len(DEMO.templates)


@pytest.fixture
def vendor_has(monkeypatch):
    """Replace the demo account's templates at the vendor."""
    return lambda *templates: monkeypatch.setitem(
        ACCOUNTS, DEMO.token, replace(DEMO, templates=templates)
    )


def active(account):
    rows = ProviderTemplate.objects.filter(provider_account=account, is_active=True)
    return dict(rows.values_list("external_template_id", "name"))


def pages_asked(sandbox):
    return sum(LIST in request["path"] for request in sandbox.requests())


def test_every_page_and_the_plan_catalogue(account, sandbox):
    sandbox.settings(templates=250)
    seen = []

    report = sync_account(account, lambda done, total: seen.append((done, total)))

    assert report.templates == {"added": 250, "changed": 0, "withdrawn": 0, "unchanged": 0}
    assert report.plans["added"] == len(PLANS)
    assert seen == [(100, 250), (200, 250), (250, 250)]
    assert pages_asked(sandbox) == 3
    assert len(active(account)) == 250
    full = ProviderTemplate.objects.get(external_template_id="966")
    assert [step["name"] for step in full.steps] == [
        "Document Verification",
        "Biometrics Verification",
        "Biometrics Face Compare",
        "AML",
    ]
    assert full.metadata == {"workflowId": "SbxWorkflow0000000000966"}
    nbi = ProviderPlan.objects.get(plan_code="philippines_nbi_clearance")
    assert (nbi.plan_name, nbi.pricing["amount"]) == ("Philippines NBI Clearance", "0.25")


def test_renamed_vanished_and_new(account, vendor_has):
    vendor_has(Template(1, "One", (166,)), Template(2, "Two", (166,)), Template(3, "3", (166,)))
    sync_account(account)
    vendor_has(
        Template(4, "Four", (166,)), Template(1, "First", (166,)), Template(2, "Two", (166,))
    )

    report = sync_account(account)

    assert report.templates == {"added": 1, "changed": 1, "withdrawn": 1, "unchanged": 1}
    assert active(account) == {"1": "First", "2": "Two", "4": "Four"}


def test_the_same_template_twice(account, vendor_has):
    twice = Template(1, "One", (166,))
    vendor_has(twice, twice, Template(2, "Two", (166,)))

    assert sync_account(account).templates["added"] == 2
    assert active(account) == {"1": "One", "2": "Two"}


def test_a_template_added_while_pages_are_read(account, sandbox, vendor_has):
    """It pushes another one onto a page that was read already; the list is read again."""
    sandbox.settings(templates=150)

    def add_one(done, total):
        if done == 100 and pages_asked(sandbox) == 1:
            sandbox.settings(templates=151)
            vendor_has(Template(2000, "New", (166,)), *DEMO.templates)

    assert sync_account(account, add_one).templates["added"] == 151
    assert pages_asked(sandbox) == 4
    assert active(account)["2000"] == "New"


@pytest.mark.parametrize(
    ("fault", "tries", "code"),
    [
        ("503", 3, "provider_failed"),
        ("reset_after", 3, "provider_outcome_unknown"),
        ("truncated", 1, "provider_answer_unreadable"),
        ("401", 1, "provider_credentials"),
    ],
)
def test_an_outage_on_page_3_changes_nothing(account, sandbox, vendor_has, fault, tries, code):
    sandbox.settings(templates=350)
    sync_account(account)
    before = active(account)
    sandbox.settings(templates=360)
    vendor_has(Template(306, "Renamed", (166,)), *DEMO.templates[:-1])
    sandbox.fault(LIST, "passed", times=2)
    sandbox.fault(LIST, fault, times=tries)

    with pytest.raises(SyncFailed) as failure:
        sync_account(account)

    assert failure.value.code == code
    assert active(account) == before
    failed, good = TemplateSync.objects.all()
    assert (failed.status, failed.error_code, failed.attempt) == ("failed", code, 1)
    assert (failed.next_attempt_at - failed.finished_at).total_seconds() == 60
    assert good.status == "succeeded"
    assert sync_account(account).templates["added"] == 10
    assert active(account)["306"] == "Renamed"


def test_accounts_have_copies_of_their_own(account, second_tenant):
    other = second_tenant.provider_configs.get().provider_account
    sync_account(account)
    sync_account(other)

    assert len(active(account)) == OWN
    assert active(other) == {str(template.id): template.name for template in SECOND.templates}
    assert ProviderPlan.objects.filter(provider_account=other).count() == len(PLANS)

    sync_account(other)
    assert len(active(account)) == OWN


def test_tenants_with_the_same_account_share_its_copy(account, sandbox):
    partner = idmeta_tenant_of(sandbox, name="Partner")

    assert partner.provider_configs.get().provider_account == account
