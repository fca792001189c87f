"""Show the local copy of the vendors' templates."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.console import table
from templates_sync.management.account_options import add_account_options, chosen_accounts
from templates_sync.models import ProviderTemplate
from templates_sync.selectors import BY_EXTERNAL_ID

HEADER = ("provider", "id", "name", "steps", "version", "active", "last synced", "our id")


class Command(BaseCommand):
    help = "List the templates as last read from the providers, withdrawn ones too."

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = chosen_accounts(options["provider"], options["tenant"])
        templates = (
            ProviderTemplate.objects.filter(provider_account__in=accounts)
            .select_related("provider_account__provider")
            .order_by("provider_account", *BY_EXTERNAL_ID)
        )
        if options["json"]:
            self.stdout.write(json.dumps([_entry(row) for row in templates], indent=2))
        else:
            self.stdout.write(table(HEADER, [_row(row) for row in templates]))


def _entry(template: ProviderTemplate) -> dict[str, Any]:
    synced_at = template.last_synced_at
    return {
        "provider": template.provider_account.provider.slug,
        "account": str(template.provider_account_id),
        "id": str(template.pk),
        "externalTemplateId": template.external_template_id,
        "name": template.name,
        "steps": template.steps,
        "version": template.version,
        "isActive": template.is_active,
        "lastSyncedAt": synced_at.isoformat() if synced_at else None,
    }


def _row(template: ProviderTemplate) -> list[object]:
    synced_at = template.last_synced_at
    return [
        template.provider_account.provider.slug,
        template.external_template_id,
        template.name,
        " > ".join(step["planCode"] or step["name"] for step in template.steps),
        template.version,
        "yes" if template.is_active else "no",
        f"{synced_at:%Y-%m-%d %H:%M}" if synced_at else "never",
        template.pk,
    ]
