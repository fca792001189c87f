"""Everything that reads verifications. Each starts from the tenant, so a stranger finds nothing."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Max, QuerySet

from tenants.models import Account, Tenant
from tenants.selectors import accounts_of
from verifications.models import Verification


def verifications_of(tenant: Tenant) -> QuerySet[Verification]:
    """Newest first, with what an answer needs."""
    return Verification.objects.filter(tenant=tenant).select_related("provider", "session")


def has_verification(tenant: Tenant, verification_id: UUID) -> bool:
    return Verification.objects.filter(tenant=tenant, pk=verification_id).exists()


def verified_people(tenant: Tenant) -> QuerySet[Account]:
    """The tenant's accounts with verification_count and last_verified, newest first."""
    return (
        accounts_of(tenant)
        .annotate(
            verification_count=Count("verifications"),
            last_verified=Max("verifications__completed_at"),
        )
        .order_by("-id")
    )
