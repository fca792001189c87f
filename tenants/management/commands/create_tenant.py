"""Make or update a tenant and print a new API key."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from providers.account_settings import SettingError
from providers.registry import ADAPTERS, UnknownProvider
from tenants.models import Mode
from tenants.services import (
    EmailTaken,
    NotATenant,
    first_webhook_secret,
    issue_key,
    save_tenant,
)


class Command(BaseCommand):
    help = (
        "Make or update a tenant, its provider account and configuration, and print a new API "
        "key and the tenant's webhook secret, once. Running it again with the same name updates "
        "the tenant and adds a key; the webhook secret is not shown again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the tenant's name; the same name is the same tenant")
        parser.add_argument("--provider", required=True, help=", ".join(sorted(ADAPTERS)))
        parser.add_argument(
            "--credential",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="a secret of the vendor account, kept encrypted; may be repeated",
        )
        parser.add_argument(
            "--config",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="an address or option; may be repeated",
        )
        parser.add_argument("--email", help="where the tenant is reached")
        parser.add_argument("--test", action="store_true", help="a test key instead of a live one")
        parser.add_argument(
            "--json",
            action="store_true",
            help='print {"tenantId", "apiKey", "webhookSecret"} and nothing else',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        mode = Mode.TEST if options["test"] else Mode.LIVE
        try:
            with transaction.atomic():
                tenant = save_tenant(
                    name=options["name"],
                    provider=options["provider"],
                    config=pairs(options["config"], "--config"),
                    credentials=pairs(options["credential"], "--credential"),
                    email=options["email"],
                )
                issued = issue_key(tenant=tenant, name=f"{mode.value} key", mode=mode)
                secret = first_webhook_secret(tenant)
        except (SettingError, UnknownProvider, EmailTaken, NotATenant) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            printed = {"tenantId": str(tenant.pk), "apiKey": issued.plain, "webhookSecret": secret}
            self.stdout.write(json.dumps(printed))
            return
        self.stdout.write(f"Tenant    {tenant.name} ({tenant.pk})")
        self.stdout.write(f"Provider  {options['provider']}")
        self.stdout.write(f"API key   {issued.plain}   ({mode.value}; shown only now)")
        if secret is not None:
            self.stdout.write(f"Webhooks  {secret}   (signs webhookUrl; shown only now)")


def pairs(values: list[str], option: str) -> dict[str, str]:
    """`["a=b"]` as `{"a": "b"}`; the value may hold further equals signs."""
    parsed = {}
    for value in values:
        key, separator, content = value.partition("=")
        if not separator or not key:
            raise CommandError(f"{option} {key or value!r} needs the form KEY=VALUE")
        parsed[key.strip()] = content
    return parsed
