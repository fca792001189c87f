"""Ask every provider account how it is."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers.health import AccountHealth, account_healths
from providers.registry import ADAPTERS

ROW = "{:10} {:36} {:9} {:11} {:20} {:>7}  {}"
HEADINGS = ("PROVIDER", "ACCOUNT", "REACHABLE", "CREDENTIALS", "LICENCE UNTIL", "LATENCY", "DETAIL")


class Command(BaseCommand):
    help = (
        "Ask every provider account whether it is reachable, whether its credentials are valid, "
        "how long its licence lasts and how fast it answers. Exit code 0 if all are well, 1 if "
        "one is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--provider", choices=sorted(ADAPTERS), help="only the accounts of this provider"
        )
        parser.add_argument("--json", action="store_true", help="print a list of objects instead")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            healths = list(account_healths(options["provider"]))
            self.stdout.write(json.dumps([health.to_json() for health in healths], indent=2))
        else:
            healths = self._table(options["provider"])
        if not healths:
            raise CommandError("There is no provider account yet: see manage.py create_tenant")
        if not all(health.is_healthy for health in healths):
            sys.exit(1)

    def _table(self, provider: str | None) -> list[AccountHealth]:
        """Each row is printed as soon as its account has answered."""
        self.stdout.write(ROW.format(*HEADINGS).rstrip())
        healths = []
        for health in account_healths(provider):
            healths.append(health)
            latency = "-" if health.latency_ms is None else f"{health.latency_ms} ms"
            row = ROW.format(
                health.account.provider.slug,
                str(health.account.pk),
                _yes_or_no(health.is_reachable),
                _yes_or_no(health.has_valid_credentials),
                str(health.licence_until or "-")[:20],
                latency,
                health.detail,
            )
            self.stdout.write(row)
        return healths


def _yes_or_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[value]
