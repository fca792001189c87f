"""Tenants, their keys, and which provider works for them, in Django's admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from common.read_only_admin import ReadOnly
from providers.account_settings import Scope, SettingError, split_settings
from providers.registry import adapter_class
from tenants.models import Tenant, TenantApiKey, TenantProviderConfig


class TenantForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    email = forms.EmailField(required=False, empty_value=None)

    class Meta:
        model = Tenant
        fields = ("name", "email", "status", "settings")


class ConfigInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = TenantProviderConfig
    fields = readonly_fields = ("provider", "provider_account", "is_enabled", "priority", "config")
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super()
            .get_queryset(request)
            .select_related("tenant", "provider_account__provider", "provider")
        )


class KeyInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """A key itself is kept nowhere; `manage.py create_tenant` makes another."""

    model = TenantApiKey
    fields = readonly_fields = (
        "masked",
        "name",
        "mode",
        "status",
        "expires_at",
        "last_used_at",
        "created_at",
    )
    extra = 0


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = TenantForm
    list_display = ("name", "email", "status", "created_at")
    list_filter = ("status",)
    search_fields = ("name", "email")
    inlines = (ConfigInline, KeyInline)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ConfigForm(forms.ModelForm):  # type: ignore[type-arg]
    config = forms.JSONField(
        required=False,
        initial=dict,
        help_text='The tenant\'s own settings as JSON, such as {"default_template_id": "426"}; '
        "no secrets.",
    )

    class Meta:
        model = TenantProviderConfig
        fields = ("tenant", "provider_account", "is_enabled", "priority", "config")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        provider = cleaned["provider_account"].provider
        same = TenantProviderConfig.objects.filter(tenant=cleaned["tenant"], provider=provider)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(f"The tenant has a config for {provider} already")
        self.instance.provider = provider
        settings = adapter_class(provider.slug).settings
        own = tuple(setting for setting in settings if setting.scope is Scope.TENANT)
        try:
            cleaned["config"] = split_settings(own, cleaned["config"] or {}, {}).tenant
        except SettingError as error:
            raise forms.ValidationError({"config": str(error)}) from None
        return cleaned


@admin.register(TenantProviderConfig)
class TenantProviderConfigAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ConfigForm
    list_display = ("tenant", "provider", "provider_account", "is_enabled", "priority")
    list_filter = ("is_enabled", "provider")
    list_select_related = ("tenant", "provider", "provider_account__provider")
    search_fields = ("tenant__name", "provider__slug")
    ordering = ("tenant__name", "priority")
