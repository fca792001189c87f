"""Writes how attempts went: a row for each, the delivery's state, and the endpoint's health."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from webhooks.models import DeliveryStatus, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from webhooks.outbound.endpoints import disable
from webhooks.outbound.retries import pause_after
from webhooks.outbound.sender import Outcome, Refusal

log = structlog.get_logger("webhooks.outcomes")

GONE = "The receiver answered 410 Gone"

Sent = tuple[WebhookDelivery, Outcome]


@transaction.atomic
def store(sent: Sequence[Sent]) -> None:
    """All in one transaction.

    A delivery that another worker has taken meanwhile keeps its state; one that was erased
    meanwhile is forgotten.
    """
    rows = WebhookDelivery.objects.filter(pk__in=[delivery.pk for delivery, _ in sent])
    locked = rows.select_for_update().order_by("pk").values_list("pk", "fence", "status")
    states = {pk: (fence, status) for pk, fence, status in locked}
    kept = [one for one in sent if one[0].pk in states]
    WebhookAttempt.objects.bulk_create([_attempt(*one) for one in kept])
    ours = [
        (delivery, outcome)
        for delivery, outcome in kept
        if states[delivery.pk] == (delivery.fence, DeliveryStatus.PENDING)
    ]
    _settle_successes([one for one in ours if one[1].has_succeeded])
    for delivery, outcome in ours:
        if not outcome.has_succeeded:
            _settle_failure(delivery, outcome)
    _note_health(kept)


def _attempt(delivery: WebhookDelivery, outcome: Outcome) -> WebhookAttempt:
    row = WebhookAttempt(
        delivery=delivery,
        started_at=outcome.started_at,
        duration_ms=outcome.duration_ms,
        status_code=outcome.status_code,
        error=outcome.error,
    )
    row.answer = outcome.answer or None
    return row


def _settle_successes(sent: Sequence[Sent]) -> None:
    """One statement for all that went the same way, which is nearly always all."""
    alike: dict[tuple[int, int | None], list[UUID]] = defaultdict(list)
    for delivery, outcome in sent:
        alike[delivery.attempts + 1, outcome.status_code].append(delivery.pk)
    for (attempts, status_code), ids in alike.items():
        moment = now()
        WebhookDelivery.objects.filter(pk__in=ids).update(
            status=DeliveryStatus.DELIVERED,
            attempts=attempts,
            last_status_code=status_code,
            last_error="",
            delivered_at=moment,
            updated_at=moment,
        )


def _settle_failure(delivery: WebhookDelivery, outcome: Outcome) -> None:
    moment = now()
    attempts = delivery.attempts + 1
    status, next_at = _after_failure(outcome, attempts, moment)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        status=status,
        attempts=attempts,
        next_attempt_at=next_at,
        last_status_code=outcome.status_code,
        last_error=outcome.error,
        updated_at=moment,
    )
    if status is DeliveryStatus.DEAD:
        log.warning(
            "webhook_dead",
            delivery_id=str(delivery.pk),
            tenant_id=str(delivery.tenant_id),
            verification_id=str(delivery.verification_id),
            type=delivery.event_type,
            code=outcome.error,
            http_status=outcome.status_code,
            attempt=attempts,
        )


def _after_failure(
    outcome: Outcome, attempts: int, moment: datetime
) -> tuple[DeliveryStatus, datetime]:
    pause = pause_after(attempts, outcome.retry_after, moment)
    if outcome.error == Refusal.GONE or pause is None:
        return DeliveryStatus.DEAD, moment
    return DeliveryStatus.PENDING, moment + pause


def _note_health(sent: Sequence[Sent]) -> None:
    """Since when endpoints fail; those that have failed for too long are disabled.

    What is known of an endpoint is as old as its delivery's claim; the next attempt corrects it.
    """
    for delivery, outcome in sent:
        endpoint = delivery.endpoint
        if endpoint is None:
            continue
        if outcome.has_succeeded:
            if endpoint.failing_since is not None:
                _set_failing_since(endpoint, None)
        elif outcome.error == Refusal.GONE:
            disable(endpoint=endpoint, reason=GONE)
        elif endpoint.failing_since is None:
            _set_failing_since(endpoint, outcome.started_at)
        elif now() - endpoint.failing_since >= _patience():
            since = f"{endpoint.failing_since:%Y-%m-%d %H:%M} UTC"
            disable(endpoint=endpoint, reason=f"Every attempt has failed since {since}")


def _set_failing_since(endpoint: WebhookEndpoint, moment: datetime | None) -> None:
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if moment is not None:
        rows = rows.filter(failing_since=None)
    rows.update(failing_since=moment)


def _patience() -> timedelta:
    return timedelta(days=settings.WEBHOOK_DISABLE_AFTER_DAYS)
