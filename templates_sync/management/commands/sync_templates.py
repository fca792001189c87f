"""Copy the vendors' templates and plans into the database now."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.console import ProgressBar, table
from providers.models import ProviderAccount
from templates_sync.errors import SyncFailed
from templates_sync.management.account_options import add_account_options, chosen_accounts
from templates_sync.services import SyncReport, preview_account, sync_account

HEADER = ("account", "what", "added", "changed", "withdrawn", "unchanged", "seconds", "error")
KINDS = ("templates", "plans")


class Command(BaseCommand):
    help = (
        "Read templates and plans from the providers and make the local copy the same. Vanished "
        "ones turn inactive. Exit code 1 if an account failed; its copy is unchanged then."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_account_options(parser)
        parser.add_argument("--dry-run", action="store_true", help="only show what would change")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = chosen_accounts(options["provider"], options["tenant"])
        results = [_result(account, is_dry=options["dry_run"]) for account in accounts]
        if options["json"]:
            self.stdout.write(json.dumps(results, indent=2))
        elif results:
            self.stdout.write(table(HEADER, [row for result in results for row in _rows(result)]))
            if options["dry_run"]:
                self.stdout.write("Dry run: nothing was written")
        else:
            self.stdout.write("No account of a provider with templates is in use")
        failed = sum(result["error"] is not None for result in results)
        if failed:
            raise CommandError(f"{failed} of {len(results)} accounts failed")


def _result(account: ProviderAccount, *, is_dry: bool) -> dict[str, Any]:
    """One account's entry in the JSON output."""
    bar = ProgressBar(sys.stderr, str(account))
    sync = preview_account if is_dry else sync_account
    entry: dict[str, Any] = {"provider": account.provider.slug, "account": str(account.pk)}
    try:
        report = sync(account, bar.show)
    except SyncFailed as failure:
        return {**entry, "error": {"code": failure.code, "message": failure.message}}
    finally:
        bar.clear()
    return {**entry, **_counts(report), "error": None}


def _counts(report: SyncReport) -> dict[str, Any]:
    return {
        "templates": dict(report.templates),
        "plans": dict(report.plans),
        "seconds": round(report.seconds, 2),
    }


def _rows(result: dict[str, Any]) -> list[list[object]]:
    account = f"{result['provider']} {result['account']}"
    if result["error"]:
        return [[account, "-", "-", "-", "-", "-", "-", result["error"]["message"]]]
    return [
        [account, kind, *result[kind].values(), f"{result['seconds']:.2f}", ""] for kind in KINDS
    ]
