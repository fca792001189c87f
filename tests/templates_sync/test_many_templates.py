"""What a sync costs as the list grows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers.sandbox.idmeta.accounts import DEMO
from templates_sync.models import ProviderPlan, ProviderTemplate, ProviderTemplateVersion
from templates_sync.services import sync_account
from tests.templates_sync.support import template

pytestmark = pytest.mark.django_db


def listed(count, name="T"):
    return [template(str(number), f"{name}{number}", "166", "162") for number in range(count)]


def statements_of(account):
    with CaptureQueriesContext(connection) as captured:
        report = sync_account(account)
    return len(captured), report.templates


@pytest.mark.parametrize("what", ["added", "unchanged", "changed", "withdrawn"])
def test_as_many_statements_for_1000_as_for_10(account, vendor, what):
    first, second = {
        "added": (lambda count: [], listed),
        "unchanged": (listed, listed),
        "changed": (listed, lambda count: listed(count, "Other ")),
        "withdrawn": (listed, lambda count: [template("other")]),
    }[what]
    needed = []
    for count in (10, 1000):
        ProviderTemplate.objects.all().delete()
        ProviderPlan.objects.all().delete()
        vendor.lists(*first(count))
        sync_account(account)
        vendor.lists(*second(count))
        statements, counts = statements_of(account)
        assert counts[what] == count
        needed.append(statements)

    assert needed[0] == needed[1] < 30


def test_2000_over_http(account, sandbox):
    """`make bench` does it with 10,000."""
    sandbox.settings(templates=2_000)
    pages = []

    report = sync_account(account, lambda done, total: pages.append(done))

    assert report.templates["added"] == 2_000
    assert pages == list(range(100, 2_001, 100))
    assert ProviderTemplate.objects.filter(is_active=True).count() == 2_000
    assert ProviderTemplateVersion.objects.count() == 2_000

    sandbox.settings(templates=0)
    assert sync_account(account).templates["withdrawn"] == 2_000 - len(DEMO.templates)
