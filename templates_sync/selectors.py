"""Everything that reads the local copy."""

from __future__ import annotations

import contextlib
from uuid import UUID

from django.db.models import Q

from providers.models import ProviderAccount
from templates_sync.models import ProviderTemplate


def template_named(account: ProviderAccount, reference: str) -> ProviderTemplate | None:
    """A template by our id or the vendor's; None if the account's copy doesn't hold it."""
    wanted = Q(external_template_id=reference)
    with contextlib.suppress(ValueError):
        wanted |= Q(pk=UUID(reference))
    return ProviderTemplate.objects.filter(wanted, provider_account=account).first()


def was_synced(account: ProviderAccount) -> bool:
    return ProviderTemplate.objects.filter(provider_account=account).exists()
