"""The ledger's prices are those that the vendor's bill will hold."""

from __future__ import annotations

from decimal import Decimal

import pytest

from providers.models import ProviderAccount
from templates_sync.models import ProviderPlan
from templates_sync.services import sync_account
from tests.conftest import idmeta_tenant_of
from tests.flows.support import verify
from tests.verifications_support import PASSPORT, SELFIE, data_url, document_request
from verifications.models import ProviderCall

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(sandbox, client_of, specimen):
    tenant = idmeta_tenant_of(sandbox, default_template_id="456")
    sync_account(ProviderAccount.objects.get())
    client = client_of(tenant)
    images = {"selfie": data_url(specimen(SELFIE))}
    request = document_request(specimen(PASSPORT), images=images)
    return lambda: verify(client, {**request, "verificationType": "comprehensive"})


def prices():
    steps = ProviderCall.objects.filter(operation="step").order_by("id")
    return list(steps.values_list("plan_code", "price_amount"))


def test_ledger_costs_what_the_vendor_bills(run, sandbox):
    run()

    bills = [(bill["kind"], Decimal(bill["amount"])) for bill in sandbox.bills()]
    assert prices() == bills
    assert len(bills) == 3
    assert not ProviderCall.objects.exclude(operation="step").exclude(price_amount=None).exists()


@pytest.mark.parametrize(
    "pricing", [{}, {"amount": "ask us"}, {"amount": "NaN"}, {"amount": "-1"}, {"amount": "1e30"}]
)
def test_what_is_no_price_is_no_cost(run, pricing):
    ProviderPlan.objects.update(pricing=pricing)

    run()

    assert [price for _, price in prices()] == [None] * 3
