"""Takes in what a provider sent: verified, stored, and left to a worker."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from providers.base import SendsWebhooks
from providers.errors import WebhookForged, WebhookMalformed
from providers.services import adapter_for, webhook_secrets
from providers.types import InboundNotice
from verifications import notices
from webhooks.inbound.addresses import note_forged
from webhooks.models import InboundAddress, InboundStatus, InboundWebhook
from webhooks.models.inbound import LONGEST_EXTERNAL_ID, LONGEST_KIND
from webhooks.wake import wake_processor

log = structlog.get_logger("webhooks.inbound")


def receive(*, address: InboundAddress, headers: Mapping[str, str], body: bytes) -> None:
    """Store a notice; the same body again is only counted.

    Raises WebhookForged or WebhookMalformed, and stores nothing then.
    """
    adapter = adapter_for(address.provider_account)
    if not isinstance(adapter, SendsWebhooks):
        raise WebhookMalformed("The provider sends no webhooks")
    secrets = webhook_secrets(address.provider_account)
    try:
        notice = adapter.read_webhook(headers, body, secrets)
    except WebhookForged:
        log.warning(
            "inbound_webhook_forged",
            provider=address.provider_account.provider.slug,
            provider_account_id=str(address.provider_account_id),
        )
        note_forged(address)
        raise
    _refuse_unstorable(notice)
    kept = {name: headers[name] for name in adapter.webhook_headers if name in headers}
    content = {"headers": kept, "body": base64.b64encode(body).decode()}
    _store(address, notice, hashlib.sha256(body).hexdigest(), content)


def _refuse_unstorable(notice: InboundNotice) -> None:
    """What no verification of ours can have as its id."""
    texts = ((notice.kind, LONGEST_KIND), (notice.external_id or "", LONGEST_EXTERNAL_ID))
    for text, longest in texts:
        if not text or len(text) > longest or not text.isprintable():
            raise WebhookMalformed("The webhook's type or verification is no usable text")


@transaction.atomic
def _store(
    address: InboundAddress, notice: InboundNotice, content_hash: str, content: dict[str, Any]
) -> None:
    new: dict[str, Any] = {
        "kind": notice.kind,
        "external_id": notice.external_id,
        "is_signed": notice.is_signed,
        "content": content,
        "next_attempt_at": now(),
    }
    row, is_new = InboundWebhook.objects.get_or_create(
        provider_account_id=address.provider_account_id, content_hash=content_hash, defaults=new
    )
    if is_new:
        transaction.on_commit(wake_processor)
    else:
        _note_repeat(row, notice, content)


def _note_repeat(row: InboundWebhook, notice: InboundNotice, content: dict[str, Any]) -> None:
    """Count it. One that was processed counts again only if it contradicts what we know by now: a
    provider that has gone back to an earlier decision may send the very same bytes.
    """
    moment = now()
    rows = InboundWebhook.objects.filter(pk=row.pk)
    rows.update(times_received=F("times_received") + 1, updated_at=moment)
    if row.status != InboundStatus.DONE or not notices.is_news(
        provider_account_id=row.provider_account_id, notice=notice
    ):
        return
    row.content = content
    rows.filter(status=InboundStatus.DONE).update(
        status=InboundStatus.PENDING,
        sealed_content=row.sealed_content,
        attempts=0,
        next_attempt_at=moment,
    )
    transaction.on_commit(wake_processor)
