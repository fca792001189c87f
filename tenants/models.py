"""Tenants, their keys, the people they verified, and which provider works for them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models

from common.ids import new_id
from common.sealing import SealedJSON, sealed_field
from providers.models import Provider, ProviderAccount


class TenantStatus(models.TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    PENDING = "pending"


class Mode(models.TextChoices):
    """Live or test; of a key, and so of everything done with it."""

    LIVE = "live"
    TEST = "test"


class Tenant(models.Model):
    """A customer of this service: a bank, a wallet, a marketplace.

    webhook_secrets: sign what goes to a verification's `webhookUrl`; see `common.signing_secrets`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200, unique=True)
    email = models.EmailField(max_length=254, unique=True, null=True, default=None)
    status = models.CharField(
        max_length=20, choices=TenantStatus.choices, default=TenantStatus.ACTIVE
    )
    settings = models.JSONField(default=dict, blank=True)
    sealed_webhook_secrets = sealed_field()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    webhook_secrets = SealedJSON("sealed_webhook_secrets")

    class Meta:
        db_table = "tenants"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class KeyStatus(models.TextChoices):
    ACTIVE = "active"
    REVOKED = "revoked"


class TenantApiKey(models.Model):
    """An API key; only its hash and last four characters are kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=64, unique=True)
    preview_suffix = models.CharField(max_length=8)
    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.LIVE)
    status = models.CharField(max_length=20, choices=KeyStatus.choices, default=KeyStatus.ACTIVE)
    expires_at = models.DateTimeField(null=True, default=None)
    revoked_at = models.DateTimeField(null=True, default=None)
    last_used_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "tenant_api_keys"
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        return f"kya_****{self.preview_suffix}"

    def is_valid_at(self, moment: datetime) -> bool:
        has_expired = self.expires_at is not None and self.expires_at <= moment
        return self.status == KeyStatus.ACTIVE and not has_expired


class SpentTicket(models.Model):
    """A ticket that was used, by its `jti`; kept until it has expired for sure."""

    id = models.UUIDField(primary_key=True, editable=False)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "spent_tickets"

    def __str__(self) -> str:
        return str(self.pk)


class TenantProviderConfig(models.Model):
    """That a tenant uses a provider, with which account and settings.

    The enabled config with the lowest priority works; among equals the newest.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="provider_configs")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="tenant_configs")
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, related_name="tenant_configs"
    )
    is_enabled = models.BooleanField(default=True)
    priority = models.PositiveIntegerField(default=1)
    config = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "tenant_provider_configs"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "provider"], name="provider_once_per_tenant")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "is_enabled", "priority"], name="config_choice")
        ]

    def __str__(self) -> str:
        return f"{self.tenant} uses {self.provider}"


class Account(models.Model):
    """A person a tenant has verified. `profile` holds name{first,last}, birthdate, referenceId.

    reference_fingerprint: keyed hash of the reference, so that one person gets one account.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="accounts")
    reference_fingerprint = models.CharField(max_length=64)
    sealed_profile = sealed_field()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    profile = SealedJSON("sealed_profile")

    class Meta:
        db_table = "accounts"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "reference_fingerprint"], name="account_once_per_person"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "-id"], name="account_list")]

    def __str__(self) -> str:
        return str(self.pk)
