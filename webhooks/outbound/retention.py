"""How long deliveries are kept."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.timezone import now

from common.batches import delete_in_batches
from common.ids import earliest_id
from webhooks.models import DeliveryStatus, WebhookDelivery

BATCH = 500


def purge() -> None:
    """Delete deliveries that are over, with their attempts, after `WEBHOOK_RETENTION_DAYS`.

    They count from the last change, so one that was sent again stays as long again. The primary
    key finds the old ones, however many younger ones there are.
    """
    if not settings.WEBHOOK_RETENTION_DAYS:
        return
    since = now() - timedelta(days=settings.WEBHOOK_RETENTION_DAYS)
    old = WebhookDelivery.objects.filter(pk__lt=earliest_id(since), updated_at__lt=since)
    over = old.exclude(status=DeliveryStatus.PENDING).order_by("pk")
    delete_in_batches(over, BATCH)
