"""The tables of webhooks: out to tenants (where to, what was sent, how each attempt went), and in
from providers.
"""

from webhooks.models.inbound import InboundAddress, InboundStatus, InboundWebhook
from webhooks.models.outbound import (
    DeliveryStatus,
    Source,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

__all__ = [
    "DeliveryStatus",
    "InboundAddress",
    "InboundStatus",
    "InboundWebhook",
    "Source",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
