"""Everything that reads tenants. Whatever belongs to a tenant takes the tenant."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import now

from common.prepared_query import PreparedQuery
from tenants.models import (
    Account,
    KeyStatus,
    Tenant,
    TenantApiKey,
    TenantProviderConfig,
    TenantStatus,
)

KEYS_BY_HASH = PreparedQuery(TenantApiKey.objects.select_related("tenant").order_by(), "key_hash")
CONFIGS_BY_TENANT = PreparedQuery(
    TenantProviderConfig.objects.select_related("provider", "provider_account").filter(
        is_enabled=True, provider__is_active=True
    ),
    "tenant",
)


def key_by_hash(key_hash: str) -> TenantApiKey | None:
    """With its tenant, in one query."""
    return next(iter(KEYS_BY_HASH.rows_of(key_hash)), None)


def key_by_id(key_id: UUID) -> TenantApiKey | None:
    """With its tenant, in one query."""
    return TenantApiKey.objects.select_related("tenant").filter(pk=key_id).first()


def usable_key_ids(key_ids: Collection[UUID]) -> set[UUID]:
    """Which of these keys may be used now: active, not expired, of an active tenant."""
    usable = TenantApiKey.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now()),
        pk__in=key_ids,
        status=KeyStatus.ACTIVE,
        tenant__status=TenantStatus.ACTIVE,
    )
    return set(usable.values_list("pk", flat=True))


def working_config(tenant: Tenant) -> TenantProviderConfig | None:
    """Which provider works for the tenant now; with provider and account, in one query."""
    configs = CONFIGS_BY_TENANT.rows_of(tenant.pk)
    if not configs:
        return None
    first = min(configs, key=lambda config: (config.priority, -config.pk.int))
    # The provider of a config is that of its account.
    first.provider_account.provider = first.provider
    return first


def accounts_of(tenant: Tenant) -> QuerySet[Account]:
    return Account.objects.filter(tenant=tenant)
