"""List the providers' notices that could not be processed, and have them processed again."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.console import table
from common.retry_options import add_retry_options
from webhooks.inbound import processing
from webhooks.models import InboundWebhook

HEADER = ("webhook", "provider", "kind", "provider's id", "why", "attempts", "received")


class Command(BaseCommand):
    help = (
        "List the parked webhooks of providers, without what they say, or have them processed "
        "again. Exit code 1 if one of --retry is not parked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_retry_options(parser, again="process")

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["retry"]
        if not given and not options["all"]:
            self._list(options["json"])
            return
        wanted = given or processing.parked().values_list("pk", flat=True)
        again = [webhook_id for webhook_id in wanted if processing.run_again(webhook_id)]
        if options["json"]:
            self.stdout.write(json.dumps({"retried": [str(one) for one in again]}))
        else:
            self.stdout.write("".join(f"{one} is processed again\n" for one in again), ending="")
        if left := [str(one) for one in given or () if one not in again]:
            raise CommandError(f"Not parked: {', '.join(left)}")

    def _list(self, as_json: bool) -> None:
        rows = list(processing.parked())
        if as_json:
            self.stdout.write(json.dumps([_entry(row) for row in rows], indent=2))
        elif rows:
            self.stdout.write(table(HEADER, [list(_entry(row).values()) for row in rows]))
        else:
            self.stdout.write("Nothing is parked")


def _entry(row: InboundWebhook) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "provider": row.provider_account.provider.slug,
        "kind": row.kind,
        "externalId": row.external_id,
        "reason": row.outcome,
        "attempts": row.attempts,
        "receivedAt": row.created_at.isoformat(timespec="seconds"),
    }
