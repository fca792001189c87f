"""Everything that reads webhooks. Each starts from the tenant, so a stranger finds nothing."""

from __future__ import annotations

from django.db.models import QuerySet

from tenants.models import Tenant
from webhooks.models import WebhookDelivery, WebhookEndpoint


def endpoints_of(tenant: Tenant) -> QuerySet[WebhookEndpoint]:
    """Newest first."""
    return WebhookEndpoint.objects.filter(tenant=tenant)


def deliveries_of(tenant: Tenant) -> QuerySet[WebhookDelivery]:
    """Newest first."""
    return WebhookDelivery.objects.filter(tenant=tenant)
