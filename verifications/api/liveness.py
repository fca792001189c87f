"""Liveness sessions, which some ID checks want before them."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.camel import CamelFields
from providers.errors import ProviderError
from tenants.authentication import caller_of
from tenants.models import Mode
from verifications import services
from verifications.api import problems
from verifications.api.fields import StrictFields, TemplateField
from verifications.requests import NewVerification, RequestNotPossible


class LivenessForm(CamelFields, StrictFields):
    verification_type = serializers.CharField(
        max_length=50, help_text="the code of an ID type that asks for faceLivenessSessionId"
    )
    template_id = TemplateField(required=False)


class LivenessOut(CamelFields):
    liveness_token = serializers.CharField(source="token", help_text="for verify-by-id, once")
    public_key = serializers.CharField(source="page.key", help_text="opens the page, once")
    page_url = serializers.CharField(source="page.url", help_text="the page with the key in it")
    expires_at = serializers.DateTimeField(help_text="until when the token is taken")


class LivenessSessionsView(APIView):
    @extend_schema(
        operation_id="startLivenessSession",
        summary="Begin the liveness session that an ID check wants before it",
        description="Open `pageUrl` in the person's browser; the page gives back a session id. "
        "Send it as `userData.faceLivenessSessionId` with `livenessToken` to "
        "`POST /verifications/verify-by-id`. Nothing is billed before.",
        request=LivenessForm,
        responses={201: LivenessOut},
    )
    def post(self, request: Request) -> Response:
        form = LivenessForm(data=request.data)
        form.is_valid(raise_exception=True)
        principal = caller_of(request)
        new = NewVerification(
            tenant=principal.tenant,
            mode=Mode(principal.key.mode),
            verification_type=form.validated_data["verification_type"],
            template=form.validated_data.get("template_id"),
        )
        try:
            session = services.start_liveness(new)
        except RequestNotPossible as refusal:
            raise problems.refused(refusal) from None
        except ProviderError as error:
            raise problems.provider_failed(error) from None
        return Response(LivenessOut(session).data, status=HTTPStatus.CREATED)
