"""What a worker does with a provider's notices.

An attempt is counted, and the next one planned, before it is begun: so one that kills its worker
is parked like one that raises. Processing calls no provider; it only makes the workflow ask.
"""

from __future__ import annotations

import base64
import time
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.timezone import now

from common import stopping
from common.batches import delete_in_batches
from providers.base import SendsWebhooks
from providers.errors import WebhookMalformed
from providers.services import adapter_for
from providers.types import InboundNotice
from verifications.notices import Noticed, provider_notified
from webhooks.inbound.addresses import forget_expired
from webhooks.models import InboundStatus, InboundWebhook
from webhooks.wake import wake_processor

log = structlog.get_logger("webhooks.inbound")

BATCH = 100
# Tried again later: our row may not be there yet, or its worker does not listen right now.
NOT_YET = (Noticed.UNKNOWN, Noticed.BUSY)
CRASHED = "processing_crashed"


def process_due() -> None:
    """Process what is due until nothing is, or the time slice is over."""
    until = time.monotonic() + settings.WORKER_SLICE
    while ids := list(_due().order_by("next_attempt_at").values_list("pk", flat=True)[:BATCH]):
        for webhook_id in ids:
            if stopping.is_asked():
                return
            if time.monotonic() >= until:
                wake_processor()
                return
            process(webhook_id)


def process(webhook_id: UUID) -> None:
    """Begin an attempt, unless somebody else does. What goes wrong is logged, and tried again."""
    row = _claim(webhook_id)
    if row is None:
        return
    try:
        with transaction.atomic():
            _end_attempt(row, _told(row))
    except Exception:
        log.exception("inbound_webhook_not_processed", inbound_webhook_id=str(row.pk))
        _put_off_or_park(row, CRASHED)


def is_any_due() -> bool:
    return _due().exists()


def parked() -> QuerySet[InboundWebhook]:
    """Oldest first, with what a list of them shows."""
    return (
        InboundWebhook.objects.filter(status=InboundStatus.PARKED)
        .select_related("provider_account__provider")
        .defer("sealed_content")
        .order_by("id")
    )


def run_again(webhook_id: UUID) -> bool:
    """Have a parked one processed again; False if it is not parked (any more)."""
    changed = InboundWebhook.objects.filter(pk=webhook_id, status=InboundStatus.PARKED).update(
        status=InboundStatus.PENDING,
        outcome="",
        attempts=0,
        next_attempt_at=now(),
        updated_at=now(),
    )
    if changed:
        transaction.on_commit(wake_processor)
    return bool(changed)


def purge() -> None:
    """Delete what is older than its retention, and addresses that work no more."""
    old = now() - timedelta(days=settings.INBOUND_WEBHOOK_RETENTION_DAYS)
    rows = InboundWebhook.objects.filter(updated_at__lt=old).exclude(status=InboundStatus.PENDING)
    delete_in_batches(rows, BATCH)
    forget_expired()


def _due() -> QuerySet[InboundWebhook]:
    return InboundWebhook.objects.filter(status=InboundStatus.PENDING, next_attempt_at__lte=now())


def _claim(webhook_id: UUID) -> InboundWebhook | None:
    """Count an attempt; None if it is not due (any more), or has none left."""
    row = _due().filter(pk=webhook_id).select_related("provider_account__provider").first()
    if row is None:
        return None
    if row.attempts > len(settings.INBOUND_WEBHOOK_RETRY_AFTER):
        _park(row, row.outcome or CRASHED)
        return None
    taken = (
        _due()
        .filter(pk=row.pk, attempts=row.attempts)
        .update(attempts=F("attempts") + 1, next_attempt_at=_next_attempt(row.attempts))
    )
    row.attempts += 1
    return row if taken else None


def _next_attempt(attempts_before: int) -> datetime:
    """After the last pause that is planned, one that died in its last attempt is parked."""
    pauses = settings.INBOUND_WEBHOOK_RETRY_AFTER or [0.0]
    return now() + timedelta(seconds=pauses[min(attempts_before, len(pauses) - 1)])


def _told(row: InboundWebhook) -> Noticed:
    """Read the notice from its bytes, as it came, and tell the verification of it.

    Its signature was verified when it came; the secret may be another one by now.
    """
    adapter = adapter_for(row.provider_account)
    if not isinstance(adapter, SendsWebhooks):
        raise WebhookMalformed("The provider sends no webhooks any more")
    notice: InboundNotice = adapter.read_webhook(
        row.content["headers"], base64.b64decode(row.content["body"]), ()
    )
    return provider_notified(provider_account_id=row.provider_account_id, notice=notice)


def _end_attempt(row: InboundWebhook, outcome: Noticed) -> None:
    if outcome in NOT_YET:
        _put_off_or_park(row, outcome)
        return
    moment = now()
    InboundWebhook.objects.filter(pk=row.pk).update(
        status=InboundStatus.DONE,
        outcome=outcome,
        sealed_content=None,
        processed_at=moment,
        updated_at=moment,
    )
    log.info("inbound_webhook_processed", inbound_webhook_id=str(row.pk), code=outcome.value)


def _put_off_or_park(row: InboundWebhook, outcome: str) -> None:
    """The next attempt is planned already."""
    if row.attempts > len(settings.INBOUND_WEBHOOK_RETRY_AFTER):
        _park(row, outcome)
    else:
        InboundWebhook.objects.filter(pk=row.pk).update(outcome=outcome, updated_at=now())


def _park(row: InboundWebhook, outcome: str) -> None:
    InboundWebhook.objects.filter(pk=row.pk, status=InboundStatus.PENDING).update(
        status=InboundStatus.PARKED, outcome=outcome, processed_at=now(), updated_at=now()
    )
    log.warning(
        "inbound_webhook_parked",
        inbound_webhook_id=str(row.pk),
        provider_account_id=str(row.provider_account_id),
        code=str(outcome),
        attempt=row.attempts,
    )
