"""What a request to check an ID number must hold; judged before any vendor is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from providers.base import VerifiesById
from providers.id_types import ISO_DATE_PATTERN, IdField, IdType, request_path
from providers.models import ProviderAccount
from providers.services import adapter_for
from templates_sync.selectors import plans_in_templates
from tenants.models import Tenant, TenantProviderConfig
from tenants.selectors import working_config
from verifications.models import Method
from verifications.requests import NewVerification, RequestNotPossible, missing_inputs

# What may be said about a person whatever the type: other steps of the template may use it.
PERSON_FIELDS = (
    IdField("firstName", "First name", False, example="MAYUMI"),
    IdField("middleName", "Middle name", False, example="SUBOK"),
    IdField("lastName", "Last name", False, example="HALIMBAWA"),
    IdField("fullName", "Full name", False, example="MAYUMI SUBOK HALIMBAWA"),
    IdField("suffix", "Suffix", False, example="JR"),
    IdField("dateOfBirth", "Date of birth", False, ISO_DATE_PATTERN, "1994-05-17"),
    IdField("gender", "Gender", False, example="female"),
)


def types_of(account: ProviderAccount) -> tuple[IdType, ...]:
    """The ID types a provider account can check; () for a provider without ID checks."""
    adapter = adapter_for(account)
    return adapter.id_types() if isinstance(adapter, VerifiesById) else ()


def types_for(tenant: Tenant) -> tuple[IdType, ...]:
    """What the tenant may check: the types of its provider, as far as a template runs them.

    As long as the provider's templates were never read, all of its types.
    """
    config = working_config(tenant)
    if config is None:
        return ()
    types = types_of(config.provider_account)
    plans = plans_in_templates(config.provider_account) if types else None
    if plans is None:
        return types
    return tuple(known for known in types if known.plan_code in plans)


def checked_type(request: NewVerification, config: TenantProviderConfig) -> IdType | None:
    """The ID type asked for, every input there and well-formed; None for other verifications.

    Raises RequestNotPossible.
    """
    if request.method is not Method.ID_BASED:
        return None
    id_type = known_type(request, config)
    _refuse_unknown_fields(request, id_type)
    _refuse_malformed(request, id_type)
    if missing := id_type.missing(request.subject, request.pictures):
        raise missing_inputs(missing)
    return id_type


def known_type(request: NewVerification, config: TenantProviderConfig) -> IdType:
    """The ID type asked for. Raises RequestNotPossible if the provider does not check it."""
    types = types_of(config.provider_account)
    if not types:
        raise RequestNotPossible(
            "id_checks_not_supported",
            f"Provider {config.provider.slug} cannot check ID numbers",
            "Verify a document instead, or ask the operator for a provider with ID checks",
        )
    id_type = next((known for known in types if known.code == request.verification_type), None)
    if id_type is None:
        raise _unknown_type(request.verification_type, types)
    return id_type


def refuse_unfit_template(code: str, account: ProviderAccount, plan_codes: Collection[str]) -> None:
    """A template must check the type asked for, and no number of another type.

    Raises RequestNotPossible.
    """
    types = types_of(account)
    wanted = {known.plan_code for known in types if known.code == code}
    checked = {known.plan_code for known in types} & set(plan_codes)
    if checked == wanted:
        return
    others = ", ".join(sorted(checked - wanted))
    raise RequestNotPossible(
        "template_not_supported",
        f"The template also checks other ID numbers: {others}"
        if wanted <= checked
        else f"The template does not check {code}",
        f"Use a template whose only ID check is {', '.join(wanted)}, or leave templateId out",
    )


def _unknown_type(code: str, types: Iterable[IdType]) -> RequestNotPossible:
    return RequestNotPossible(
        "id_type_unknown",
        f"verificationType: {code} is no ID type that can be checked",
        "Use one of details.idTypes",
        {"idTypes": [known.code for known in types]},
    )


def _refuse_unknown_fields(request: NewVerification, id_type: IdType) -> None:
    """A field the type has no use for, perhaps misspelt, would silently stay unchecked."""
    known = {field.name for field in (*id_type.fields, *PERSON_FIELDS)}
    if unknown := sorted(set(request.subject) - known):
        paths = [request_path(name) for name in unknown]
        raise RequestNotPossible(
            "input_unknown",
            f"{', '.join(paths)} should not exist",
            "Use the fields that GET /api/v1/id-types names",
            {"unknown": paths},
        )


def _refuse_malformed(request: NewVerification, id_type: IdType) -> None:
    own = {field.name for field in id_type.fields}
    wrong = id_type.malformed(request.subject) + [
        field
        for field in PERSON_FIELDS
        if field.name not in own
        and field.name in request.subject
        and not field.accepts(request.subject[field.name])
    ]
    if wrong:
        raise RequestNotPossible(
            "input_malformed",
            "; ".join(f"{field.path}: must look like {field.example}" for field in wrong),
            "Correct the fields in details.fields and send the request again",
            {"fields": [_expected(field) for field in wrong]},
        )


def _expected(field: IdField) -> dict[str, Any]:
    return {"field": field.path, "pattern": field.pattern, "example": field.example}
