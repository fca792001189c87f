"""Does a receiver of webhooks check what it should?"""

from __future__ import annotations

import os
import sys
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import signing_secrets
from webhooks.models import WebhookEndpoint
from webhooks.outbound.receiver_checks import Attacker, findings

VARIABLE = "WEBHOOK_SECRET"


class Command(BaseCommand):
    help = (
        "Attack a receiver of webhooks (forged, stale, replayed, duplicated, reordered, slow, "
        "huge) and tell which checks it passes, with the fix for those it does not. The events "
        "are of verifications that don't exist. Exit code 1 if a check fails."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url")
        parser.add_argument(
            "--secret", help=f"whsec_...; from the variable {VARIABLE} if it is left out"
        )
        parser.add_argument("--endpoint", metavar="ID", help="use the secret of this endpoint")
        parser.add_argument("--patience", type=float, default=15.0, help="seconds for an answer")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["url"].startswith(("https://", "http://")):
            raise CommandError("The url must begin with https:// or http://")
        secret = options["secret"] or _secret_of(options["endpoint"])
        failed = done = 0
        for found in findings(Attacker(options["url"], secret, options["patience"])):
            done += 1
            failed += not found.has_passed
            mark = "ok  " if found.has_passed else "FAIL"
            self.stdout.write(f"{mark}  {found.check.name:33} {found.seen}")
            if not found.has_passed:
                self.stdout.write(f"      {found.check.fix}")
        self.stdout.write(f"{done - failed} of {done} checks passed")
        if failed:
            sys.exit(1)


def _secret_of(endpoint_id: str | None) -> str:
    if endpoint_id is None:
        secret = os.environ.get(VARIABLE, "")
        if not secret:
            raise CommandError(f"Give --secret, --endpoint or the variable {VARIABLE}")
        return secret
    try:
        endpoint = WebhookEndpoint.objects.get(pk=UUID(endpoint_id))
    except (ValueError, WebhookEndpoint.DoesNotExist):
        raise CommandError(f"There is no endpoint {endpoint_id}") from None
    return signing_secrets.newest(endpoint.secrets)
