"""Pages of lists: `page` from 1, `limit` up to 100."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

LARGEST_PAGE = 100


class PageForm(serializers.Serializer[Any]):
    """The query of a list."""

    page = serializers.IntegerField(required=False, min_value=1, default=1)
    limit = serializers.IntegerField(
        required=False, min_value=1, default=20, help_text=f"at most {LARGEST_PAGE}"
    )


def query_of(request: Request, form: type[PageForm]) -> dict[str, Any]:
    """The query of a list, validated: `page`, `limit` and what else the form knows."""
    given = form(data=request.query_params)
    given.is_valid(raise_exception=True)
    query: dict[str, Any] = given.validated_data
    return query


def page_of(rows: QuerySet[Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """`{rows, total, page, totalPages}`; a page past the end is empty.

    query: from `query_of`; of it only `page` and `limit` count here.
    """
    page: int = query["page"]
    paginator = Paginator(rows, min(query["limit"], LARGEST_PAGE))
    return {
        "rows": list(paginator.page(page)) if page <= paginator.num_pages else [],
        "total": paginator.count,
        "page": page,
        "totalPages": paginator.num_pages if paginator.count else 0,
    }
