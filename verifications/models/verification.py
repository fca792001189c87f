"""The verification itself: what was asked, and what came out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from common.ids import new_id
from common.sealing import SealedJSON, sealed_field
from providers.models import Provider, ProviderAccount
from templates_sync.models import ProviderTemplate
from tenants.models import Account, Mode, Tenant

# The personal data: large, and left in the database by whoever only lists.
SEALED_COLUMNS = ("sealed_result", "sealed_request_metadata", "sealed_subject")


class Status(models.TextChoices):
    """What existing clients read; `decision` says how it went."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Decision(models.TextChoices):
    APPROVED = "approved"
    DECLINED = "declined"
    REVIEW = "review"


class VerificationType(models.TextChoices):
    """What a request with pictures may ask for."""

    DOCUMENT = "document"
    BIOMETRIC = "biometric"
    COMPREHENSIVE = "comprehensive"


class Method(models.TextChoices):
    DOCUMENT = "document"
    ID_BASED = "id_based"
    BIOMETRIC = "biometric"


class RunMode(models.TextChoices):
    SYNC = "sync"
    ASYNC = "async"


class Verification(models.Model):
    """One check of one person.

    result: the unified result. request_metadata: what the tenant sent along, with the expectations
    it set. subject: what the tenant said about the person. All three are personal data, encrypted.
    expectations: the request's thresholds, without personal data. error: {code, message,
    retryable} of a technical failure.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # db_index=False, here and in other tables: an index on several columns begins with this one.
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, db_index=False, related_name="verifications"
    )
    account = models.ForeignKey(
        Account, on_delete=models.SET_NULL, null=True, default=None, related_name="verifications"
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="verifications")
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, related_name="verifications"
    )
    template = models.ForeignKey(
        ProviderTemplate,
        on_delete=models.SET_NULL,
        null=True,
        default=None,
        related_name="verifications",
    )
    template_version = models.PositiveIntegerField(null=True, default=None)
    external_template_id = models.CharField(max_length=255, blank=True, default="")
    external_id = models.CharField(max_length=255, blank=True, default="")
    verification_type = models.CharField(max_length=50)
    verification_method = models.CharField(max_length=20, choices=Method.choices)
    processing_mode = models.CharField(max_length=10, choices=RunMode.choices, default=RunMode.SYNC)
    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.LIVE)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    decision = models.CharField(max_length=20, choices=Decision.choices, null=True, default=None)
    sealed_result = sealed_field()
    sealed_request_metadata = sealed_field()
    sealed_subject = sealed_field()
    expectations = models.JSONField(default=dict)
    error = models.JSONField(null=True, default=None)
    job_id = models.CharField(max_length=64, blank=True, default="")
    webhook_url = models.CharField(max_length=500, blank=True, default="")
    correlation_id = models.CharField(max_length=64, blank=True, default="")
    expires_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    result = SealedJSON("sealed_result")
    request_metadata = SealedJSON("sealed_request_metadata")
    subject = SealedJSON("sealed_subject")

    class Meta:
        db_table = "verifications"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["external_id"], name="verification_at_provider"),
            models.Index(fields=["tenant", "-id"], name="verification_list"),
            models.Index(fields=["tenant", "status", "-id"], name="verification_by_status"),
            models.Index(
                fields=["tenant", "verification_type", "-id"], name="verification_by_type"
            ),
            models.Index(
                fields=["expires_at"],
                name="verification_expiring",
                condition=models.Q(status__in=["pending", "in_progress"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
