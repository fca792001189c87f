"""Tickets with which a browser opens a socket."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.camel import CamelFields
from tenants import tickets
from tenants.authentication import caller_of
from verifications.api.callers import verification_of
from verifications.api.fields import StrictFields


class TicketForm(CamelFields, StrictFields):
    verification_id = serializers.UUIDField(
        required=False,
        help_text="The only verification that the ticket lets its holder follow. Set it when the "
        "ticket goes to a person's browser; without it the holder may follow all of yours.",
    )


class TicketOut(CamelFields):
    ticket = serializers.CharField(help_text="For `?ticket=` of a socket's address, once")
    expires_in = serializers.IntegerField(help_text="seconds")
    expires_at = serializers.DateTimeField()


class TicketsView(APIView):
    @extend_schema(
        operation_id="createWebSocketTicket",
        summary="Make a ticket for a browser's WebSocket",
        description="A browser cannot send an API key with a WebSocket. Let your backend fetch a "
        "ticket, and open `/ws/verifications?ticket=...` with it within 30 seconds.",
        request=TicketForm,
        responses={201: TicketOut},
    )
    def post(self, request: Request) -> Response:
        form = TicketForm(data=request.data)
        form.is_valid(raise_exception=True)
        named = form.validated_data.get("verification_id")
        issued = tickets.issue_ticket(
            key=caller_of(request).key,
            verification_id=verification_of(request, str(named)).pk if named else None,
        )
        answer = TicketOut(
            {
                "ticket": issued.text,
                "expires_in": int(tickets.LIFETIME.total_seconds()),
                "expires_at": issued.expires_at,
            }
        )
        return Response(answer.data, status=HTTPStatus.CREATED)
