"""Which template of the vendor a verification runs."""

from __future__ import annotations

from dataclasses import dataclass

from providers.id_types import IdType
from providers.models import ProviderAccount
from templates_sync.models import ProviderTemplate
from templates_sync.selectors import (
    smallest_template_with,
    template_named,
    usable_template_ids,
    was_synced,
)
from tenants.models import TenantProviderConfig
from verifications.id_checks import refuse_unfit_template
from verifications.requests import NewVerification, RequestNotPossible

METADATA_KEY = "idmeta_template_id"
LONGEST_REFERENCE = 255
MOST_SUGGESTIONS = 50
SUGGESTION = "Use valid template ID or omit for default"


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """external_id None: the provider works without templates."""

    external_id: str | None
    template: ProviderTemplate | None = None


def choose_template(
    request: NewVerification, config: TenantProviderConfig, id_type: IdType | None = None
) -> TemplateChoice:
    """The request's template, else the tenant's default, else its default for the type.

    id_type: what an ID check is about. Its own default counts, not the general one; without one
    the smallest template that holds the check. An id the account's copy does not hold goes to the
    vendor if the account was never synced. Raises RequestNotPossible for an unknown, inactive or
    unfit template, and where none is set.
    """
    if not config.provider.supports_templates:
        # Metadata may hold what another provider would look at.
        if request.template:
            raise template_not_found(request.template)
        return TemplateChoice(None)
    if reference := _asked_for(request, config.provider_account):
        choice = _found(config.provider_account, reference)
    elif id_type is not None:
        choice = _for_id_type(id_type, config)
    else:
        choice = _default(request, config)
    if id_type is not None and choice.template is not None:
        plan_codes = [str(step["planCode"]) for step in choice.template.steps]
        refuse_unfit_template(id_type.code, config.provider_account, plan_codes)
    return choice


def template_not_found(
    reference: str, account: ProviderAccount | None = None
) -> RequestNotPossible:
    """account: whose templates to name, by the vendor's ids, at most 50; None if no copy tells."""
    details = (
        {"usableTemplates": usable_template_ids(account, MOST_SUGGESTIONS)} if account else None
    )
    return RequestNotPossible(
        "template_not_found", f"Template {reference} not found", SUGGESTION, details
    )


def _asked_for(request: NewVerification, account: ProviderAccount) -> str | None:
    """Metadata is free, so what it names may be anything."""
    if request.template:
        return request.template
    from_metadata = request.metadata.get(METADATA_KEY)
    if from_metadata in (None, ""):
        return None
    reference = str(from_metadata)
    is_plain = type(from_metadata) in (str, int) and reference.isprintable()
    if not is_plain or len(reference) > LONGEST_REFERENCE:
        raise template_not_found(reference[:LONGEST_REFERENCE], account)
    return reference


def _default(request: NewVerification, config: TenantProviderConfig) -> TemplateChoice:
    reference = config.config.get("default_template_id") or config.config.get(
        f"default_template_id_{request.verification_type}"
    )
    if not reference:
        raise RequestNotPossible(
            "template_required",
            "No template was named and the tenant has no default template",
            "Send templateId, or set default_template_id in the tenant's provider config",
        )
    return _found(config.provider_account, str(reference))


def _for_id_type(id_type: IdType, config: TenantProviderConfig) -> TemplateChoice:
    if default := config.config.get(f"default_template_id_{id_type.code}"):
        return _found(config.provider_account, str(default))
    template = smallest_template_with(config.provider_account, id_type.plan_code)
    if template is None:
        raise RequestNotPossible(
            "template_required",
            f"No template of the provider account is known that checks {id_type.code}",
            "Run manage.py sync_templates, or send templateId",
        )
    return TemplateChoice(template.external_template_id, template)


def _found(account: ProviderAccount, reference: str) -> TemplateChoice:
    template = template_named(account, reference)
    if template is not None and template.is_active:
        return TemplateChoice(template.external_template_id, template)
    if template is None and not was_synced(account):
        return TemplateChoice(reference)
    raise template_not_found(reference, account)
