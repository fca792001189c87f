"""Provider accounts: made from an operator's input, and turned into adapters."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction

from common import correlation
from common.sealing import fingerprint
from providers.account_settings import (
    AccountSettings,
    Scope,
    Setting,
    SettingError,
    split_settings,
)
from providers.base import WEBHOOK_SECRETS, KycProvider, OffersTemplates, VerifiesById
from providers.http import HttpLimits
from providers.models import Provider, ProviderAccount
from providers.registry import adapter_class
from providers.types import Json

T = TypeVar("T")

# What an installation with a single IDMeta account may give by environment instead.
ENVIRONMENT_DEFAULTS: dict[str, dict[str, tuple[str, str]]] = {
    "idmeta": {
        "base_url": ("config", "PROVIDER_API_URL"),
        "company_id": ("config", "PROVIDER_COMPANY_ID"),
        "api_token": ("credentials", "PROVIDER_API_KEY"),
    }
}


@dataclass(frozen=True, slots=True)
class AccountInput:
    """An account and the tenant's own settings, from one operator's input."""

    account: ProviderAccount
    tenant_config: dict[str, Json]


@transaction.atomic
def save_account(
    *, slug: str, config: Mapping[str, Any], credentials: Mapping[str, str]
) -> AccountInput:
    """Find or make the account these settings belong to.

    Raises UnknownProvider or SettingError, whose messages say what to change.
    """
    adapter = adapter_class(slug)
    given = _with_environment(slug, config, credentials)
    split = split_settings(adapter.settings, given["config"], given["credentials"])
    adapter.connect(split.account, http_limits())
    new: dict[str, Any] = {
        "config": dict(split.account.config),
        "credentials": dict(split.account.credentials),
    }
    account, is_new = ProviderAccount.objects.get_or_create(
        provider=ensure_provider(slug),
        fingerprint=account_fingerprint(adapter.settings, split.account),
        defaults=new,
    )
    if not is_new:
        _take_over(account, adapter.settings, split.account)
    return AccountInput(account, split.tenant)


def _take_over(
    account: ProviderAccount, known: tuple[Setting, ...], given: AccountSettings
) -> None:
    """Put what does not tell accounts apart into the account there is; what is not given stays."""
    names = {setting.name for setting in known if not setting.tells_apart}
    config = {**account.config, **_only(given.config, names)}
    credentials = {**(account.credentials or {}), **_only(given.credentials, names)}
    if (config, credentials) != (account.config, account.credentials or {}):
        account.config, account.credentials = config, credentials
        account.save()


def _only(values: Mapping[str, T], names: Collection[str]) -> dict[str, T]:
    return {name: value for name, value in values.items() if name in names}


def change_account(
    account: ProviderAccount,
    *,
    config: Mapping[str, Any],
    credentials: Mapping[str, str] | None = None,
) -> None:
    """Check settings and put them into an account, new or stored; the caller saves it.

    credentials: None keeps those it has. Raises SettingError, also for settings that another
    account has, and SealBroken if those to keep cannot be read.
    """
    adapter = adapter_class(account.provider.slug)
    kept = account.credentials or {} if credentials is None else credentials
    shared = tuple(s for s in adapter.settings if s.scope is not Scope.TENANT)
    split = split_settings(shared, config, kept)
    adapter.connect(split.account, http_limits())
    fingerprint = account_fingerprint(adapter.settings, split.account)
    same = ProviderAccount.objects.filter(provider=account.provider, fingerprint=fingerprint)
    if same.exclude(pk=account.pk).exists():
        raise SettingError("Another account of the provider has the same settings; use that one")
    account.config = dict(split.account.config)
    account.credentials = dict(split.account.credentials)
    account.fingerprint = fingerprint


def ensure_provider(slug: str) -> Provider:
    """The row of a registered provider, up to date with its adapter. Raises UnknownProvider."""
    adapter = adapter_class(slug)
    provider, _ = Provider.objects.update_or_create(
        slug=slug,
        defaults={
            "name": adapter.display_name,
            "processing_mode": adapter.processing_mode.value,
            "supports_templates": issubclass(adapter, OffersTemplates),
            "supports_id_verification": issubclass(adapter, VerifiesById),
        },
    )
    return provider


def account_fingerprint(known: tuple[Setting, ...], account: AccountSettings) -> str:
    """Equal for two sets of settings of the same account. known: the adapter's table."""
    others = {setting.name for setting in known if not setting.tells_apart}
    parts = [
        {name: value for name, value in values.items() if name not in others}
        for values in (account.config, account.credentials)
    ]
    return fingerprint(json.dumps(parts, sort_keys=True, default=str), "provider_account")


def webhook_secrets(account: ProviderAccount) -> tuple[str, ...]:
    """The secrets that may have signed a webhook, newest first; () if none is set.

    Raises SealBroken if the account's credentials cannot be read.
    """
    credentials = account.credentials or {}
    return tuple(secret for name in WEBHOOK_SECRETS for secret in credentials.get(name, "").split())


def http_limits() -> HttpLimits:
    return HttpLimits(
        connect_timeout=settings.CONNECT_TIMEOUT,
        total_timeout=settings.STEP_TIMEOUT,
        breaker_failures=settings.BREAKER_FAILURES,
        breaker_reset=settings.BREAKER_RESET,
        correlation_id=correlation.current,
    )


class _Adapters:
    """One adapter object per account and process: it holds the connections and the breaker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[UUID, tuple[datetime, KycProvider]] = {}

    def of(self, account: ProviderAccount) -> KycProvider:
        with self._lock:
            kept = self._kept.get(account.pk)
            if kept is not None and kept[0] == account.updated_at:
                return kept[1]
            adapter = adapter_class(account.provider.slug).connect(
                AccountSettings(account.config, account.credentials or {}), http_limits()
            )
            self._kept[account.pk] = (account.updated_at, adapter)
            return adapter

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


_adapters = _Adapters()
forget_adapters = _adapters.forget


def adapter_for(account: ProviderAccount) -> KycProvider:
    """The adapter of an account. Raises SealBroken if its credentials cannot be read."""
    return _adapters.of(account)


def _with_environment(
    slug: str, config: Mapping[str, Any], credentials: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    given: dict[str, dict[str, Any]] = {
        "config": dict(config),
        "credentials": dict(credentials),
    }
    for key, (kind, setting) in ENVIRONMENT_DEFAULTS.get(slug, {}).items():
        if not given[kind].get(key) and getattr(settings, setting):
            given[kind][key] = getattr(settings, setting)
    return given
