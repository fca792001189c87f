"""Our copy beside the vendor's catalogue: what differs, and making ours the same.

Rows are written in batches, so that the number of queries doesn't grow with that of templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from providers.base import OffersTemplates
from providers.models import ProviderAccount
from templates_sync.diff import Difference, Fields, difference
from templates_sync.errors import SyncFailed
from templates_sync.models import ProviderPlan, ProviderTemplate, ProviderTemplateVersion
from templates_sync.reading import VendorCatalogue
from templates_sync.wanted import wanted_plans, wanted_templates

BATCH = 2000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is copied: its model, the vendor's key, and the fields the vendor decides."""

    model: type[models.Model]
    key: str
    fields: tuple[str, ...]


TEMPLATES = Kind(ProviderTemplate, "external_template_id", ("name", "steps", "metadata"))
PLANS = Kind(ProviderPlan, "plan_code", ("external_plan_id", "plan_name", "category", "pricing"))


@dataclass(frozen=True, slots=True)
class Held:
    """Our rows of one kind, by the vendor's key: all columns that matter, and the fields alone."""

    rows: Mapping[str, Mapping[str, Any]]
    fields: Mapping[str, Fields]

    @property
    def active(self) -> frozenset[str]:
        return frozenset(key for key, row in self.rows.items() if row["is_active"])


@dataclass(frozen=True, slots=True)
class Comparison:
    """One kind of an account: what we hold, what the vendor has, and how they differ."""

    account: ProviderAccount
    kind: Kind
    held: Held
    wanted: Mapping[str, Fields]
    difference: Difference

    @property
    def written(self) -> dict[str, Fields]:
        """The fields of what is new, back or changed, by key."""
        return {key: self.wanted[key] for key in (*self.difference.added, *self.difference.changed)}


@dataclass(frozen=True, slots=True)
class Comparisons:
    templates: Comparison
    plans: Comparison

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        return {
            "templates": self.templates.difference.counts,
            "plans": self.plans.difference.counts,
        }


def compare(
    account: ProviderAccount, catalogue: VendorCatalogue, adapter: OffersTemplates
) -> Comparisons:
    """Raises SyncFailed if the vendor lists nothing, doesn't say so, and we hold templates.

    An answer without a plan catalogue withdraws no plan, and the steps keep their names.
    """
    templates, plans = _held(account, TEMPLATES), _held(account, PLANS)
    if templates.active and not catalogue.templates and not catalogue.is_surely_empty:
        raise SyncFailed("list_empty", "The vendor listed no template, but not that there is none")
    new_plans = wanted_plans(catalogue.plans, adapter)
    new_templates = wanted_templates(catalogue.templates, {**plans.fields, **new_plans})
    return Comparisons(
        templates=_comparison(account, TEMPLATES, templates, new_templates),
        plans=_comparison(account, PLANS, plans, new_plans)
        if new_plans
        else Comparison(account, PLANS, plans, {}, Difference(unchanged=tuple(plans.active))),
    )


def write(comparisons: Comparisons, moment: datetime) -> None:
    """Make our copy the vendor's, as of `moment`; within the caller's transaction."""
    _write(comparisons.plans, comparisons.plans.written, moment)
    templates = comparisons.templates
    versions = {key: _version(templates, key) for key in templates.written}
    numbered = {
        key: {**fields, "version": versions[key]} for key, fields in templates.written.items()
    }
    ids = _write(templates, numbered, moment)
    history = (
        ProviderTemplateVersion(
            template_id=ids[key], version=versions[key], valid_from=moment, **templates.wanted[key]
        )
        for key in templates.written
        if templates.held.fields.get(key) != templates.wanted[key]
    )
    for versions_of_batch in _batches(history):
        ProviderTemplateVersion.objects.bulk_create(versions_of_batch, batch_size=BATCH)


def _held(account: ProviderAccount, kind: Kind) -> Held:
    rows = kind.model._default_manager.filter(provider_account=account).values()
    by_key = {row[kind.key]: row for row in rows}
    fields = {key: {name: row[name] for name in kind.fields} for key, row in by_key.items()}
    return Held(by_key, fields)


def _comparison(
    account: ProviderAccount, kind: Kind, held: Held, wanted: Mapping[str, Fields]
) -> Comparison:
    return Comparison(account, kind, held, wanted, difference(held.fields, held.active, wanted))


def _version(templates: Comparison, key: str) -> int:
    """One that is back as it was keeps its version."""
    row = templates.held.rows.get(key)
    if row is None:
        return 1
    return int(row["version"]) + (templates.held.fields[key] != templates.wanted[key])


def _write(
    comparison: Comparison, columns: Mapping[str, Fields], moment: datetime
) -> dict[str, UUID]:
    """Upsert the rows with these columns, withdraw, stamp; the ids of the upserted, by key."""
    kind, held = comparison.kind, comparison.held
    ours = kind.model._default_manager.filter(provider_account=comparison.account)
    ids: dict[str, UUID] = {}
    for batch in _batches(columns.items()):
        rows = {key: _row(comparison, key, fields, moment) for key, fields in batch}
        ours.bulk_create(
            list(rows.values()),
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["provider_account", kind.key],
            update_fields=[*batch[0][1], "is_active", "last_synced_at", "updated_at"],
        )
        # A row that was there keeps its id.
        ids |= {key: held.rows[key]["id"] if key in held.rows else rows[key].pk for key in rows}
    for keys in _batches(comparison.difference.withdrawn):
        withdrawn = [held.rows[key]["id"] for key in keys]
        ours.filter(pk__in=withdrawn).update(is_active=False, updated_at=moment)
    if comparison.wanted:
        ours.filter(is_active=True).update(last_synced_at=moment)
    return ids


def _row(comparison: Comparison, key: str, fields: Fields, moment: datetime) -> models.Model:
    return comparison.kind.model(
        provider_account=comparison.account,
        is_active=True,
        last_synced_at=moment,
        **{comparison.kind.key: key},
        **fields,
    )


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH)):
        yield batch
