"""Vendors' templates and plans, as last read. Vanished ones turn inactive and stay."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from common.ids import new_id
from providers.models import ProviderAccount


class ProviderTemplate(models.Model):
    """A vendor's workflow. steps: [{order, planCode, planId, name}] in the vendor's order."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.CASCADE, related_name="templates"
    )
    external_template_id = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    steps = models.JSONField(default=list)
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
            models.Index(fields=["provider_account", "is_active"], name="template_choice")
        ]

    def __str__(self) -> str:
        return f"{self.external_template_id} {self.name}"


class ProviderPlan(models.Model):
    """A vendor's check. pricing: {amount, currency} as text, empty if unknown."""

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
