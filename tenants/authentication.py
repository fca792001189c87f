"""API keys: `X-API-Key: kya_...` or `Authorization: Bearer kya_...`; never in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import structlog
from django.utils.timezone import now
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from common.hashing import secret_hash
from tenants.models import Tenant, TenantApiKey, TenantStatus
from tenants.selectors import key_by_hash
from tenants.services import KEY_PREFIX, note_use


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling. Becomes `request.auth` and, for DRF, `request.user`."""

    tenant: Tenant
    key: TenantApiKey
    is_authenticated: bool = True


def caller_of(request: Request) -> Principal:
    """Who is calling, behind `ApiKeyAuthentication`."""
    return cast("Principal", request.auth)


class ApiKeyAuthentication(BaseAuthentication):
    """One indexed query per request."""

    def authenticate(self, request: Request) -> tuple[Principal, Principal] | None:
        plain = key_in(request.headers)
        if plain is None:
            return None
        principal = principal_of(key_by_hash(secret_hash(plain)))
        structlog.contextvars.bind_contextvars(tenant_id=str(principal.tenant.pk))
        return principal, principal

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kyc-adapter"'


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "tenants.authentication.ApiKeyAuthentication"
    name = ["ApiKey", "BearerKey"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            {"type": "http", "scheme": "bearer", "bearerFormat": "kya_ and 64 hex characters"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{"ApiKey": []}, {"BearerKey": []}]


def principal_of(key: TenantApiKey | None) -> Principal:
    """Who calls with this key. Raises AuthenticationFailed unless it may be used now."""
    if key is None or not key.is_valid_at(now()):
        raise AuthenticationFailed("Invalid, expired or revoked API key")
    if key.tenant.status != TenantStatus.ACTIVE:
        raise AuthenticationFailed("Tenant is not active")
    note_use(key)
    return Principal(key.tenant, key)


def key_in(headers: Mapping[str, str]) -> str | None:
    """The API key that a request or a handshake carries. headers: case-insensitive."""
    header = headers.get("X-API-Key")
    if header:
        return header
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.startswith(KEY_PREFIX):
        return value.strip()
    return None
