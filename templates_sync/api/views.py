"""What the caller's provider account offers: templates and plans, from the local copy."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.paging import page_of, query_of
from common.problems import Problem
from providers.models import ProviderAccount
from providers.services import adapter_for
from templates_sync import selectors
from templates_sync.api.serializers import (
    ListForm,
    PlanListOut,
    PlanOut,
    TemplateListOut,
    TemplateOut,
)
from templates_sync.models import ProviderPlan, ProviderTemplate
from tenants.authentication import caller_of
from tenants.selectors import working_config


class TemplatesView(APIView):
    @extend_schema(
        operation_id="listTemplates",
        summary="List the templates you can use, in the order of the provider's ids",
        parameters=[ListForm],
        responses={200: TemplateListOut},
    )
    def get(self, request: Request) -> Response:
        account, filters = _account(request), query_of(request, ListForm)
        rows = ProviderTemplate.objects.none()
        if account is not None:
            rows = selectors.usable_templates(account).filter(
                Q(name__icontains=filters["search"])
                | Q(external_template_id__icontains=filters["search"])
            )
        page = _page(rows, filters, account)
        found = TemplateOut(page.pop("rows"), many=True, context=_context(account)).data
        return Response({"templates": found, **page})


class TemplateView(APIView):
    @extend_schema(
        operation_id="getTemplate",
        summary="Read a template, by our id or the provider's",
        responses={200: TemplateOut},
    )
    def get(self, request: Request, reference: str) -> Response:
        account = _account(request)
        template = selectors.template_named(account, reference) if account else None
        if template is None or not template.is_active:
            raise _not_found("template", reference)
        return Response(TemplateOut(template, context=_context(account)).data)


class PlansView(APIView):
    @extend_schema(
        operation_id="listPlans",
        summary="List the checks your provider offers, by code",
        parameters=[ListForm],
        responses={200: PlanListOut},
    )
    def get(self, request: Request) -> Response:
        account, filters = _account(request), query_of(request, ListForm)
        rows = ProviderPlan.objects.none()
        if account is not None:
            rows = selectors.usable_plans(account).filter(
                Q(plan_name__icontains=filters["search"])
                | Q(plan_code__icontains=filters["search"])
            )
        page = _page(rows, filters, account)
        found = PlanOut(page.pop("rows"), many=True, context=_context(account)).data
        return Response({"plans": found, **page})


class PlanView(APIView):
    @extend_schema(
        operation_id="getPlan", summary="Read a plan, by its code", responses={200: PlanOut}
    )
    def get(self, request: Request, code: str) -> Response:
        account = _account(request)
        plan = selectors.plan_named(account, code) if account else None
        if plan is None or not plan.is_active:
            raise _not_found("plan", code)
        return Response(PlanOut(plan, context=_context(account)).data)


def _account(request: Request) -> ProviderAccount | None:
    """The account that works for the caller's tenant; every row shown hangs on it."""
    config = working_config(caller_of(request).tenant)
    return config.provider_account if config else None


def _context(account: ProviderAccount | None) -> dict[str, Any]:
    return {"adapter": adapter_for(account)} if account else {}


def _page(
    rows: QuerySet[Any], filters: dict[str, Any], account: ProviderAccount | None
) -> dict[str, Any]:
    """`{rows, total, page, totalPages, lastSyncedAt}`; a page past the end is empty."""
    return {
        **page_of(rows, filters),
        "lastSyncedAt": selectors.last_synced_at(account) if account else None,
    }


def _not_found(kind: str, reference: str) -> Problem:
    return Problem(
        HTTPStatus.NOT_FOUND,
        f"{kind}_not_found",
        f"{kind.capitalize()} {reference} not found",
        suggested_action=f"Use one of those that GET /api/v1/{kind}s lists",
    )
