"""Re-encrypts everything with the newest key, so that old keys can be dropped.

Works in small steps, beside running traffic: a value that changes meanwhile is left alone, because
whoever changed it sealed it with the newest key. Running it twice does nothing the second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from common.sealing import SealedJSON, is_sealed_with_newest_key
from providers.account_settings import AccountSettings
from providers.models import ProviderAccount
from providers.registry import adapter_class
from providers.services import account_fingerprint
from tenants.models import Account
from tenants.services import reference_fingerprint
from verifications import evidence_store
from verifications.models import Evidence

BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one column (or the files) has come."""

    name: str
    seen: int
    changed: int


def rotate_everything() -> Iterator[Progress]:
    """Yields after each batch. Raises SealBroken if a value's key is not configured any more."""
    for model, column in sealed_columns():
        yield from _rotate_column(model, column)
    yield from _rotate_files()
    yield from _renew_fingerprints()


def sealed_columns() -> list[tuple[type[models.Model], SealedJSON]]:
    """Every encrypted column there is, found by its descriptor."""
    return [
        (model, attribute)
        for model in apps.get_models()
        for attribute in vars(model).values()
        if isinstance(attribute, SealedJSON)
    ]


def _rotate_column(model: type[models.Model], column: SealedJSON) -> Iterator[Progress]:
    name = f"{model._meta.db_table}.{column.field_name}"
    seen = changed = 0
    for row in _rows(model._default_manager.exclude(**{column.field_name: None})):
        seen += 1
        sealed = getattr(row, column.field_name)
        if not is_sealed_with_newest_key(sealed):
            column.__set__(row, column.__get__(row))
            unchanged = model._default_manager.filter(pk=row.pk, **{column.field_name: sealed})
            changed += unchanged.update(**{column.field_name: getattr(row, column.field_name)})
        if seen % BATCH_ROWS == 0:
            yield Progress(name, seen, changed)
    yield Progress(name, seen, changed)


def _rotate_files() -> Iterator[Progress]:
    seen = changed = 0
    for row in _rows(Evidence.objects.all()):
        seen += 1
        changed += evidence_store.reseal(row)
        if seen % BATCH_ROWS == 0:
            yield Progress("evidence files", seen, changed)
    yield Progress("evidence files", seen, changed)


def _renew_fingerprints() -> Iterator[Progress]:
    """Fingerprints hang on SECRET_KEY; after a change of it they are made anew."""
    changed = 0
    provider_accounts = list(ProviderAccount.objects.select_related("provider"))
    for provider_account in provider_accounts:
        known = adapter_class(provider_account.provider.slug).settings
        settings = AccountSettings(provider_account.config, provider_account.credentials or {})
        changed += _renew(provider_account, "fingerprint", account_fingerprint(known, settings))
    yield Progress("provider_accounts.fingerprint", len(provider_accounts), changed)
    seen = changed = 0
    for account in _rows(Account.objects.all()):
        seen += 1
        renewed = reference_fingerprint(account.profile["referenceId"])
        changed += _renew(account, "reference_fingerprint", renewed)
    yield Progress("accounts.reference_fingerprint", seen, changed)


def _renew(row: models.Model, field: str, value: str) -> int:
    if getattr(row, field) == value:
        return 0
    return type(row)._default_manager.filter(pk=row.pk).update(**{field: value})


def _rows(queryset: models.QuerySet[Any]) -> Iterator[Any]:
    """In order of the key, a batch at a time; no transaction stays open for long."""
    last = None
    while True:
        rows = queryset.order_by("pk")
        batch = list((rows if last is None else rows.filter(pk__gt=last))[:BATCH_ROWS])
        if not batch:
            return
        yield from batch
        last = batch[-1].pk
