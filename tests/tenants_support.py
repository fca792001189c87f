"""Tenants that tests begin with."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from tenants.models import Tenant, TenantProviderConfig
from tenants.services import save_tenant

_remembered: dict[str, TenantProviderConfig] = {}


def saved_tenant(**given: Any) -> Tenant:
    """What `save_tenant` makes of this.

    Most tests begin with one and the same: where there is no tenant yet, its rows are remembered
    and written again, with a third of the statements.
    """
    if Tenant.objects.exists():
        return save_tenant(**given)
    key = json.dumps(given, sort_keys=True)
    if key in _remembered:
        return _written_again(_remembered[key])
    tenant = save_tenant(**given)
    _remembered[key] = tenant.provider_configs.select_related(
        "tenant", "provider_account__provider"
    ).get()
    return tenant


def _written_again(remembered: TenantProviderConfig) -> Tenant:
    """With new ids: processes remember things by them, and what is sealed is sealed for a row."""
    config = deepcopy(remembered)
    tenant, account = config.tenant, config.provider_account
    provider, credentials = account.provider, account.credentials
    for row in (tenant, provider, account, config):
        row.pk = row._meta.pk.get_default()
    account.provider = config.provider = provider
    account.credentials = credentials
    config.tenant, config.provider_account = tenant, account
    for row in (tenant, provider, account, config):
        row.save(force_insert=True)
    return tenant
