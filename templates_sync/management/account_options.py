"""Which accounts a command is about."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from providers.models import ProviderAccount
from providers.registry import ADAPTERS
from templates_sync.selectors import accounts_with_templates
from tenants.models import Tenant


def add_account_options(parser: CommandParser) -> None:
    parser.add_argument("--provider", choices=sorted(ADAPTERS), help="only this provider's")
    parser.add_argument("--tenant", metavar="ID", help="only what this tenant uses; id or name")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def chosen_accounts(provider: str | None, tenant: str | None) -> list[ProviderAccount]:
    """Accounts whose provider has templates. Raises CommandError for an unknown tenant."""
    accounts = accounts_with_templates()
    if provider:
        accounts = accounts.filter(provider__slug=provider)
    if tenant:
        used = tenant_named(tenant).provider_configs.filter(is_enabled=True)
        accounts = accounts.filter(pk__in=used.values("provider_account"))
    return list(accounts)


def tenant_named(reference: str) -> Tenant:
    try:
        found = Tenant.objects.filter(pk=UUID(reference)).first()
    except ValueError:
        found = Tenant.objects.filter(name=reference).first()
    if found is None:
        raise CommandError(f"There is no tenant {reference!r}")
    return found
