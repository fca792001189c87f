"""Send what was queued since a moment again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils.timezone import now

from tenants.models import Tenant
from webhooks.models import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from webhooks.outbound.services import redeliver_all

AGO = re.compile(r"(\d{1,6})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Command(BaseCommand):
    help = (
        "Send webhooks again that were queued since a moment: those delivered (the receiver may "
        "have lost them) and those given up. The events keep their ids. What still waits is left "
        "alone, and so is what has no enabled endpoint."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", required=True, help="an ISO time (UTC if it has no zone), or 90m, 24h, 3d"
        )
        to = parser.add_mutually_exclusive_group(required=True)
        to.add_argument("--endpoint", metavar="ID", help="of this endpoint")
        to.add_argument("--tenant", metavar="NAME", help="of all of this tenant's, and webhookUrl")
        parser.add_argument("--dead", action="store_true", help="only those that were given up")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = wanted(options["endpoint"], options["tenant"])
        if options["dead"]:
            rows = rows.filter(status=DeliveryStatus.DEAD)
        count = redeliver_all(rows=rows, since=moment_of(options["since"]))
        self.stdout.write(f"{count} deliveries are sent again")


def moment_of(text: str) -> datetime:
    """`2026-03-02T08:00`, or `24h` ago."""
    ago = AGO.fullmatch(text)
    if ago:
        return now() - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"--since {text} is neither a time such as 2026-03-02T08:00 nor 24h"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def wanted(endpoint_id: str | None, tenant_name: str | None) -> QuerySet[WebhookDelivery]:
    """Raises CommandError if there is no such endpoint or tenant."""
    if endpoint_id is None:
        tenant = Tenant.objects.filter(name=tenant_name).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {tenant_name!r}")
        return WebhookDelivery.objects.filter(tenant=tenant)
    try:
        endpoint = WebhookEndpoint.objects.filter(pk=UUID(endpoint_id)).first()
    except ValueError:
        endpoint = None
    if endpoint is None:
        raise CommandError(f"There is no endpoint {endpoint_id}")
    if not endpoint.is_enabled:
        raise CommandError(
            f"The endpoint is disabled ({endpoint.disabled_reason}); enable it first"
        )
    return WebhookDelivery.objects.filter(endpoint=endpoint)
