"""Everything that changes endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.timezone import now

from common import signing_secrets
from tenants.models import Tenant
from webhooks.models import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from webhooks.outbound.event_types import OUTCOMES

log = structlog.get_logger("webhooks.endpoints")

DISABLED = "endpoint_disabled"
DELETED = "endpoint_deleted"
BY_TENANT = "Disabled by the tenant"


def create_endpoint(
    *,
    tenant: Tenant,
    url: str,
    description: str = "",
    event_types: Sequence[str] = OUTCOMES,
    includes_result: bool = False,
) -> WebhookEndpoint:
    """url: checked by the caller."""
    endpoint = WebhookEndpoint(
        tenant=tenant,
        url=url,
        description=description,
        event_types=[str(name) for name in event_types],
        includes_result=includes_result,
    )
    endpoint.secrets = signing_secrets.first()
    endpoint.save(force_insert=True)
    return endpoint


@transaction.atomic
def change_endpoint(*, endpoint: WebhookEndpoint, **changes: Any) -> WebhookEndpoint:
    """changes: url, description, event_types, includes_result. What waits goes to the new url."""
    for name, value in changes.items():
        setattr(endpoint, name, value)
    endpoint.save(update_fields=[*changes, "updated_at"])
    if "url" in changes:
        _pending(endpoint.pk).update(url=endpoint.url)
    return endpoint


@transaction.atomic
def delete_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Its deliveries stay in the log; those that wait are given up."""
    _give_up(endpoint.pk, DELETED)
    endpoint.delete()


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """A new secret in front; the one before it stays valid for 24 h."""
    locked = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    locked.secrets = signing_secrets.rotated(locked.secrets, now())
    locked.save(update_fields=["sealed_secrets", "updated_at"])
    return locked


def enable(*, endpoint: WebhookEndpoint) -> None:
    """What was given up meanwhile stays so until it is redelivered."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        is_enabled=True, disabled_reason="", disabled_at=None, failing_since=None, updated_at=now()
    )
    endpoint.refresh_from_db()


@transaction.atomic
def disable(*, endpoint: WebhookEndpoint, reason: str) -> None:
    """Give up what waits for it, and say why; repeating it changes nothing."""
    moment = now()
    changed = WebhookEndpoint.objects.filter(pk=endpoint.pk, is_enabled=True).update(
        is_enabled=False, disabled_reason=reason, disabled_at=moment, updated_at=moment
    )
    if not changed:
        return
    given_up = _give_up(endpoint.pk, DISABLED)
    endpoint.refresh_from_db()
    log.warning(
        "webhook_endpoint_disabled",
        endpoint_id=str(endpoint.pk),
        tenant_id=str(endpoint.tenant_id),
        reason=reason,
        count=given_up,
    )


def _pending(endpoint_id: UUID) -> Any:
    return WebhookDelivery.objects.filter(endpoint=endpoint_id, status=DeliveryStatus.PENDING)


def _give_up(endpoint_id: UUID, error: str) -> int:
    count: int = _pending(endpoint_id).update(
        status=DeliveryStatus.DEAD, last_error=error, updated_at=now()
    )
    return count
