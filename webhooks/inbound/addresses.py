"""Where providers call us: one unguessable address for each provider account.

The address only says whose notice it is; whether the notice is theirs, its signature says.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from common.hashing import secret_hash
from providers.base import SendsWebhooks
from providers.models import ProviderAccount
from providers.registry import ADAPTERS
from webhooks.models import InboundAddress

PREFIX = "/hooks"
TOKEN = re.compile("[A-Za-z0-9_-]{43}")
TOKEN_BYTES = 32
OLD_WORKS_FOR = timedelta(hours=24)
NOTE_FORGED_EVERY = timedelta(minutes=1)


def accounts_that_call() -> QuerySet[ProviderAccount]:
    """Every account of a provider that sends webhooks."""
    senders = [slug for slug, adapter in ADAPTERS.items() if issubclass(adapter, SendsWebhooks)]
    return (
        ProviderAccount.objects.filter(provider__slug__in=senders)
        .select_related("provider")
        .order_by("provider__slug", "pk")
    )


def address_of(account: ProviderAccount) -> InboundAddress:
    """The address in use; made if the account has none yet."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    new: dict[str, Any] = {"token_hash": secret_hash(token), "token": token}
    address, _ = InboundAddress.objects.get_or_create(
        provider_account=account, expires_at=None, defaults=new
    )
    return address


@transaction.atomic
def rotate(account: ProviderAccount, *, old_works_for: timedelta = OLD_WORKS_FOR) -> InboundAddress:
    """A new address; the old one works for a while, so that the provider can be told."""
    in_use = InboundAddress.objects.filter(provider_account=account, expires_at=None)
    in_use.update(expires_at=now() + old_works_for)
    return address_of(account)


def old_works_until(account: ProviderAccount) -> datetime | None:
    """When the last of the replaced addresses stops to work; None if none does."""
    replaced = InboundAddress.objects.filter(provider_account=account, expires_at__gt=now())
    newest = replaced.order_by("-expires_at").first()
    return newest.expires_at if newest else None


def path_of(address: InboundAddress) -> str:
    return f"{PREFIX}/{address.provider_account.provider.slug}/{address.token}"


def find(slug: str, token: str) -> InboundAddress | None:
    """The address, with its account and provider; None if there is none (any more)."""
    if not TOKEN.fullmatch(token):
        return None
    return (
        InboundAddress.objects.select_related("provider_account__provider")
        .filter(
            Q(expires_at=None) | Q(expires_at__gt=now()),
            token_hash=secret_hash(token),
            provider_account__provider__slug=slug,
        )
        .first()
    )


def note_forged(address: InboundAddress) -> None:
    """Write down, at most once a minute, that a wrong signature came."""
    moment = now()
    stale = Q(last_forged_at=None) | Q(last_forged_at__lte=moment - NOTE_FORGED_EVERY)
    InboundAddress.objects.filter(stale, pk=address.pk).update(last_forged_at=moment)


def forget_expired() -> None:
    InboundAddress.objects.filter(expires_at__lte=now()).delete()
