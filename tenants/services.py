"""Everything that changes tenants, keys, provider configs and accounts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from common import signing_secrets
from common.hashing import secret_hash
from common.prepared_query import PreparedQuery
from common.sealing import fingerprint
from providers.services import save_account
from tenants.models import Account, KeyStatus, Mode, Tenant, TenantApiKey

KEY_PREFIX = "kya_"
LAST_USED_EVERY = timedelta(minutes=1)
ACCOUNTS_BY_PERSON = PreparedQuery(Account.objects.order_by(), "tenant", "reference_fingerprint")


class EmailTaken(ValueError):
    """Another tenant has this e-mail address."""


class NotATenant(ValueError):
    """A name or an e-mail address that no tenant can have; the text says what to give instead."""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key; `plain` is shown once and kept nowhere."""

    key: TenantApiKey
    plain: str

    def __repr__(self) -> str:
        return f"IssuedKey({self.key.masked})"


@transaction.atomic
def save_tenant(
    *,
    name: str,
    provider: str,
    config: Mapping[str, Any],
    credentials: Mapping[str, str],
    email: str | None = None,
) -> Tenant:
    """Make or update the tenant of this name and the provider it uses.

    The provider named becomes the one that works: priority 1, others step behind it. Raises
    NotATenant, UnknownProvider, SettingError or EmailTaken, and writes nothing then.
    """
    name, email = name.strip(), (email or "").strip()
    _refuse_unusable(name, email)
    tenant, is_new = Tenant.objects.get_or_create(name=name)
    if email and tenant.email != email:
        if Tenant.objects.filter(email=email).exists():
            raise EmailTaken("A tenant with this email already exists")
        tenant.email = email
        tenant.save(update_fields=["email", "updated_at"])
    saved = save_account(slug=provider, config=config, credentials=credentials)
    fields = {
        "provider_account": saved.account,
        "config": saved.tenant_config,
        "is_enabled": True,
        "priority": 1,
    }
    if is_new:
        tenant.provider_configs.create(provider=saved.account.provider, **fields)
        return tenant
    others = tenant.provider_configs.exclude(provider=saved.account.provider)
    others.filter(priority__lte=1).update(priority=10)
    tenant.provider_configs.update_or_create(provider=saved.account.provider, defaults=fields)
    return tenant


def _refuse_unusable(name: str, email: str) -> None:
    """The columns' own rules, which a database may not enforce."""
    try:
        Tenant(name=name, email=email).clean_fields(exclude=None if email else ["email"])
    except ValidationError as error:
        wrong = error.message_dict.items()
        raise NotATenant(
            "; ".join(f"{field}: {' '.join(messages)}" for field, messages in wrong)
        ) from None


def issue_key(
    *, tenant: Tenant, name: str, mode: Mode = Mode.LIVE, expires_at: datetime | None = None
) -> IssuedKey:
    """A new API key: `kya_` and 64 hex characters."""
    plain = KEY_PREFIX + secrets.token_hex(32)
    key = TenantApiKey.objects.create(
        tenant=tenant,
        name=name,
        key_hash=secret_hash(plain),
        preview_suffix=plain[-4:],
        mode=mode,
        expires_at=expires_at,
    )
    return IssuedKey(key, plain)


def revoke_keys(*, tenant: Tenant, name: str) -> int:
    """Revoke the tenant's active keys of this name; how many there were."""
    return tenant.api_keys.filter(name=name, status=KeyStatus.ACTIVE).update(
        status=KeyStatus.REVOKED, revoked_at=now()
    )


@transaction.atomic
def first_webhook_secret(tenant: Tenant) -> str | None:
    """Give a tenant that has no webhook secret its first, and return it; None if it has one."""
    locked = Tenant.objects.select_for_update().get(pk=tenant.pk)
    if locked.webhook_secrets:
        return None
    return _save_webhook_secrets(locked, signing_secrets.first())


@transaction.atomic
def rotate_webhook_secret(*, tenant: Tenant) -> Tenant:
    """A new webhook secret in front; the one before it stays valid for 24 h."""
    locked = Tenant.objects.select_for_update().get(pk=tenant.pk)
    _save_webhook_secrets(locked, signing_secrets.rotated(locked.webhook_secrets or [], now()))
    return locked


def webhook_secrets(tenant: Tenant) -> signing_secrets.Secrets:
    """The tenant's, newest first; made if it has none yet."""
    if not tenant.webhook_secrets:
        first_webhook_secret(tenant)
        tenant.refresh_from_db(fields=["sealed_webhook_secrets"])
    held: signing_secrets.Secrets = tenant.webhook_secrets
    return held


def _save_webhook_secrets(tenant: Tenant, held: signing_secrets.Secrets) -> str:
    tenant.webhook_secrets = held
    tenant.save(update_fields=["sealed_webhook_secrets", "updated_at"])
    return signing_secrets.newest(held)


def note_use(key: TenantApiKey) -> None:
    """Write `last_used_at`, at most once a minute whatever the number of requests."""
    moment = now()
    if key.last_used_at is not None and moment - key.last_used_at < LAST_USED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=moment - LAST_USED_EVERY)
    TenantApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=moment)


def account_of_person(*, tenant: Tenant, extracted: Mapping[str, str]) -> Account | None:
    """The one account of the person on a document; None if the document does not name one.

    extracted: `result.document.extracted`. The reference is `<nationality>_<documentNumber>`.
    """
    country = extracted.get("nationality") or extracted.get("issuingCountry")
    number = extracted.get("documentNumber")
    if not country or not number:
        return None
    reference = f"{country}_{number}"
    person = (tenant.pk, reference_fingerprint(reference))
    known = ACCOUNTS_BY_PERSON.rows_of(*person)
    if known:
        return known[0]
    profile: dict[str, Any] = {
        "name": {"first": extracted.get("firstName"), "last": extracted.get("lastName")},
        "birthdate": extracted.get("dateOfBirth"),
        "referenceId": reference,
    }
    account = Account(tenant=tenant, reference_fingerprint=person[1])
    account.profile = profile
    # Another worker may have been a moment faster: then its row counts.
    Account.objects.bulk_create([account], ignore_conflicts=True)
    return ACCOUNTS_BY_PERSON.rows_of(*person)[0]


def reference_fingerprint(reference: str) -> str:
    """Finds a person's account without storing who it is in clear."""
    return fingerprint(reference, "account_reference")
