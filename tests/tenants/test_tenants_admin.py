"""Tenants and their provider configs in the admin."""

from __future__ import annotations

import json

import pytest

from providers.sandbox.idmeta.accounts import DEMO
from tenants.models import Tenant, TenantApiKey, TenantProviderConfig
from tenants.services import issue_key

pytestmark = pytest.mark.django_db

TENANTS = "/admin/tenants/tenant/"
CONFIGS = "/admin/tenants/tenantproviderconfig/"
INLINES = {
    f"{prefix}-{field}": "0"
    for prefix in ("provider_configs", "api_keys")
    for field in ("TOTAL_FORMS", "INITIAL_FORMS")
}


def config_body(tenant, account, config=None, **more):
    return {
        "tenant": tenant.pk,
        "provider_account": account.pk,
        "is_enabled": "on",
        "priority": "1",
        "config": json.dumps(config or {}),
        **more,
    }


@pytest.fixture
def account(idmeta_tenant):
    return idmeta_tenant.provider_configs.get().provider_account


def test_a_tenant_with_its_keys_and_providers(admin_client, idmeta_tenant):
    issued = issue_key(tenant=idmeta_tenant, name="server")

    shown = admin_client.get(f"{TENANTS}{idmeta_tenant.pk}/change/").content.decode()

    assert issued.key.masked in shown
    assert "default_template_id" in shown
    for secret in (issued.plain, issued.key.key_hash, DEMO.token):
        assert secret not in shown


@pytest.mark.parametrize("page", [TENANTS, CONFIGS])
def test_lists_show_no_secret(admin_client, idmeta_tenant, page):
    shown = admin_client.get(page, {"q": "wallet"}).content.decode()
    assert "Wallet" in shown
    assert DEMO.token not in shown


def test_add_and_change(admin_client):
    body = {"name": "Bank", "email": "", "status": "active", "settings": "{}", **INLINES}
    admin_client.post(f"{TENANTS}add/", body)
    bank = Tenant.objects.get()
    assert (bank.name, bank.email, bank.status) == ("Bank", None, "active")

    changed = body | {"email": "ops@bank.example", "status": "suspended"}
    admin_client.post(f"{TENANTS}{bank.pk}/change/", changed)
    bank.refresh_from_db()
    assert (bank.email, bank.status) == ("ops@bank.example", "suspended")
    assert admin_client.get(f"{TENANTS}{bank.pk}/delete/").status_code == 403
    assert not TenantApiKey.objects.exists()


def test_two_without_an_email(admin_client):
    for name in ("Bank", "Wallet"):
        body = {"name": name, "email": "", "status": "active", "settings": "{}", **INLINES}
        admin_client.post(f"{TENANTS}add/", body)
    assert Tenant.objects.count() == 2


def test_assign_a_provider(admin_client, account):
    bank = Tenant.objects.create(name="Bank")

    admin_client.post(f"{CONFIGS}add/", config_body(bank, account, {"default_template_id": "424"}))

    config = bank.provider_configs.get()
    assert (config.provider, config.provider_account) == (account.provider, account)
    assert config.config == {"default_template_id": "424"}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"api_token": "4|Secret"}, "api_token is not a setting here"),
        ({"base_url": "https://x.example"}, "base_url is not a setting here"),
        ({"liveness_threshold": "much"}, "liveness_threshold must be"),
    ],
)
def test_settings_that_are_none(admin_client, account, config, words):
    bank = Tenant.objects.create(name="Bank")
    answer = admin_client.post(f"{CONFIGS}add/", config_body(bank, account, config))

    assert words in answer.content.decode()
    assert not bank.provider_configs.exists()


def test_one_config_for_each_provider(admin_client, idmeta_tenant, account):
    answer = admin_client.post(f"{CONFIGS}add/", config_body(idmeta_tenant, account))

    assert "has a config for idmeta already" in answer.content.decode()
    assert TenantProviderConfig.objects.count() == 1


def test_change_a_config(admin_client, idmeta_tenant, account):
    config = idmeta_tenant.provider_configs.get()
    body = config_body(idmeta_tenant, account, {"default_template_id": "425"}, priority="5")
    admin_client.post(f"{CONFIGS}{config.pk}/change/", body)

    config.refresh_from_db()
    assert (config.priority, config.config) == (5, {"default_template_id": "425"})
