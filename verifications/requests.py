"""What a tenant asks for, checked and ready to be stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from providers.base import RunsSteps
from providers.models import ProviderAccount
from providers.services import adapter_for
from providers.types import ImageRole
from tenants.models import Mode, Tenant
from verifications.evidence_store import Picture
from verifications.models import Method, RunMode, VerificationType

DEFAULT_EXPIRES_IN = 3600

METHODS: dict[str, Method] = {
    VerificationType.DOCUMENT: Method.DOCUMENT,
    VerificationType.BIOMETRIC: Method.BIOMETRIC,
    VerificationType.COMPREHENSIVE: Method.DOCUMENT,
}


@dataclass(frozen=True, slots=True)
class NewVerification:
    """A request for a verification.

    verification_type: one of `VerificationType`, or the code of an ID type. template: our id or
    the vendor's, None to let the defaults decide. metadata: the tenant's own, returned on create.
    expectations: the thresholds of `expectations.KEYS`. subject: what the tenant says about the
    person (keys of `StepInput.subject`), `idNumber` among them. expires_in: seconds.
    liveness_token: of the liveness session that was begun for this check.
    """

    tenant: Tenant
    mode: Mode
    verification_type: str
    pictures: Mapping[ImageRole, Picture] = field(default_factory=dict)
    run_mode: RunMode = RunMode.SYNC
    account_id: UUID | None = None
    template: str | None = None
    expectations: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    subject: Mapping[str, str] = field(default_factory=dict)
    webhook_url: str = ""
    expires_in: int = DEFAULT_EXPIRES_IN
    liveness_token: str = ""

    @property
    def method(self) -> Method:
        return METHODS.get(self.verification_type, Method.ID_BASED)


class RequestNotPossible(Exception):
    """The request is well-formed but cannot be carried out as it is; nothing was stored.

    code: stable. details: JSON for the caller, no personal data.
    """

    def __init__(
        self,
        code: str,
        message: str,
        suggested_action: str,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.suggested_action = suggested_action
        self.details = dict(details or {})


def adapter_that_runs_steps(account: ProviderAccount) -> RunsSteps:
    """Raises RequestNotPossible if the account's provider cannot work verifications."""
    adapter = adapter_for(account)
    if not isinstance(adapter, RunsSteps):
        raise RequestNotPossible(
            "not_supported",
            f"Provider {account.provider.slug} cannot verify documents",
            "Assign a provider that can",
        )
    return adapter


def missing_inputs(missing: Sequence[str]) -> RequestNotPossible:
    """missing: request paths such as `documentImages.selfie`."""
    return RequestNotPossible(
        "input_missing",
        f"{', '.join(missing)} required for this verification",
        f"Send the request again with {', '.join(missing)}",
        {"missing": list(missing)},
    )


class AccountNotFound(Exception):
    """The account named does not exist in the tenant."""
