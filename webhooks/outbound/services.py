"""Everything that queues deliveries: events, tests, redelivery."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from common.ids import new_id
from common.prepared_query import PreparedQuery
from verifications.models import VerificationEvent
from webhooks.models import DeliveryStatus, Source, WebhookDelivery, WebhookEndpoint
from webhooks.outbound.endpoints import DELETED, DISABLED
from webhooks.outbound.event_types import OFFERED, OUTCOMES, TEST
from webhooks.wake import wake_sender

LONGEST_RECEIVER = 320
ENDPOINTS_BY_TENANT = PreparedQuery(WebhookEndpoint.objects.defer("sealed_secrets"), "tenant")


class RedeliveryNotPossible(Exception):
    """There is nowhere to send it. code: `endpoint_disabled` or `endpoint_deleted`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def queue_deliveries(sender: Any, event: VerificationEvent, **kwargs: Any) -> None:
    """Listens to `events.recorded`: a row for each address, committed with the event.

    For a disabled endpoint it is a dead letter at once, so that it can be redelivered later.
    """
    if event.type not in OFFERED:
        return
    rows = _to_webhook_url(event) + _to_endpoints(event)
    WebhookDelivery.objects.bulk_create(rows)
    if any(row.status == DeliveryStatus.PENDING for row in rows):
        transaction.on_commit(wake_sender)


def queue_test(*, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """A test event, also for a disabled endpoint."""
    delivery = WebhookDelivery(
        tenant_id=endpoint.tenant_id,
        message_id=new_id(),
        event_type=TEST,
        next_attempt_at=now(),
        **_to_endpoint(endpoint),
    )
    delivery.save(force_insert=True)
    transaction.on_commit(wake_sender)
    return delivery


@transaction.atomic
def redeliver(*, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send it again, now, with the whole schedule before it; the event's id stays.

    Raises RedeliveryNotPossible.
    """
    locked = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
    endpoint = locked.endpoint
    if locked.source == Source.ENDPOINT and endpoint is None:
        raise RedeliveryNotPossible(DELETED)
    if endpoint is not None:
        if not endpoint.is_enabled and locked.event_type != TEST:
            raise RedeliveryNotPossible(DISABLED)
        locked.url = endpoint.url
    for name, value in _afresh().items():
        setattr(locked, name, value)
    locked.save()
    transaction.on_commit(wake_sender)
    return locked


def redeliver_all(*, rows: QuerySet[WebhookDelivery], since: datetime) -> int:
    """Redeliver what was queued since then and does not wait already; how many.

    What has no endpoint any more, or a disabled one, is left out.
    """
    wanted = rows.filter(created_at__gte=since).exclude(status=DeliveryStatus.PENDING)
    by_url = wanted.filter(source=Source.VERIFICATION).update(**_afresh())
    to_endpoints = wanted.filter(source=Source.ENDPOINT, endpoint__is_enabled=True)
    endpoints = WebhookEndpoint.objects.filter(pk__in=to_endpoints.order_by().values("endpoint"))
    count = by_url + sum(_redeliver_to(endpoint, to_endpoints) for endpoint in endpoints)
    if count:
        wake_sender()
    return count


def _redeliver_to(endpoint: WebhookEndpoint, rows: QuerySet[WebhookDelivery]) -> int:
    mine = WebhookDelivery.objects.filter(pk__in=rows.filter(endpoint=endpoint).values("pk"))
    return mine.update(url=endpoint.url, **_afresh())


def _afresh() -> dict[str, Any]:
    moment = now()
    return {
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "next_attempt_at": moment,
        "delivered_at": None,
        "last_error": "",
        "last_status_code": None,
        "updated_at": moment,
    }


def _to_webhook_url(event: VerificationEvent) -> list[WebhookDelivery]:
    verification = event.verification
    url = verification.webhook_url
    if not url or event.type not in OUTCOMES:
        return []
    host = f"{verification.tenant_id.hex}:{urlsplit(url).netloc.lower()}"
    return [_of_event(event, source=Source.VERIFICATION, url=url, receiver=host[:LONGEST_RECEIVER])]


def _to_endpoints(event: VerificationEvent) -> list[WebhookDelivery]:
    rows = []
    for endpoint in ENDPOINTS_BY_TENANT.rows_of(event.verification.tenant_id):
        if event.type in endpoint.event_types:
            row = _of_event(event, **_to_endpoint(endpoint))
            if not endpoint.is_enabled:
                row.status, row.last_error = DeliveryStatus.DEAD, DISABLED
            rows.append(row)
    return rows


def _to_endpoint(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Where a delivery goes. Each endpoint is a receiver, also beside others on its host."""
    return {
        "source": Source.ENDPOINT,
        "endpoint": endpoint,
        "url": endpoint.url,
        "receiver": str(endpoint.pk),
    }


def _of_event(event: VerificationEvent, **to: Any) -> WebhookDelivery:
    return WebhookDelivery(
        tenant_id=event.verification.tenant_id,
        verification=event.verification,
        event=event,
        event_type=event.type,
        message_id=event.pk,
        next_attempt_at=now(),
        **to,
    )
