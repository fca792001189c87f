"""Which of the caller's verifications is meant."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from rest_framework.request import Request

from common.problems import Problem
from tenants.authentication import caller_of
from tenants.models import Tenant
from verifications import selectors
from verifications.models import Verification

USE_THE_ID_GIVEN = "Use the id that the create answered with"


def verification_of(request: Request, verification_id: str) -> Verification:
    """The tenant's verification; 400 for a malformed id, 404 for anybody else's."""
    tenant = caller_of(request).tenant
    wanted = id_in(verification_id)
    verification = selectors.verifications_of(tenant).filter(pk=wanted).first()
    if verification is None:
        raise not_found(verification_id, tenant)
    return verification


def id_in(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "malformed_id",
            "Validation failed (uuid is expected)",
            suggested_action=USE_THE_ID_GIVEN,
        ) from None


def not_found(verification_id: str, tenant: Tenant) -> Problem:
    """The same words whether it is another tenant's or nobody's."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        "verification_not_found",
        f"Verification {verification_id} not found for tenant {tenant.pk}",
        suggested_action=USE_THE_ID_GIVEN,
    )
