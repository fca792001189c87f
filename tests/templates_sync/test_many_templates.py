"""What a sync costs as the list grows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers.sandbox.idmeta.accounts import DEMO
from providers.types import VendorPlan
from templates_sync.models import ProviderPlan, ProviderTemplate, ProviderTemplateVersion
from templates_sync.services import sync_account
from tests.templates_sync.support import template

pytestmark = pytest.mark.django_db


@pytest.fixture
def statements(account, vendor):
    """By what happens to so many templates and plans at once, how many statements a sync takes."""

    def list_many(count, name):
        numbers = [str(number) for number in range(count)]
        vendor.lists(
            template("kept", "Kept", "kept"),
            *(template(number, f"{name}{number}", number) for number in numbers),
            plans=[
                VendorPlan("kept", "kept", "Kept"),
                *(VendorPlan(number, f"plan_{number}", f"{name}{number}") for number in numbers),
            ],
        )

    def sync():
        with CaptureQueriesContext(connection) as captured:
            report = sync_account(account)
        return len(captured), [report.templates, report.plans]

    def measure(count):
        ProviderTemplate.objects.all().delete()
        ProviderPlan.objects.all().delete()
        list_many(0, "")
        sync()
        needed = {}
        for what, listed, name in [
            ("added", count, "First "),
            ("unchanged", count, "First "),
            ("changed", count, "Other "),
            ("withdrawn", 0, ""),
        ]:
            list_many(listed, name)
            needed[what], counts = sync()
            assert [of[what] for of in counts] == [count + (what == "unchanged")] * 2
        assert ProviderTemplateVersion.objects.count() == 2 * count + 1
        return needed

    return measure


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.crash)])
def test_as_many_statements_for_many_as_for_10(statements, count):
    few = statements(10)

    assert max(few.values()) < 25
    assert statements(count) == few


def test_1000_over_http(account, sandbox):
    """`make bench` does it with 10,000."""
    sandbox.settings(templates=1_000)
    pages = []

    report = sync_account(account, lambda done, total: pages.append(done))

    assert report.templates["added"] == 1_000
    assert pages == list(range(100, 1_001, 100))
    assert ProviderTemplate.objects.filter(is_active=True).count() == 1_000
    assert ProviderTemplateVersion.objects.count() == 1_000

    sandbox.settings(templates=0)
    assert sync_account(account).templates["withdrawn"] == 1_000 - len(DEMO.templates)
