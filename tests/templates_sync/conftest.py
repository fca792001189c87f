"""Accounts of the sandbox, a copy of the first, and a vendor whose list a test writes itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.core.cache import cache as django_cache

from providers import services as provider_services
from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.models import ProviderAccount
from providers.sandbox.idmeta.accounts import DEMO, SECOND
from providers.types import VendorPlan, VendorTemplate, VendorTemplatePage
from templates_sync import cache
from templates_sync.services import sync_account
from tenants.services import save_tenant

DOCUMENT = VendorPlan("166", "document_verification", "Document Verification", {"amount": "0.50"})
LIVENESS = VendorPlan("162", "biometrics_verification", "Biometrics Verification")
PLANS = (DOCUMENT, LIVENESS)


@pytest.fixture(autouse=True)
def _fresh_cache(tmp_path, monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(cache, "STAMPS", tmp_path / "generations")
    django_cache.clear()
    yield
    django_cache.clear()


@pytest.fixture
def account(idmeta_tenant) -> ProviderAccount:
    """The demo tenant's account at the sandbox; never synced."""
    return idmeta_tenant.provider_configs.get().provider_account


@pytest.fixture
def synced(account) -> ProviderAccount:
    sync_account(account)
    return account


@pytest.fixture
def second_tenant(db, sandbox):
    """A tenant with credentials of its own."""
    return save_tenant(
        name="Other wallet",
        provider="idmeta",
        config=sandbox.idmeta,
        credentials={"api_token": SECOND.token},
    )


class Vendor:
    """What the vendor lists. pages: set by `lists` and `lists_pages`; an exception is raised."""

    def __init__(self) -> None:
        self.pages: list[VendorTemplatePage | Exception] = []

    def lists(
        self,
        *templates: VendorTemplate,
        plans: Sequence[VendorPlan] = PLANS,
        total: int | None = None,
    ) -> None:
        self.pages = [VendorTemplatePage(templates, tuple(plans), 1, True, total)]

    def read(self, adapter: IdmetaAdapter) -> Iterator[VendorTemplatePage]:
        for page in self.pages:
            if isinstance(page, Exception):
                raise page
            yield page


@pytest.fixture
def vendor(monkeypatch) -> Vendor:
    """Takes the place of the vendor's HTTP API, for lists the sandbox does not have."""
    vendor = Vendor()
    monkeypatch.setattr(IdmetaAdapter, "template_pages", vendor.read)
    provider_services.forget_adapters()
    return vendor


def template(external_id: str, name: str = "", *plan_ids: str) -> VendorTemplate:
    return VendorTemplate(external_id, name or f"T{external_id}", plan_ids or ("166",))


DEMO_TOKEN = DEMO.token
