"""The tables of webhooks: where to, what was sent, and how each attempt went."""

from webhooks.models.outbound import (
    DeliveryStatus,
    Source,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

__all__ = [
    "DeliveryStatus",
    "Source",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
