"""Webhooks in Django's admin: to look, to send again, to enable and disable. No secret is shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest

import webhooks.inbound.admin  # noqa: F401  registers its own
from common.large_table_admin import SearchedById, fixed_choices
from common.outgoing_calls import Failure
from common.read_only_admin import ReadOnly
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from webhooks.outbound import endpoints, services
from webhooks.outbound.event_types import OFFERED, TEST
from webhooks.outbound.sender import Refusal

BY_OPERATOR = "Disabled by the operator"


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    actions = ("enable", "disable")
    list_display = ("url", "tenant", "is_enabled", "disabled_reason", "failing_since", "created_at")
    list_filter = ("is_enabled", "tenant")
    list_select_related = ("tenant",)
    search_fields = ("url", "description", "tenant__name")
    ordering = ("-id",)
    fields = (
        "id",
        "tenant",
        "url",
        "description",
        "event_types",
        "includes_result",
        "is_enabled",
        "disabled_reason",
        "disabled_at",
        "failing_since",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields

    @admin.action(description="Enable", permissions=["switch"])
    def enable(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        for endpoint in queryset:
            endpoints.enable(endpoint=endpoint)

    @admin.action(description="Disable", permissions=["switch"])
    def disable(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        for endpoint in queryset:
            endpoints.disable(endpoint=endpoint, reason=BY_OPERATOR)

    def has_switch_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_webhookendpoint")


class AttemptInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = WebhookAttempt
    fields = readonly_fields = ("started_at", "duration_ms", "status_code", "error", "shown_answer")
    extra = 0

    @admin.display(description="answer, masked")
    def shown_answer(self, attempt: WebhookAttempt) -> str:
        return attempt.answer or ""


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly, SearchedById):
    """Dead letters are those with the status `dead`."""

    actions = ("send_again",)
    list_display = (
        "created_at",
        "event_type",
        "status",
        "attempts",
        "last_status_code",
        "last_error",
        "next_attempt_at",
        "url",
        "tenant",
    )
    list_filter = (
        "status",
        fixed_choices("event_type", (*OFFERED, TEST)),
        fixed_choices("last_error", (*Failure, *Refusal, endpoints.DISABLED, endpoints.DELETED)),
        "tenant",
    )
    list_select_related = ("tenant",)
    search_fields = ("id",)
    search_help_text = "the id of a delivery, an event (webhook-id), a verification or an endpoint"
    ordering = ("-id",)
    inlines = (AttemptInline,)
    fields = (
        "id",
        "message_id",
        "event_type",
        "tenant",
        "verification_id",
        "source",
        "endpoint",
        "url",
        "status",
        "attempts",
        "next_attempt_at",
        "last_status_code",
        "last_error",
        "delivered_at",
        "created_at",
    )
    readonly_fields = fields

    def with_id(self, rows: QuerySet[Any], id_: UUID) -> QuerySet[Any]:
        return rows.filter(Q(pk=id_) | Q(event=id_) | Q(verification=id_) | Q(endpoint=id_))

    @admin.action(description="Send again", permissions=["redeliver"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        count = 0
        for delivery in queryset:
            try:
                services.redeliver(delivery=delivery)
            except services.RedeliveryNotPossible as refusal:
                messages.error(request, f"{delivery.pk} was not sent again: {refusal.code}")
            else:
                count += 1
        if count:
            messages.success(request, f"{count} are sent again")

    def has_redeliver_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_webhookdelivery")
