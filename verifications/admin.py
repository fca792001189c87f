"""Verifications in Django's admin: how each one went, without what it found out about the person.

Read-only: only the workflow changes a verification. Results, subjects, metadata and pictures are
personal data and are not shown.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from common.large_table_admin import SearchedById
from common.read_only_admin import ReadOnly
from verifications import dead_letters
from verifications.models import Session, Verification, VerificationEvent
from verifications.models.verification import SEALED_COLUMNS
from verifications.transitions import TransitionNotAllowed


class DeadLetterFilter(admin.SimpleListFilter):
    title = "dead letter"
    parameter_name = "dead"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(session__dead_at__isnull=self.value() == "no")


class SessionInline(ReadOnly, admin.StackedInline):  # type: ignore[type-arg]
    model = Session
    fields = readonly_fields = (
        "status",
        "provider_account",
        "provider_session_id",
        "template",
        "last_progress_message",
        "attempts",
        "next_attempt_at",
        "lease_until",
        "fence",
        "opened_at",
        "started_at",
        "completed_at",
        "failed_at",
        "dead_at",
        "requeued_at",
        "shown_steps",
        "shown_calls",
    )

    @admin.display(description="steps")
    def shown_steps(self, session: Session) -> SafeString:
        return _table(
            ("", "step", "plan", "status", "verdict", "attempts", "started", "completed"),
            [
                (
                    step.position,
                    step.name,
                    step.plan_code,
                    step.status,
                    step.verdict,
                    step.attempts,
                    step.started_at,
                    step.completed_at,
                )
                for step in session.steps.defer("sealed_outcome")
            ],
        )

    @admin.display(description="provider calls")
    def shown_calls(self, session: Session) -> SafeString:
        return _table(
            ("at", "call", "plan", "status", "error", "HTTP", "ms", "price", "fence"),
            [
                (
                    call.created_at,
                    call.operation,
                    call.plan_code,
                    call.status,
                    call.error_code,
                    call.http_status,
                    call.duration_ms,
                    f"{call.price_amount} {call.price_currency}" if call.price_amount else None,
                    call.fence,
                )
                for call in session.provider_calls.all()
            ],
        )


class EventInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = VerificationEvent
    fields = readonly_fields = ("sequence", "type", "created_at", "data")
    extra = 0


@admin.register(Verification)
class VerificationAdmin(ReadOnly, SearchedById):
    list_display = (
        "id",
        "created_at",
        "tenant",
        "provider",
        "verification_type",
        "status",
        "decision",
        "error_code",
        "is_dead_letter",
        "completed_at",
    )
    list_filter = (
        DeadLetterFilter,
        "status",
        "decision",
        "provider",
        "verification_method",
        "processing_mode",
        "mode",
        "tenant",
    )
    list_select_related = ("tenant", "provider", "session")
    search_fields = ("external_id",)
    search_help_text = "our id or the provider's"
    ordering = ("-id",)
    actions = ("run_again",)
    inlines = (SessionInline, EventInline)
    fields = readonly_fields = (
        "id",
        "tenant",
        "provider",
        "provider_account",
        "external_id",
        "verification_type",
        "verification_method",
        "processing_mode",
        "mode",
        "status",
        "decision",
        "error",
        "template",
        "template_version",
        "external_template_id",
        "expectations",
        "webhook_url",
        "job_id",
        "correlation_id",
        "expires_at",
        "completed_at",
        "created_at",
        "updated_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*SEALED_COLUMNS)

    def with_text(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        return rows.filter(external_id=text)

    @admin.display(description="error")
    def error_code(self, verification: Verification) -> str | None:
        return verification.error["code"] if verification.error else None

    @admin.display(boolean=True, description="dead letter")
    def is_dead_letter(self, verification: Verification) -> bool:
        return verification.session.dead_at is not None

    @admin.action(description="Run again (dead letters only)", permissions=["requeue"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for verification in queryset:
            try:
                dead_letters.run_again(verification)
            except TransitionNotAllowed:
                messages.error(request, f"{verification} is no dead letter")
            else:
                self.log_change(request, verification, "Had it run again")
                messages.success(request, f"{verification} runs again")

    def has_requeue_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("verifications.change_verification")


def _table(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> SafeString:
    """Nothing for None; times to the second."""
    head = format_html_join("", "<th>{}</th>", ((name,) for name in header))
    body = format_html_join("", "<tr>{}</tr>", ((_cells(row),) for row in rows))
    return format_html("<table><tr>{}</tr>{}</table>", head, body)


def _cells(row: tuple[Any, ...]) -> SafeString:
    return format_html_join("", "<td>{}</td>", ((_shown(value),) for value in row))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d %H:%M:%S}" if hasattr(value, "strftime") else str(value)
