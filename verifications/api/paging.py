"""Lists, one page at a time."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from rest_framework.request import Request

from verifications.api.forms import ListForm

LARGEST_PAGE = 100


def list_filters(request: Request) -> dict[str, Any]:
    form = ListForm(data=request.query_params)
    form.is_valid(raise_exception=True)
    filters: dict[str, Any] = form.validated_data
    return filters


def page_of(rows: QuerySet[Any], filters: dict[str, Any]) -> dict[str, Any]:
    """`{rows, total, page, totalPages}`; a page past the end is empty."""
    paginator = Paginator(rows, min(filters["limit"], LARGEST_PAGE))
    number = filters["page"]
    has_page = number <= paginator.num_pages
    return {
        "rows": list(paginator.page(number)) if has_page else [],
        "total": paginator.count,
        "page": number,
        "totalPages": paginator.num_pages if paginator.count else 0,
    }
