"""Accounts of the sandbox, a copy of the first, and a vendor whose list a test writes itself."""

from __future__ import annotations

import pytest

from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.models import ProviderAccount
from providers.sandbox.idmeta.accounts import SECOND
from templates_sync import cache
from templates_sync.services import sync_account
from tenants.services import save_tenant
from tests.templates_sync.support import Vendor


@pytest.fixture(autouse=True)
def _stamps_of_its_own(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cache, "STAMPS", tmp_path / "generations")


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


@pytest.fixture
def vendor(monkeypatch) -> Vendor:
    """Takes the place of the vendor's HTTP API, for lists the sandbox does not have."""
    vendor = Vendor()
    monkeypatch.setattr(IdmetaAdapter, "template_pages", lambda adapter: vendor.read(adapter))
    return vendor
