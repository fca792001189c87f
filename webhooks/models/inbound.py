"""Webhooks in from providers: the addresses they call, and what they sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from common.ids import new_id
from common.sealing import SealedJSON, sealed_field
from providers.models import ProviderAccount

LONGEST_KIND = 100
LONGEST_EXTERNAL_ID = 255


class InboundAddress(models.Model):
    """Where the provider of one account calls us. Whoever knows the token may post there.

    token_hash: SHA-256, finds the address. expires_at: null for the one in use; a replaced one
    works until then. last_forged_at: when a notice with a wrong signature last came, to the minute.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.CASCADE, related_name="inbound_addresses"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    sealed_token = sealed_field()
    expires_at = models.DateTimeField(null=True, default=None)
    last_forged_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)

    token = SealedJSON("sealed_token")

    class Meta:
        db_table = "inbound_webhook_addresses"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider_account"],
                condition=models.Q(expires_at__isnull=True),
                name="one_address_in_use",
            )
        ]

    def __str__(self) -> str:
        return f"address of {self.provider_account_id}"


class InboundStatus(models.TextChoices):
    """PARKED: given up; only an operator has it processed again."""

    PENDING = "pending"
    DONE = "done"
    PARKED = "parked"


class InboundWebhook(models.Model):
    """One notice of a provider, as it came; two that are equal are one row.

    content_hash: SHA-256 of the body. kind, external_id: what the adapter read in it. is_signed:
    whether its signature was verified when it came. content: {headers, body (base64)}; personal
    data, encrypted, and gone once it is done. outcome: how processing ended, or why it is parked.
    times_received: how often it came. next_attempt_at: when it is due. attempts: how often it was
    begun.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.CASCADE, db_index=False, related_name="inbound_webhooks"
    )
    content_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=LONGEST_KIND)
    external_id = models.CharField(max_length=LONGEST_EXTERNAL_ID)
    is_signed = models.BooleanField()
    sealed_content = sealed_field()
    status = models.CharField(
        max_length=10, choices=InboundStatus.choices, default=InboundStatus.PENDING
    )
    outcome = models.CharField(max_length=50, blank=True, default="")
    times_received = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    content = SealedJSON("sealed_content")

    class Meta:
        db_table = "inbound_webhooks"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider_account", "content_hash"], name="inbound_webhook_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                name="inbound_due",
                condition=models.Q(status="pending"),
            ),
            models.Index(
                fields=["-id"], name="inbound_parked", condition=models.Q(status="parked")
            ),
            models.Index(fields=["updated_at"], name="inbound_to_purge"),
            models.Index(fields=["external_id"], name="inbound_by_verification"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"
