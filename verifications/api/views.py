"""Parse, call a service, answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.paging import page_of, query_of
from common.parsers import SizedMultiPartParser
from tenants.authentication import caller_of
from verifications import id_checks, selectors, services
from verifications.api import examples, problems
from verifications.api.callers import verification_of
from verifications.api.forms import (
    IdCheckForm,
    ListForm,
    UploadForm,
    VerificationForm,
)
from verifications.api.people import UserListOut, UserOut
from verifications.api.serializers import (
    AcceptedOut,
    CreatedOut,
    DetailOut,
    IdTypeListOut,
    VerificationListOut,
    VerificationOut,
)
from verifications.api.starting import accepted, verified
from verifications.api.versions import has_client, version_of
from verifications.models import VerificationType
from verifications.transitions import TransitionNotAllowed

PREFER = OpenApiParameter(
    "Prefer",
    str,
    OpenApiParameter.HEADER,
    description="`respond-async`: answer 202 at once, as POST /verifications/async does",
)
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)
CREATED = {201: CreatedOut, 202: AcceptedOut}


class VerificationsView(APIView):
    @extend_schema(
        operation_id="createVerification",
        summary="Verify a document or a face",
        request=VerificationForm,
        parameters=[PREFER],
        responses=CREATED,
        examples=examples.CREATE,
    )
    def post(self, request: Request) -> Response:
        form = VerificationForm(data=request.data)
        form.is_valid(raise_exception=True)
        return verified(request, form.request(caller_of(request)))

    @extend_schema(
        operation_id="listVerifications",
        summary="List verifications, newest first",
        parameters=[ListForm],
        responses={200: VerificationListOut},
    )
    def get(self, request: Request) -> Response:
        filters = query_of(request, ListForm)
        rows = selectors.verifications_of(caller_of(request).tenant)
        rows = rows.prefetch_related("session__steps")
        for name in ("status", "verification_type", "account_id"):
            if name in filters:
                rows = rows.filter(**{name: filters[name]})
        page = page_of(rows, filters)
        found = VerificationOut(page.pop("rows"), many=True).data
        return Response({"verifications": found, **page})


class AsyncView(APIView):
    @extend_schema(
        operation_id="createVerificationAsync",
        summary="Accept a verification, to be worked in the background",
        description="Takes the bodies of POST /verifications and of POST /verifications/"
        "verify-by-id. `statusUrl` is for polling, `websocketUrl` for live events; `webhookUrl` "
        "of the request is told the outcome.",
        request=PolymorphicProxySerializer(
            component_name="AsyncVerification",
            serializers=[VerificationForm, IdCheckForm],
            resource_type_field_name=None,
        ),
        responses={202: AcceptedOut},
        examples=[*examples.CREATE, *examples.VERIFY_BY_ID],
    )
    def post(self, request: Request) -> Response:
        form_class = IdCheckForm if _is_id_check(request.data) else VerificationForm
        form = form_class(data=request.data)
        form.is_valid(raise_exception=True)
        return accepted(request, form.request(caller_of(request)))


class VerifyByIdView(APIView):
    @extend_schema(
        operation_id="verifyById",
        summary="Check an ID number against its registry",
        description="No picture is needed. `GET /id-types` tells which types there are and what "
        "each needs; everything is checked before the provider is asked.",
        request=IdCheckForm,
        parameters=[PREFER],
        responses=CREATED,
        examples=examples.VERIFY_BY_ID,
    )
    def post(self, request: Request) -> Response:
        form = IdCheckForm(data=request.data)
        form.is_valid(raise_exception=True)
        return verified(request, form.request(caller_of(request)))


class IdTypesView(APIView):
    @extend_schema(
        operation_id="listIdTypes",
        summary="List the ID numbers the tenant can check, with what a form needs",
        responses={200: IdTypeListOut},
    )
    def get(self, request: Request) -> Response:
        types = id_checks.types_for(caller_of(request).tenant)
        return Response(IdTypeListOut({"id_types": types}).data)


class UploadView(APIView):
    parser_classes = (SizedMultiPartParser,)

    @extend_schema(
        operation_id="uploadVerification",
        summary="Verify pictures sent as files",
        request={"multipart/form-data": UploadForm},
        parameters=[PREFER],
        responses=CREATED,
    )
    def post(self, request: Request) -> Response:
        form = UploadForm(data=request.data)
        form.is_valid(raise_exception=True)
        return verified(request, form.request(caller_of(request)))


class VerificationView(APIView):
    @extend_schema(
        operation_id="getVerification",
        summary="Read a verification",
        description="Poll it with the `ETag` of the last answer as `If-None-Match`.",
        parameters=[IF_NONE_MATCH],
        responses={
            200: DetailOut,
            304: OpenApiResponse(description="Nothing has changed since"),
        },
    )
    def get(self, request: Request, verification_id: str) -> Response:
        verification = verification_of(request, verification_id)
        version = version_of(verification)
        headers = {"ETag": version, "Cache-Control": "private, no-cache"}
        if has_client(request, version):
            return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        prefetch_related_objects([verification], "session__steps", "revisions")
        return Response(DetailOut(verification).data, headers=headers)

    @extend_schema(
        operation_id="cancelVerification",
        summary="Cancel a verification that is not over",
        responses={204: OpenApiResponse(description="Cancelled")},
    )
    def delete(self, request: Request, verification_id: str) -> Response:
        verification = verification_of(request, verification_id)
        try:
            services.cancel(verification=verification)
        except TransitionNotAllowed:
            raise problems.wrong_state(verification) from None
        return Response(status=HTTPStatus.NO_CONTENT)


class UsersView(APIView):
    @extend_schema(
        operation_id="listUsers",
        summary="List the people the tenant has verified",
        parameters=[ListForm],
        responses={200: UserListOut},
    )
    def get(self, request: Request) -> Response:
        people = selectors.verified_people(caller_of(request).tenant)
        page = page_of(people, query_of(request, ListForm))
        return Response({"users": UserOut(page.pop("rows"), many=True).data, **page})


def _is_id_check(body: Any) -> bool:
    """Whether a body is one for verify-by-id. With a picture of a document it is none, so that a
    misspelt type is called that."""
    if not isinstance(body, dict):
        return False
    wanted, images = body.get("verificationType"), body.get("documentImages")
    has_document = isinstance(images, dict) and "front" in images
    return isinstance(wanted, str) and wanted not in VerificationType and not has_document
