"""Parse, call a service, answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.paging import PageForm, page_of, query_of
from common.problems import Problem
from tenants.authentication import caller_of
from tenants.models import Tenant
from tenants.services import rotate_webhook_secret
from webhooks import selectors
from webhooks.api import examples
from webhooks.api.serializers import (
    DeliveryDetailOut,
    DeliveryListForm,
    DeliveryListOut,
    DeliveryOut,
    EndpointForm,
    EndpointListOut,
    EndpointOut,
    NewEndpointOut,
    SecretOut,
)
from webhooks.models import WebhookDelivery, WebhookEndpoint
from webhooks.outbound import endpoints, services

Row = TypeVar("Row", bound=Model)

WHY_NOT = {
    endpoints.DISABLED: ("Its endpoint is disabled", "Enable the endpoint first"),
    endpoints.DELETED: (
        "Its endpoint was deleted",
        "Make a new endpoint; it gets what happens from then on",
    ),
}


class EndpointsView(APIView):
    @extend_schema(
        operation_id="listWebhookEndpoints",
        summary="List webhook endpoints, newest first",
        parameters=[PageForm],
        responses={200: EndpointListOut},
    )
    def get(self, request: Request) -> Response:
        page = page_of(selectors.endpoints_of(_tenant(request)), query_of(request, PageForm))
        return Response({"endpoints": EndpointOut(page.pop("rows"), many=True).data, **page})

    @extend_schema(
        operation_id="createWebhookEndpoint",
        summary="Make a webhook endpoint; the answer shows its secret, once",
        request=EndpointForm,
        responses={201: NewEndpointOut},
        examples=examples.CREATE_ENDPOINT,
    )
    def post(self, request: Request) -> Response:
        form = EndpointForm(data=request.data)
        form.is_valid(raise_exception=True)
        made = endpoints.create_endpoint(tenant=_tenant(request), **form.validated_data)
        return Response(NewEndpointOut(made).data, status=HTTPStatus.CREATED)


class EndpointView(APIView):
    @extend_schema(
        operation_id="getWebhookEndpoint",
        summary="Read a webhook endpoint",
        responses={200: EndpointOut},
    )
    def get(self, request: Request, endpoint_id: str) -> Response:
        return Response(EndpointOut(_endpoint(request, endpoint_id)).data)

    @extend_schema(
        operation_id="changeWebhookEndpoint",
        summary="Change a webhook endpoint; what waits for it goes to the new address",
        request=EndpointForm(partial=True),
        responses={200: EndpointOut},
    )
    def patch(self, request: Request, endpoint_id: str) -> Response:
        endpoint = _endpoint(request, endpoint_id)
        form = EndpointForm(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        changed = endpoints.change_endpoint(endpoint=endpoint, **form.validated_data)
        return Response(EndpointOut(changed).data)

    @extend_schema(
        operation_id="deleteWebhookEndpoint",
        summary="Delete a webhook endpoint; its deliveries stay in the log",
        responses={204: OpenApiResponse(description="Deleted")},
    )
    def delete(self, request: Request, endpoint_id: str) -> Response:
        endpoints.delete_endpoint(endpoint=_endpoint(request, endpoint_id))
        return Response(status=HTTPStatus.NO_CONTENT)


class RotateEndpointSecretView(APIView):
    @extend_schema(
        operation_id="rotateWebhookEndpointSecret",
        summary="A new secret for the endpoint, shown once; the old one signs for 24 h more",
        request=None,
        responses={200: SecretOut},
    )
    def post(self, request: Request, endpoint_id: str) -> Response:
        rotated = endpoints.rotate_secret(endpoint=_endpoint(request, endpoint_id))
        return Response(SecretOut(rotated).data)


class EnableView(APIView):
    @extend_schema(
        operation_id="enableWebhookEndpoint",
        summary="Enable the endpoint; what was given up meanwhile can be redelivered",
        request=None,
        responses={200: EndpointOut},
    )
    def post(self, request: Request, endpoint_id: str) -> Response:
        endpoint = _endpoint(request, endpoint_id)
        endpoints.enable(endpoint=endpoint)
        return Response(EndpointOut(endpoint).data)


class DisableView(APIView):
    @extend_schema(
        operation_id="disableWebhookEndpoint",
        summary="Disable the endpoint; what waits for it is given up",
        request=None,
        responses={200: EndpointOut},
    )
    def post(self, request: Request, endpoint_id: str) -> Response:
        endpoint = _endpoint(request, endpoint_id)
        endpoints.disable(endpoint=endpoint, reason=endpoints.BY_TENANT)
        return Response(EndpointOut(endpoint).data)


class TestEventView(APIView):
    @extend_schema(
        operation_id="testWebhookEndpoint",
        summary="Send the endpoint a test event",
        request=None,
        responses={202: DeliveryOut},
    )
    def post(self, request: Request, endpoint_id: str) -> Response:
        delivery = services.queue_test(endpoint=_endpoint(request, endpoint_id))
        return Response(DeliveryOut(delivery).data, status=HTTPStatus.ACCEPTED)


class RotateTenantSecretView(APIView):
    @extend_schema(
        operation_id="rotateWebhookSecret",
        summary="A new secret for webhookUrl, shown once; the old one signs for 24 h more",
        request=None,
        responses={200: SecretOut},
    )
    def post(self, request: Request) -> Response:
        return Response(SecretOut(rotate_webhook_secret(tenant=_tenant(request))).data)


class DeliveriesView(APIView):
    @extend_schema(
        operation_id="listWebhookDeliveries",
        summary="List what was sent, and what is to be sent, newest first",
        parameters=[DeliveryListForm],
        responses={200: DeliveryListOut},
    )
    def get(self, request: Request) -> Response:
        query = query_of(request, DeliveryListForm)
        filters = {name: value for name, value in query.items() if name not in ("page", "limit")}
        page = page_of(selectors.deliveries_of(_tenant(request)).filter(**filters), query)
        return Response({"deliveries": DeliveryOut(page.pop("rows"), many=True).data, **page})


class DeliveryView(APIView):
    @extend_schema(
        operation_id="getWebhookDelivery",
        summary="Read a delivery, with every attempt",
        responses={200: DeliveryDetailOut},
    )
    def get(self, request: Request, delivery_id: str) -> Response:
        return Response(DeliveryDetailOut(_delivery(request, delivery_id)).data)


class RedeliverView(APIView):
    @extend_schema(
        operation_id="redeliverWebhook",
        summary="Send a delivery again, now; the event keeps its id",
        request=None,
        responses={202: DeliveryOut},
    )
    def post(self, request: Request, delivery_id: str) -> Response:
        try:
            delivery = services.redeliver(delivery=_delivery(request, delivery_id))
        except services.RedeliveryNotPossible as refusal:
            message, action = WHY_NOT[refusal.code]
            raise Problem(
                HTTPStatus.CONFLICT, refusal.code, message, suggested_action=action
            ) from None
        return Response(DeliveryOut(delivery).data, status=HTTPStatus.ACCEPTED)


def _tenant(request: Request) -> Tenant:
    return caller_of(request).tenant


def _endpoint(request: Request, endpoint_id: str) -> WebhookEndpoint:
    return _found(selectors.endpoints_of(_tenant(request)), endpoint_id, "webhook-endpoints")


def _delivery(request: Request, delivery_id: str) -> WebhookDelivery:
    return _found(selectors.deliveries_of(_tenant(request)), delivery_id, "webhook-deliveries")


def _found(rows: QuerySet[Row], wanted: str, route: str) -> Row:
    """The tenant's row of that id. What is malformed is not there either."""
    try:
        row = rows.filter(pk=UUID(wanted)).first()
    except ValueError:
        row = None
    if row is None:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "not_found",
            f"Nothing is known under {wanted}",
            suggested_action=f"Use an id that GET /api/v1/{route} lists",
        )
    return row
