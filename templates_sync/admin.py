"""The local copy in Django's admin: read-only, because the next sync would undo any edit.

Provider accounts are registered here and not in `providers`, which cannot know of syncs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from common.read_only_admin import ReadOnly
from providers.admin import ProviderAccountAdmin
from providers.models import ProviderAccount
from templates_sync.errors import SyncFailed
from templates_sync.models import (
    ProviderPlan,
    ProviderTemplate,
    ProviderTemplateVersion,
    TemplateSync,
)
from templates_sync.selectors import with_last_sync
from templates_sync.services import sync_account


def readable_steps(steps: list[dict[str, Any]]) -> SafeString:
    """One line a step: `1. Document Verification`."""
    unknown = {None: " (not in the plan catalogue)"}
    lines = ((step["order"], step["name"], unknown.get(step["planCode"], "")) for step in steps)
    return format_html_join("\n", "<div>{}. {}{}</div>", lines)


class SyncNow(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Rows of provider accounts, and an action that syncs the accounts of those selected.

    account_path: where a row holds its account.
    """

    account_path = "provider_account"
    actions = ("sync_now",)

    @admin.action(description="Sync the provider accounts of these now", permissions=["sync"])
    def sync_now(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        selected = queryset.order_by().values(self.account_path)
        accounts = ProviderAccount.objects.filter(pk__in=selected).select_related("provider")
        for account in accounts.order_by("pk"):
            self._sync(request, account)

    def has_sync_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("templates_sync.change_templatesync")

    def _sync(self, request: HttpRequest, account: ProviderAccount) -> None:
        try:
            report = sync_account(account)
        except SyncFailed as failure:
            messages.error(request, f"{account}: {failure.message}. Nothing was changed.")
            return
        templates, plans = in_words(report.templates), in_words(report.plans)
        messages.success(
            request,
            f"{account}: templates {templates}; plans {plans} ({report.seconds:.1f} s)",
        )


class CopiedRows(ReadOnly, SyncNow):
    list_select_related = ("provider_account__provider",)

    @admin.display(ordering="provider_account")
    def account(self, row: Any) -> str:
        return short_name(row.provider_account)


def short_name(account: ProviderAccount) -> str:
    """For columns: the end of an id tells accounts apart, the start is when they were made."""
    return f"{account.provider.slug} …{str(account.pk)[-12:]}"


def in_words(counts: Mapping[str, int]) -> str:
    """`2 added, 9 unchanged`; what did not happen is left out."""
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "none"


class VersionInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = ProviderTemplateVersion
    fields = readonly_fields = ("version", "valid_from", "name", "shown_steps")
    extra = 0

    @admin.display(description="steps")
    def shown_steps(self, version: ProviderTemplateVersion) -> SafeString:
        return readable_steps(version.steps)


@admin.register(ProviderTemplate)
class ProviderTemplateAdmin(CopiedRows):
    list_display = (
        "external_template_id",
        "name",
        "shown_steps",
        "version",
        "is_active",
        "account",
        "last_synced_at",
    )
    list_filter = ("is_active", "provider_account__provider", "provider_account")
    search_fields = ("external_template_id", "name")
    ordering = ("provider_account", "external_template_id")
    inlines = (VersionInline,)
    fields = (
        "provider_account",
        "external_template_id",
        "name",
        "shown_steps",
        "version",
        "is_active",
        "metadata",
        "last_synced_at",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields

    @admin.display(description="steps")
    def shown_steps(self, template: ProviderTemplate) -> SafeString:
        return readable_steps(template.steps)


@admin.register(ProviderPlan)
class ProviderPlanAdmin(CopiedRows):
    list_display = (
        "plan_code",
        "plan_name",
        "category",
        "price",
        "is_active",
        "account",
        "last_synced_at",
    )
    list_filter = ("is_active", "category", "provider_account__provider", "provider_account")
    search_fields = ("plan_code", "plan_name", "external_plan_id")
    ordering = ("provider_account", "plan_code")

    @admin.display
    def price(self, plan: ProviderPlan) -> str:
        return f"{plan.pricing.get('amount', '')} {plan.pricing.get('currency', '')}".strip()


@admin.register(TemplateSync)
class TemplateSyncAdmin(CopiedRows):
    list_display = (
        "started_at",
        "account",
        "status",
        "error_message",
        "templates",
        "plans",
        "attempt",
        "finished_at",
        "next_attempt_at",
    )
    list_filter = ("status", "provider_account__provider", "provider_account")
    date_hierarchy = "started_at"

    @admin.display
    def templates(self, sync: TemplateSync) -> str:
        return in_words(sync.counts["templates"]) if sync.counts else "-"

    @admin.display
    def plans(self, sync: TemplateSync) -> str:
        return in_words(sync.counts["plans"]) if sync.counts else "-"


@admin.register(ProviderAccount)
class SyncedAccountAdmin(ProviderAccountAdmin, SyncNow):
    """An account, who uses it and how old its copy is; a new one can be synced at once here."""

    account_path = "pk"
    list_display = ("short_name", "address", "used_by", "last_synced_at", "latest_sync")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderAccount]:
        newest = TemplateSync.objects.filter(provider_account=OuterRef("pk"))
        return (
            with_last_sync(super().get_queryset(request))
            .annotate(latest_status=Subquery(newest.values("status")[:1]))
            .prefetch_related("tenant_configs__tenant")
        )

    @admin.display(description="account", ordering="pk")
    def short_name(self, account: ProviderAccount) -> str:
        return short_name(account)

    @admin.display(description="used by")
    def used_by(self, account: ProviderAccount) -> str:
        configs = account.tenant_configs.all()
        return ", ".join(sorted(config.tenant.name for config in configs if config.is_enabled))

    @admin.display(description="templates last read", ordering="last_synced_at")
    def last_synced_at(self, account: Any) -> datetime | None:
        moment: datetime | None = account.last_synced_at
        return moment

    @admin.display(description="latest sync", ordering="latest_status")
    def latest_sync(self, account: Any) -> str | None:
        status: str | None = account.latest_status
        return status
