"""Which template of the vendor a verification runs."""

from __future__ import annotations

from dataclasses import dataclass

from providers.models import ProviderAccount
from templates_sync.models import ProviderTemplate
from templates_sync.selectors import template_named, was_synced
from tenants.models import TenantProviderConfig
from verifications.requests import NewVerification, RequestNotPossible

METADATA_KEY = "idmeta_template_id"
SUGGESTION = "Use valid template ID or omit for default"


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """external_id None: the provider works without templates."""

    external_id: str | None
    template: ProviderTemplate | None = None


def choose_template(request: NewVerification, config: TenantProviderConfig) -> TemplateChoice:
    """The request's template, else the tenant's default, else its default for the type.

    An id the account's copy does not hold goes to the vendor if the account was never synced.
    Raises RequestNotPossible for an unknown or inactive template, and where none is set.
    """
    if not config.provider.supports_templates:
        return TemplateChoice(None)
    reference = _asked_for(request) or _default(request, config)
    if reference is None:
        raise RequestNotPossible(
            "template_required",
            "No template was named and the tenant has no default template",
            "Send templateId, or set default_template_id in the tenant's provider config",
        )
    return _found(config.provider_account, reference)


def template_not_found(reference: str) -> RequestNotPossible:
    return RequestNotPossible("template_not_found", f"Template {reference} not found", SUGGESTION)


def _asked_for(request: NewVerification) -> str | None:
    from_metadata = request.metadata.get(METADATA_KEY)
    return request.template or (str(from_metadata) if from_metadata else None)


def _default(request: NewVerification, config: TenantProviderConfig) -> str | None:
    default = config.config.get("default_template_id") or config.config.get(
        f"default_template_id_{request.verification_type.value}"
    )
    return str(default) if default else None


def _found(account: ProviderAccount, reference: str) -> TemplateChoice:
    template = template_named(account, reference)
    if template is not None and template.is_active:
        return TemplateChoice(template.external_template_id, template)
    if template is None and not was_synced(account):
        return TemplateChoice(reference)
    raise template_not_found(reference)
