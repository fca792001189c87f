"""Webhooks out to tenants: endpoints, deliveries, attempts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from common.ids import new_id
from common.sealing import SealedJSON, sealed_field
from tenants.models import Tenant
from verifications.models import Verification, VerificationEvent


class WebhookEndpoint(models.Model):
    """An address where a tenant wants events, with secrets of its own.

    event_types: which events. includes_result: whether the payload carries the result, personal
    data included. secrets: see `common.signing_secrets`. disabled_reason: empty while it is
    enabled. failing_since: when the first failure after the last success came.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="webhook_endpoints")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True, default="")
    event_types = models.JSONField(default=list)
    includes_result = models.BooleanField(default=False)
    is_enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True, default="")
    disabled_at = models.DateTimeField(null=True, default=None)
    failing_since = models.DateTimeField(null=True, default=None)
    sealed_secrets = sealed_field()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    secrets = SealedJSON("sealed_secrets")

    class Meta:
        db_table = "webhook_endpoints"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["tenant", "-id"], name="endpoint_list")]

    def __str__(self) -> str:
        return str(self.pk)


class DeliveryStatus(models.TextChoices):
    """DEAD: given up; only a redelivery starts it again."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class Source(models.TextChoices):
    """What named the address: an endpoint, or the verification's own webhookUrl."""

    ENDPOINT = "endpoint"
    VERIFICATION = "verification"


class WebhookDelivery(models.Model):
    """One event on its way to one address.

    message_id: the `webhook-id` that the receiver sees, the same at each attempt: the event's id.
    event: null for a test. receiver: the endpoint, or the tenant and the host of a webhookUrl; a
    slow one delays no other.
    next_attempt_at: when it is due, or, while a worker sends it, when another may take it over.
    fence: raised by each who takes it. attempts: since it was queued or redelivered. last_error: a
    code, empty after a success.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(
        Tenant, on_delete=models.CASCADE, db_index=False, related_name="webhook_deliveries"
    )
    source = models.CharField(max_length=20, choices=Source.choices)
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        on_delete=models.SET_NULL,
        db_index=False,
        null=True,
        default=None,
        related_name="deliveries",
    )
    verification = models.ForeignKey(
        Verification,
        on_delete=models.CASCADE,
        null=True,
        default=None,
        related_name="webhook_deliveries",
    )
    event = models.ForeignKey(
        VerificationEvent,
        on_delete=models.CASCADE,
        null=True,
        default=None,
        related_name="webhook_deliveries",
    )
    message_id = models.UUIDField()
    event_type = models.CharField(max_length=50)
    url = models.CharField(max_length=500)
    receiver = models.CharField(max_length=320)
    status = models.CharField(
        max_length=20, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING
    )
    next_attempt_at = models.DateTimeField()
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_status_code = models.PositiveSmallIntegerField(null=True, default=None)
    last_error = models.CharField(max_length=30, blank=True, default="")
    delivered_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "webhook_deliveries"
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "webhook deliveries"
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                name="delivery_due",
                condition=models.Q(status="pending"),
            ),
            models.Index(fields=["tenant", "-id"], name="delivery_list"),
            models.Index(fields=["tenant", "status", "-id"], name="delivery_by_status"),
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.status}"


class WebhookAttempt(models.Model):
    """One try to send a delivery. status_code: null if no answer came. error: a code, empty after
    a success. answer: the beginning of what the receiver answered, masked.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    delivery = models.ForeignKey(
        WebhookDelivery, on_delete=models.CASCADE, related_name="attempt_rows"
    )
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True, default=None)
    error = models.CharField(max_length=30, blank=True, default="")
    sealed_answer = sealed_field()

    answer = SealedJSON("sealed_answer")

    class Meta:
        db_table = "webhook_attempts"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.status_code or self.error}"
