"""Our copy beside the vendor's catalogue: what differs, and making ours the same.

The number of statements doesn't grow with that of templates, plans or versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from providers.base import OffersTemplates
from providers.models import ProviderAccount
from templates_sync import bulk
from templates_sync.diff import Difference, Fields, difference
from templates_sync.errors import SyncFailed
from templates_sync.models import ProviderPlan, ProviderTemplate, ProviderTemplateVersion
from templates_sync.reading import VendorCatalogue
from templates_sync.wanted import wanted_plans, wanted_templates


@dataclass(frozen=True, slots=True)
class Kind:
    """What is copied: its model, the vendor's key, the fields the vendor decides, and ours."""

    model: type[models.Model]
    key: str
    fields: tuple[str, ...]
    our_fields: tuple[str, ...] = ("is_active", "last_synced_at", "updated_at")


TEMPLATES = Kind(
    ProviderTemplate,
    "external_template_id",
    ("name", "steps", "metadata"),
    ("version", "is_active", "last_synced_at", "updated_at"),
)
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
    plans, templates = comparisons.plans, comparisons.templates
    _write(plans, plans.written, moment)
    versions = {key: _version(templates, key) for key in templates.written}
    numbered = {
        key: {**fields, "version": versions[key]} for key, fields in templates.written.items()
    }
    rows = _write(templates, numbered, moment)
    bulk.write(
        [
            ProviderTemplateVersion(
                template_id=rows[key].pk, valid_from=moment, version=versions[key], **fields
            )
            for key, fields in templates.written.items()
            if templates.held.fields.get(key) != fields
        ]
    )


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
) -> dict[str, models.Model]:
    """Upsert the rows with these columns, withdraw, stamp; the rows as they are now, by key."""
    kind = comparison.kind
    synced = {"is_active": True, "last_synced_at": moment}
    written = {key: _row(comparison, key, {**fields, **synced}) for key, fields in columns.items()}
    withdrawn = [
        _row(comparison, key, {"is_active": False}) for key in comparison.difference.withdrawn
    ]
    bulk.write(
        [*written.values(), *withdrawn],
        unique_fields=("provider_account", kind.key),
        update_fields=(*kind.fields, *kind.our_fields),
    )
    if comparison.wanted:
        ours = kind.model._default_manager.filter(provider_account=comparison.account)
        ours.filter(is_active=True).update(last_synced_at=moment)
    return written


def _row(comparison: Comparison, key: str, changes: Fields) -> models.Model:
    """The row as it is to be: the one we hold with these changes, or a new one."""
    new = {"provider_account_id": comparison.account.pk, comparison.kind.key: key}
    return comparison.kind.model(**{**comparison.held.rows.get(key, new), **changes})
