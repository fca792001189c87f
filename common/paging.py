"""Pages of lists: `page` from 1, `limit` up to 100."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from rest_framework import serializers

LARGEST_PAGE = 100


class PageForm(serializers.Serializer[Any]):
    """The query of a list."""

    page = serializers.IntegerField(required=False, min_value=1, default=1)
    limit = serializers.IntegerField(
        required=False, min_value=1, default=20, help_text=f"at most {LARGEST_PAGE}"
    )


def page_of(rows: QuerySet[Any], *, page: int, limit: int) -> dict[str, Any]:
    """`{rows, total, page, totalPages}`; a page past the end is empty."""
    paginator = Paginator(rows, min(limit, LARGEST_PAGE))
    return {
        "rows": list(paginator.page(page)) if page <= paginator.num_pages else [],
        "total": paginator.count,
        "page": page,
        "totalPages": paginator.num_pages if paginator.count else 0,
    }
