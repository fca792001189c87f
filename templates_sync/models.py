"""Vendors' templates and plans, as last read. Vanished ones turn inactive and stay."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Length

from common.ids import new_id
from providers.models import ProviderAccount


class ProviderTemplate(models.Model):
    """A vendor's workflow. steps: [{order, planCode, planId, name}] in the vendor's order.

    A plan the catalogue does not name has planCode null. version grows with every change of name,
    steps or metadata; `versions` keeps what they were. last_synced_at: when the vendor last listed
    it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.CASCADE, related_name="templates"
    )
    external_template_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    steps = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict)
    last_synced_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "provider_templates"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider_account", "external_template_id"], name="template_once"
            )
        ]
        indexes: ClassVar = [
            # The order of lists: a shorter number is a smaller number.
            models.Index(
                "provider_account",
                "is_active",
                Length("external_template_id"),
                "external_template_id",
                name="template_list",
            )
        ]

    def __str__(self) -> str:
        return f"{self.external_template_id} {self.name}"


class ProviderTemplateVersion(models.Model):
    """What a template was from `valid_from` until its next version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    template = models.ForeignKey(
        ProviderTemplate, on_delete=models.CASCADE, related_name="versions", db_index=False
    )
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    steps = models.JSONField(default=list)
    metadata = models.JSONField(default=dict)
    valid_from = models.DateTimeField()

    class Meta:
        db_table = "provider_template_versions"
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "version"], name="template_version_once")
        ]

    def __str__(self) -> str:
        return f"version {self.version} of {self.name}"


class ProviderPlan(models.Model):
    """A vendor's check. pricing: {amount, currency} as text, empty if unknown.

    category: the `StepKind` of it, `unsupported` if we cannot run it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.CASCADE, related_name="plans"
    )
    external_plan_id = models.CharField(max_length=100, blank=True, default="")
    plan_code = models.CharField(max_length=100)
    plan_name = models.CharField(max_length=255)
    category = models.CharField(max_length=100, blank=True, default="")
    pricing = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict)
    last_synced_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "provider_plans"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider_account", "plan_code"], name="plan_once")
        ]

    def __str__(self) -> str:
        return self.plan_code


class SyncStatus(models.TextChoices):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class TemplateSync(models.Model):
    """One reading of an account's templates and plans; the newest says when the next is due.

    A running row is also the lease on the account: only its holder may write the copy, until
    `next_attempt_at`. attempt: counted since the last success, from 1. counts: {templates, plans},
    each {added, changed, withdrawn, unchanged}.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.CASCADE, related_name="template_syncs", db_index=False
    )
    status = models.CharField(max_length=20, choices=SyncStatus.choices, default=SyncStatus.RUNNING)
    attempt = models.PositiveIntegerField(default=1)
    counts = models.JSONField(default=dict)
    error_code = models.CharField(max_length=50, blank=True, default="")
    error_message = models.CharField(max_length=500, blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, default=None)
    next_attempt_at = models.DateTimeField()

    class Meta:
        db_table = "template_syncs"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider_account"],
                condition=models.Q(status="running"),
                name="one_running_sync",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider_account", "-id"], name="latest_sync"),
            models.Index(
                fields=["provider_account", "-finished_at"],
                condition=models.Q(status="succeeded"),
                name="last_good_sync",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} sync of {self.provider_account_id}"
