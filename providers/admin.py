"""Providers and their accounts in Django's admin. Credentials go in and never come out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from common.sealing import SealBroken
from providers.account_settings import SettingError
from providers.models import Provider, ProviderAccount
from providers.registry import ADAPTERS
from providers.services import change_account, ensure_provider


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """What the adapters say about themselves; only `is_active` is the operator's."""

    list_display = (
        "slug",
        "name",
        "processing_mode",
        "supports_templates",
        "supports_id_verification",
        "is_active",
    )
    list_filter = ("is_active", "processing_mode")
    search_fields = ("slug", "name")
    fields = (
        "slug",
        "name",
        "processing_mode",
        "supports_templates",
        "supports_id_verification",
        "is_active",
        "created_at",
        "updated_at",
    )
    readonly_fields = tuple(name for name in fields if name != "is_active")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class WriteOnlyLines(forms.Textarea):
    """Shows nothing, not even what was just typed into a form that has to be corrected."""

    def format_value(self, value: Any) -> None:
        return None


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """An account's settings, checked as `create_tenant` checks them."""

    provider_slug = forms.ChoiceField(label="Provider", choices=sorted((s, s) for s in ADAPTERS))
    config = forms.JSONField(
        required=False,
        initial=dict,
        help_text="Addresses and options as JSON, such as "
        '{"base_url": "https://kyc.example.com/api"}; no secrets.',
    )
    credentials = forms.CharField(
        required=False,
        strip=False,
        widget=WriteOnlyLines(
            attrs={"rows": 3, "cols": 60, "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text="One KEY=VALUE a line, such as api_token=... They are kept encrypted and never "
        "shown again. Empty keeps those that are set; otherwise give all of them.",
    )

    class Meta:
        model = ProviderAccount
        fields = ("config",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["provider_slug"]

    def clean_credentials(self) -> dict[str, str] | None:
        lines = [line.strip() for line in self.cleaned_data["credentials"].splitlines()]
        pairs = [line.partition("=") for line in lines if line]
        if not all(key and separator for key, separator, _ in pairs):
            raise forms.ValidationError("Each line needs the form KEY=VALUE")
        return {key.strip(): value for key, _, value in pairs} or None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        if self.instance._state.adding:
            self.instance.provider = ensure_provider(cleaned["provider_slug"])
        try:
            change_account(
                self.instance,
                config=cleaned["config"] or {},
                credentials=cleaned["credentials"],
            )
        except SettingError as error:
            raise forms.ValidationError(str(error)) from None
        except SealBroken:
            raise forms.ValidationError(
                {"credentials": "Those that are set cannot be decrypted; give them again"}
            ) from None
        # What the checks made of it, for the form writes it to the instance once more.
        cleaned["config"] = self.instance.config
        return cleaned

    def clean_config(self) -> dict[str, Any]:
        config = self.cleaned_data["config"] or {}
        if not isinstance(config, dict):
            raise forms.ValidationError("A JSON object is needed")
        return config


class ProviderAccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Registered by `templates_sync.admin`, which adds when the account was last read."""

    form = AccountForm
    list_display: tuple[str, ...] = ("id", "provider", "address", "created_at")
    list_filter = ("provider",)
    list_select_related = ("provider",)
    search_fields = ("provider__slug", "config")
    ordering = ("provider", "id")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("provider_slug", "config", "credentials")
        return ("provider", "config", "credentials_set", "credentials", "created_at", "updated_at")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> tuple[str, ...]:
        return ("provider", "credentials_set", "created_at", "updated_at")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display
    def address(self, account: ProviderAccount) -> str:
        urls = (str(value) for key, value in account.config.items() if key.endswith("url"))
        return ", ".join(urls)

    @admin.display(description="credentials that are set")
    def credentials_set(self, account: ProviderAccount) -> str:
        """Their names, never their values."""
        try:
            return ", ".join(sorted(account.credentials or {})) or "none"
        except SealBroken:
            return "cannot be decrypted with FIELD_ENCRYPTION_KEYS"
