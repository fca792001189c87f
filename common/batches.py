"""Deleting many rows without one long transaction."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet


def delete_in_batches(rows: QuerySet[Any], size: int) -> None:
    """Delete the rows, and what depends on them, so many at a time."""
    while ids := list(rows.values_list("pk", flat=True)[:size]):
        rows.model._default_manager.filter(pk__in=ids).delete()
