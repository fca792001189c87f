"""Show the addresses that providers call, and change them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Max

from providers.models import ProviderAccount
from providers.services import webhook_secrets
from templates_sync.management.account_options import add_account_options, tenant_named
from webhooks.inbound import addresses

NO_PUBLIC_URL = "PUBLIC_URL is not set: put https:// and the name of this service in front"


class Command(BaseCommand):
    help = (
        "Print, for each provider account that sends webhooks, the address to enter in the "
        "provider's dashboard, whether a secret is set, and what came lately. Whoever knows an "
        "address may post to it: keep it secret. --rotate makes a new one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_options(parser)
        parser.add_argument(
            "--rotate",
            type=UUID,
            metavar="ACCOUNT",
            help="give this account a new address; the old one works for 24 hours",
        )
        parser.add_argument(
            "--at-once", action="store_true", help="with --rotate: the old one works no more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = list(_chosen(options))
        if not accounts:
            raise CommandError("No provider account of these sends webhooks")
        if options["rotate"]:
            old = timedelta() if options["at_once"] else addresses.OLD_WORKS_FOR
            addresses.rotate(accounts[0], old_works_for=old)
        entries = [_entry(account) for account in accounts]
        if options["json"]:
            self.stdout.write(json.dumps(entries, indent=2))
            return
        for entry in entries:
            self.stdout.write(_shown(entry))
        if not settings.PUBLIC_URL:
            self.stderr.write(NO_PUBLIC_URL)


def _chosen(options: dict[str, Any]) -> Iterable[ProviderAccount]:
    accounts = addresses.accounts_that_call()
    if options["provider"]:
        accounts = accounts.filter(provider__slug=options["provider"])
    if options["tenant"]:
        used = tenant_named(options["tenant"]).provider_configs.values("provider_account")
        accounts = accounts.filter(pk__in=used)
    if options["rotate"]:
        accounts = accounts.filter(pk=options["rotate"])
    return accounts.prefetch_related("tenant_configs__tenant").annotate(
        last_received_at=Max("inbound_webhooks__created_at")
    )


def _entry(account: ProviderAccount) -> dict[str, Any]:
    address = addresses.address_of(account)
    received_at: datetime | None = account.last_received_at  # type: ignore[attr-defined]
    return {
        "provider": account.provider.slug,
        "accountId": str(account.pk),
        "tenants": sorted(config.tenant.name for config in account.tenant_configs.all()),
        "url": f"{settings.PUBLIC_URL}{addresses.path_of(address)}",
        "secrets": len(webhook_secrets(account)),
        "lastReceivedAt": _iso(received_at),
        "lastForgedAt": _iso(address.last_forged_at),
        "oldAddressWorksUntil": _iso(addresses.old_works_until(account)),
    }


def _shown(entry: dict[str, Any]) -> str:
    secrets = entry["secrets"] or "none: webhooks are taken unsigned, each is only a hint"
    rows = [
        (entry["provider"], entry["accountId"]),
        ("  tenants", ", ".join(entry["tenants"])),
        ("  address", entry["url"]),
        ("  secrets", secrets),
        ("  last received", entry["lastReceivedAt"]),
        ("  last forged", entry["lastForgedAt"]),
        ("  old address until", entry["oldAddressWorksUntil"]),
    ]
    return "\n".join(f"{name:20} {value}" for name, value in rows if value)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
