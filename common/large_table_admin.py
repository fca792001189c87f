"""Admin pages of tables that grow for ever: no page may read the whole of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

MOST_ROWS = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Counts and shows the first rows alone."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_ROWS].count())


class LargeTable(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    paginator = CappedPaginator
    show_full_result_count = False


class SearchedById(LargeTable):
    """By whole ids, which have an index; parts of texts would be looked for in every row."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        wanted = search_term.strip()
        if not wanted:
            return queryset, False
        try:
            return self.with_id(queryset, UUID(wanted)), False
        except ValueError:
            return self.with_text(queryset, wanted), False

    def with_id(self, rows: QuerySet[Any], id_: UUID) -> QuerySet[Any]:
        return rows.filter(pk=id_)

    def with_text(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return rows.none()


def fixed_choices(field: str, values: Iterable[str]) -> type[admin.SimpleListFilter]:
    """A filter by a field that offers these values; Django's own would read the table for them."""
    choices = [(value, value) for value in values]

    class FixedChoices(admin.SimpleListFilter):
        title = field.replace("_", " ")
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return choices

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            wanted = self.value()
            return queryset if wanted is None else queryset.filter(**{field: wanted})

    return FixedChoices
