"""Everything that reads tenants. Whatever belongs to a tenant takes the tenant."""

from __future__ import annotations

from django.db.models import QuerySet

from tenants.models import Account, Tenant, TenantApiKey, TenantProviderConfig


def key_by_hash(key_hash: str) -> TenantApiKey | None:
    """With its tenant, in one query."""
    return TenantApiKey.objects.select_related("tenant").filter(key_hash=key_hash).first()


def working_config(tenant: Tenant) -> TenantProviderConfig | None:
    """Which provider works for the tenant now; with provider and account, in one query."""
    return (
        TenantProviderConfig.objects.select_related("provider", "provider_account__provider")
        .filter(tenant=tenant, is_enabled=True, provider__is_active=True)
        .order_by("priority", "-id")
        .first()
    )


def accounts_of(tenant: Tenant) -> QuerySet[Account]:
    return Account.objects.filter(tenant=tenant)
