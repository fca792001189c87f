"""Providers' notices in Django's admin: what became of them, without what they say."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from common.large_table_admin import LargeTable, fixed_choices
from common.read_only_admin import ReadOnly
from verifications.notices import Noticed
from webhooks.inbound import processing
from webhooks.models import InboundWebhook


@admin.register(InboundWebhook)
class InboundWebhookAdmin(ReadOnly, LargeTable):
    actions = ("run_again",)
    list_display = (
        "created_at",
        "provider_account",
        "kind",
        "external_id",
        "is_signed",
        "status",
        "outcome",
        "attempts",
        "times_received",
        "next_attempt_at",
    )
    list_filter = (
        "status",
        fixed_choices("outcome", (*Noticed, processing.CRASHED)),
        "is_signed",
        "provider_account__provider",
    )
    list_select_related = ("provider_account__provider",)
    search_fields = ("external_id__exact",)
    search_help_text = "the provider's id of a verification"
    ordering = ("-id",)
    fields = readonly_fields = (
        "id",
        "provider_account",
        "kind",
        "external_id",
        "is_signed",
        "status",
        "outcome",
        "attempts",
        "times_received",
        "next_attempt_at",
        "processed_at",
        "created_at",
        "updated_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("sealed_content")

    @admin.action(description="Process again (parked only)", permissions=["retry"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[InboundWebhook]) -> None:
        for row in queryset:
            if processing.run_again(row.pk):
                self.log_change(request, row, "Had it processed again")
                messages.success(request, f"{row.pk} is processed again")
            else:
                messages.error(request, f"{row.pk} is not parked")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_inboundwebhook")
