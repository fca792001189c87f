"""Show the local copy of the vendors' plans."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.console import table
from templates_sync.management.account_options import add_account_options, chosen_accounts
from templates_sync.models import ProviderPlan

HEADER = ("provider", "code", "id", "name", "category", "price", "active", "last synced")


class Command(BaseCommand):
    help = "List the plans as last read from the providers, withdrawn ones too."

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = chosen_accounts(options["provider"], options["tenant"])
        plans = (
            ProviderPlan.objects.filter(provider_account__in=accounts)
            .select_related("provider_account__provider")
            .order_by("provider_account", "plan_code")
        )
        if options["json"]:
            self.stdout.write(json.dumps([_entry(plan) for plan in plans], indent=2))
        else:
            self.stdout.write(table(HEADER, [_row(plan) for plan in plans]))


def _entry(plan: ProviderPlan) -> dict[str, Any]:
    synced_at = plan.last_synced_at
    return {
        "provider": plan.provider_account.provider.slug,
        "account": str(plan.provider_account_id),
        "code": plan.plan_code,
        "externalPlanId": plan.external_plan_id,
        "name": plan.plan_name,
        "category": plan.category,
        "pricing": plan.pricing,
        "isActive": plan.is_active,
        "lastSyncedAt": synced_at.isoformat() if synced_at else None,
    }


def _row(plan: ProviderPlan) -> list[object]:
    synced_at = plan.last_synced_at
    price = f"{plan.pricing.get('amount', '')} {plan.pricing.get('currency', '')}".strip()
    return [
        plan.provider_account.provider.slug,
        plan.plan_code,
        plan.external_plan_id,
        plan.plan_name,
        plan.category,
        price,
        "yes" if plan.is_active else "no",
        f"{synced_at:%Y-%m-%d %H:%M}" if synced_at else "never",
    ]
