"""What stands in the way of a request, as the caller gets to read it."""

from __future__ import annotations

from http import HTTPStatus

from common.problems import Problem
from common.sealing import SealBroken
from providers.errors import ProviderError
from verifications.evidence_store import EvidenceUnreadable
from verifications.models import Verification
from verifications.outcomes import action_after
from verifications.requests import NewVerification, RequestNotPossible

# Technical failures that are the caller's to mend.
CALLERS_MISTAKES = frozenset({"template_not_found", "template_not_supported", "input_missing"})
OUR_FAILURES = frozenset({"internal_error", EvidenceUnreadable.code, SealBroken.code})
PROVIDER_UNAVAILABLE = "Provider service temporarily unavailable"


def refused(refusal: RequestNotPossible) -> Problem:
    return Problem(
        HTTPStatus.BAD_REQUEST,
        refusal.code,
        refusal.message,
        suggested_action=refusal.suggested_action,
        details=refusal.details,
    )


def account_not_found(new: NewVerification) -> Problem:
    return Problem(
        HTTPStatus.NOT_FOUND,
        "account_not_found",
        f"Account {new.account_id} not found in tenant {new.tenant.pk}",
        suggested_action="Use the id of one of the tenant's accounts, or leave it out",
    )


def technical_failure(verification: Verification) -> Problem:
    """503 if the same request may work later, 502 if not; 400 where the caller can mend it, 500
    where we failed."""
    error = verification.error or {}
    if error["code"] in CALLERS_MISTAKES:
        status, message = HTTPStatus.BAD_REQUEST, error["message"]
    elif error["code"] in OUR_FAILURES:
        status, message = HTTPStatus.INTERNAL_SERVER_ERROR, error["message"]
    elif error["retryable"]:
        status, message = HTTPStatus.SERVICE_UNAVAILABLE, PROVIDER_UNAVAILABLE
    else:
        status, message = HTTPStatus.BAD_GATEWAY, error["message"]
    return Problem(
        status,
        error["code"],
        message,
        suggested_action=error["suggestedAction"],
        retryable=error["retryable"],
        details={"verificationId": str(verification.pk)},
    )


def provider_failed(error: ProviderError) -> Problem:
    """A provider that was to be asked while nothing is stored yet."""
    if error.retryable:
        status, message = HTTPStatus.SERVICE_UNAVAILABLE, PROVIDER_UNAVAILABLE
    else:
        status, message = HTTPStatus.BAD_GATEWAY, error.message
    return Problem(
        status,
        error.code,
        message,
        suggested_action=action_after(error),
        retryable=error.retryable,
    )


def wrong_state(verification: Verification) -> Problem:
    verification.refresh_from_db(fields=["status"])
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "wrong_state",
        f"Verification {verification.pk} is in state '{verification.status}' "
        "but requires 'pending or in_progress'",
        suggested_action="Only a verification that is not over can be cancelled",
    )
