"""Which accounts the schedule picks, and what it does about failures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from providers.errors import ProviderFailed
from providers.models import Provider, ProviderAccount
from templates_sync import selectors, services, tasks
from templates_sync.models import ProviderTemplate, TemplateSync
from tenants.models import TenantProviderConfig
from tests.templates_sync.support import template

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(account, second_tenant, regula_tenant, vendor):
    """Two that have templates, and one whose provider has none."""
    vendor.lists(template("7"))
    return [account, second_tenant.provider_configs.get().provider_account]


def synced_accounts():
    return list(TemplateSync.objects.order_by("id").values_list("provider_account", flat=True))


def make_due():
    TemplateSync.objects.update(next_attempt_at=now() - timedelta(seconds=1))


def test_every_account_that_was_never_read(accounts):
    tasks.sync_due()

    assert synced_accounts() == [account.pk for account in accounts]
    assert ProviderTemplate.objects.count() == 2


def test_nobody_before_his_time(accounts):
    tasks.sync_due()
    tasks.sync_due()

    assert len(synced_accounts()) == 2


def test_the_one_that_waited_longest_comes_first(accounts):
    tasks.sync_due()
    make_due()
    earlier = now() - timedelta(hours=1)
    TemplateSync.objects.filter(provider_account=accounts[1]).update(next_attempt_at=earlier)

    assert selectors.next_due_account() == accounts[1]
    tasks.sync_due()
    assert synced_accounts()[2:] == [accounts[1].pk, accounts[0].pk]


def test_a_failure_keeps_nobody_else_waiting(accounts, vendor):
    vendor.answers = [[ProviderFailed("down")]]

    tasks.sync_due()

    failed, good = TemplateSync.objects.order_by("id")
    assert (failed.provider_account, failed.status) == (accounts[0], "failed")
    assert (good.provider_account, good.status) == (accounts[1], "succeeded")
    make_due()
    tasks.sync_due()
    assert [sync.status for sync in TemplateSync.objects.all()[:2]] == ["succeeded"] * 2


@pytest.mark.parametrize(
    "stop",
    [
        lambda: TenantProviderConfig.objects.update(is_enabled=False),
        lambda: Provider.objects.update(is_active=False),
        lambda: TenantProviderConfig.objects.all().delete(),
    ],
)
def test_accounts_that_nobody_uses(accounts, stop):
    stop()
    tasks.sync_due()
    assert synced_accounts() == []
    assert ProviderAccount.objects.count() == 3


def test_one_process_at_a_time(accounts):
    running = services._begin(accounts[0])
    tasks.sync_due()
    assert synced_accounts() == [accounts[0].pk]

    make_due()  # its process has died
    tasks.sync_due()
    running.refresh_from_db()
    assert running.error_code == "interrupted"
    assert set(synced_accounts()) == {account.pk for account in accounts}
