"""`POST /hooks/{provider}/{token}`: parse, call a service, answer."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.problems import Problem
from providers.errors import WebhookForged, WebhookMalformed
from webhooks.inbound import addresses, allowance
from webhooks.inbound.receiving import receive
from webhooks.models import InboundAddress


class HookView(APIView):
    """The provider is known by the address and the signature; the body is read as it came."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()

    @extend_schema(exclude=True)
    def post(self, request: Request, provider: str, token: str) -> Response:
        address = _address(provider, token)
        if not allowance.is_within(address.provider_account_id):
            raise _too_many()
        body = _body(request)
        try:
            receive(address=address, headers=request.headers, body=body)
        except WebhookForged:
            raise _forged() from None
        except WebhookMalformed as malformed:
            raise _malformed(str(malformed)) from None
        return Response({"received": True}, status=HTTPStatus.ACCEPTED)


def _address(provider: str, token: str) -> InboundAddress:
    address = addresses.find(provider, token)
    if address is None:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "webhook_address_not_found",
            "There is no such webhook address",
            suggested_action="Use the address that manage.py provider_webhooks prints",
        )
    return address


def _body(request: Request) -> bytes:
    """The raw bytes. Raises Problem for more than are accepted, of which no more are read."""
    limit = settings.INBOUND_WEBHOOK_MAX_BYTES
    body: bytes = request._request.read(limit + 1)
    if len(body) > limit:
        raise too_large()
    return body


def too_large() -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "webhook_too_large",
        f"The webhook is larger than {settings.INBOUND_WEBHOOK_MAX_BYTES // 1024**2} MB",
    )


def _too_many() -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_webhooks",
        "Too many webhooks came to this address",
        suggested_action=f"Send it again in {allowance.WINDOW_SECONDS} seconds",
        retryable=True,
    )


def _forged() -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        "webhook_forged",
        "The webhook's signature is missing or wrong",
        suggested_action="Sign with a secret that is set for the account",
    )


def _malformed(message: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "webhook_malformed", message)
