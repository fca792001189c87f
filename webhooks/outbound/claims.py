"""Who may send a delivery now: a worker takes it for `WEBHOOK_LEASE` seconds.

Its `next_attempt_at` is moved to the end of the lease, so that another takes over if the worker
dies; its fence is raised, so that a worker that was too slow writes no outcome any more.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.timezone import now

from webhooks.models import DeliveryStatus, WebhookDelivery
from webhooks.outbound.receivers import Receivers


def claim_due(limit: int, receivers: Receivers) -> list[WebhookDelivery]:
    """Take up to `limit` deliveries that are due, longest waiting first.

    A receiver that has its share is passed over, however many deliveries wait for it.
    """
    taken: list[WebhookDelivery] = []
    while (wanted := limit - len(taken)) > 0:
        found, admitted = _take(wanted, receivers)
        taken += admitted
        if found < wanted:
            break
    return taken


def is_any_due() -> bool:
    return _due().exists()


@transaction.atomic
def _take(limit: int, receivers: Receivers) -> tuple[int, list[WebhookDelivery]]:
    """How many were found, and those of them that the receivers admit."""
    found = list(
        _due()
        .exclude(receiver__in=receivers.full())
        .select_for_update(skip_locked=True)
        .order_by("next_attempt_at")
        .values_list("pk", "receiver")[:limit]
    )
    admitted = [pk for pk, receiver in found if receivers.admit(receiver)]
    if not admitted:
        return len(found), []
    taken = WebhookDelivery.objects.filter(pk__in=admitted)
    taken.update(
        next_attempt_at=now() + timedelta(seconds=settings.WEBHOOK_LEASE), fence=F("fence") + 1
    )
    with_all_it_needs = taken.select_related("endpoint", "tenant", "event", "verification").defer(
        "verification__sealed_result",
        "verification__sealed_request_metadata",
        "verification__sealed_subject",
    )
    return len(found), list(with_all_it_needs.order_by("pk"))


def _due() -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=now())
