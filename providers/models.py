"""Which providers this installation knows, and with which accounts it reaches them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from common.ids import new_id
from common.sealing import SealedJSON, sealed_field
from providers.types import ProcessingMode


class Provider(models.Model):
    """A vendor, as the registry describes it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=100)
    type = models.CharField(max_length=50, default="document_verification")
    processing_mode = models.CharField(
        max_length=20, choices=[(mode.value, mode.value) for mode in ProcessingMode]
    )
    supports_templates = models.BooleanField(default=False)
    supports_id_verification = models.BooleanField(default=False)
    supports_async = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    base_url = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "providers"
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.slug


class ProviderAccount(models.Model):
    """One set of credentials at a vendor; tenants with the same set share it.

    config: addresses and other account settings, JSON, no secrets. fingerprint: keyed hash over
    config and credentials, which finds the account again without reading them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="accounts")
    config = models.JSONField(default=dict)
    sealed_credentials = sealed_field()
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    credentials = SealedJSON("sealed_credentials")

    class Meta:
        db_table = "provider_accounts"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "fingerprint"], name="provider_account_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider.slug} account {self.pk}"
