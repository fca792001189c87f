"""Parse, call a service, answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.parsers import SizedMultiPartParser
from common.problems import Problem
from tenants.authentication import Principal
from verifications import id_checks, runner, selectors, services
from verifications.api import examples
from verifications.api.forms import IdCheckForm, ListForm, UploadForm, VerificationForm
from verifications.api.serializers import (
    CreatedOut,
    IdTypeListOut,
    UserListOut,
    UserOut,
    VerificationListOut,
    VerificationOut,
)
from verifications.evidence_store import EvidenceUnreadable
from verifications.models import Verification
from verifications.requests import AccountNotFound, NewVerification, RequestNotPossible
from verifications.transitions import TransitionNotAllowed

LARGEST_PAGE = 100
# Technical failures that are the caller's to mend.
CALLERS_MISTAKES = frozenset({"template_not_found", "template_not_supported", "input_missing"})
OUR_FAILURES = frozenset({"internal_error", EvidenceUnreadable.code})
PROVIDER_UNAVAILABLE = "Provider service temporarily unavailable"


class VerificationsView(APIView):
    @extend_schema(
        operation_id="createVerification",
        summary="Verify a document or a face",
        request=VerificationForm,
        responses={201: CreatedOut},
        examples=examples.CREATE,
    )
    def post(self, request: Request) -> Response:
        form = VerificationForm(data=request.data)
        form.is_valid(raise_exception=True)
        return _verified_now(form.request(_caller(request)))

    @extend_schema(
        operation_id="listVerifications",
        summary="List verifications, newest first",
        parameters=[ListForm],
        responses={200: VerificationListOut},
    )
    def get(self, request: Request) -> Response:
        filters = _list_form(request)
        rows = selectors.verifications_of(_caller(request).tenant)
        rows = rows.prefetch_related("session__steps")
        for name in ("status", "verification_type", "account_id"):
            if name in filters:
                rows = rows.filter(**{name: filters[name]})
        page = _page(rows, filters)
        found = VerificationOut(page.pop("rows"), many=True).data
        return Response({"verifications": found, **page})


class VerifyByIdView(APIView):
    @extend_schema(
        operation_id="verifyById",
        summary="Check an ID number against its registry",
        description="No picture is needed. `GET /id-types` tells which types there are and what "
        "each needs; everything is checked before the provider is asked.",
        request=IdCheckForm,
        responses={201: CreatedOut},
        examples=examples.VERIFY_BY_ID,
    )
    def post(self, request: Request) -> Response:
        form = IdCheckForm(data=request.data)
        form.is_valid(raise_exception=True)
        return _verified_now(form.request(_caller(request)))


class IdTypesView(APIView):
    @extend_schema(
        operation_id="listIdTypes",
        summary="List the ID numbers the tenant can check, with what a form needs",
        responses={200: IdTypeListOut},
    )
    def get(self, request: Request) -> Response:
        types = id_checks.types_for(_caller(request).tenant)
        return Response(IdTypeListOut({"id_types": types}).data)


class UploadView(APIView):
    parser_classes = (SizedMultiPartParser,)

    @extend_schema(
        operation_id="uploadVerification",
        summary="Verify pictures sent as files",
        request={"multipart/form-data": UploadForm},
        responses={201: CreatedOut},
    )
    def post(self, request: Request) -> Response:
        form = UploadForm(data=request.data)
        form.is_valid(raise_exception=True)
        return _verified_now(form.request(_caller(request)))


class VerificationView(APIView):
    @extend_schema(
        operation_id="getVerification",
        summary="Read a verification",
        responses={200: VerificationOut},
    )
    def get(self, request: Request, verification_id: str) -> Response:
        return Response(VerificationOut(_find(request, verification_id)).data)

    @extend_schema(
        operation_id="cancelVerification",
        summary="Cancel a verification that is not over",
        responses={204: OpenApiResponse(description="Cancelled")},
    )
    def delete(self, request: Request, verification_id: str) -> Response:
        verification = _find(request, verification_id)
        try:
            services.cancel(verification=verification)
        except TransitionNotAllowed:
            raise _wrong_state(verification) from None
        return Response(status=HTTPStatus.NO_CONTENT)


class UsersView(APIView):
    @extend_schema(
        operation_id="listUsers",
        summary="List the people the tenant has verified",
        parameters=[ListForm],
        responses={200: UserListOut},
    )
    def get(self, request: Request) -> Response:
        page = _page(selectors.verified_people(_caller(request).tenant), _list_form(request))
        return Response({"users": UserOut(page.pop("rows"), many=True).data, **page})


def _caller(request: Request) -> Principal:
    return cast("Principal", request.auth)


def _verified_now(new: NewVerification) -> Response:
    """Create, run while the caller waits, and answer with what came out."""
    try:
        verification = services.create(new)
    except RequestNotPossible as refusal:
        raise _refused(refusal) from None
    except AccountNotFound:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "account_not_found",
            f"Account {new.account_id} not found in tenant {new.tenant.pk}",
            suggested_action="Use the id of one of the tenant's accounts, or leave it out",
        ) from None
    runner.run_for_caller(verification.session.pk)
    verification = selectors.verifications_of(new.tenant).get(pk=verification.pk)
    if verification.error is not None:
        raise _technical(verification)
    return Response(CreatedOut(verification).data, status=HTTPStatus.CREATED)


def _refused(refusal: RequestNotPossible) -> Problem:
    return Problem(
        HTTPStatus.BAD_REQUEST,
        refusal.code,
        refusal.message,
        suggested_action=refusal.suggested_action,
        details=refusal.details,
    )


def _technical(verification: Verification) -> Problem:
    """503 if the same request may work later, 502 if not; 400 where the caller can mend it, 500
    where we failed."""
    error = verification.error or {}
    if error["code"] in CALLERS_MISTAKES:
        status, message = HTTPStatus.BAD_REQUEST, error["message"]
    elif error["code"] in OUR_FAILURES:
        status, message = HTTPStatus.INTERNAL_SERVER_ERROR, error["message"]
    elif error["retryable"]:
        status, message = HTTPStatus.SERVICE_UNAVAILABLE, PROVIDER_UNAVAILABLE
    else:
        status, message = HTTPStatus.BAD_GATEWAY, error["message"]
    return Problem(
        status,
        error["code"],
        message,
        suggested_action=error["suggestedAction"],
        retryable=error["retryable"],
        details={"verificationId": str(verification.pk)},
    )


def _find(request: Request, verification_id: str) -> Verification:
    """The tenant's verification; 400 for a malformed id, 404 for anybody else's."""
    tenant = _caller(request).tenant
    try:
        wanted = UUID(verification_id)
    except ValueError:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "malformed_id",
            "Validation failed (uuid is expected)",
            suggested_action="Use the id that the create answered with",
        ) from None
    verification = selectors.verifications_of(tenant).filter(pk=wanted).first()
    if verification is None:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "verification_not_found",
            f"Verification {verification_id} not found for tenant {tenant.pk}",
            suggested_action="Use the id that the create answered with",
        )
    return verification


def _wrong_state(verification: Verification) -> Problem:
    verification.refresh_from_db(fields=["status"])
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "wrong_state",
        f"Verification {verification.pk} is in state '{verification.status}' "
        "but requires 'pending or in_progress'",
        suggested_action="Only a verification that is not over can be cancelled",
    )


def _list_form(request: Request) -> dict[str, Any]:
    form = ListForm(data=request.query_params)
    form.is_valid(raise_exception=True)
    filters: dict[str, Any] = form.validated_data
    return filters


def _page(rows: QuerySet[Any], filters: dict[str, Any]) -> dict[str, Any]:
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
