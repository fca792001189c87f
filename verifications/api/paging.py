"""Lists, one page at a time."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from common import paging
from verifications.api.forms import ListForm


def list_filters(request: Request) -> dict[str, Any]:
    form = ListForm(data=request.query_params)
    form.is_valid(raise_exception=True)
    filters: dict[str, Any] = form.validated_data
    return filters


def page_of(rows: QuerySet[Any], filters: dict[str, Any]) -> dict[str, Any]:
    """`{rows, total, page, totalPages}`; a page past the end is empty."""
    return paging.page_of(rows, page=filters["page"], limit=filters["limit"])
