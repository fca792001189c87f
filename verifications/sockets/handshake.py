"""Who opens a socket: by API key from a backend, by ticket from a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.security.websocket import OriginValidator
from django.utils.datastructures import CaseInsensitiveMapping
from rest_framework.exceptions import AuthenticationFailed

from common.hashing import secret_hash
from tenants.authentication import key_in, principal_of
from tenants.models import Tenant
from tenants.selectors import key_by_hash
from tenants.tickets import TicketRefused, redeem_ticket


class NotAuthenticated(Exception):
    """Missing or wrong credentials."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose socket it is. only: the one verification that a ticket was made for, if it was."""

    tenant: Tenant
    key_id: UUID
    only: UUID | None = None


class KnownOrigins(OriginValidator):  # type: ignore[misc]
    """Lets in browsers from the origins listed, and whatever is no browser: it sends no Origin."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        if not any(name.lower() == b"origin" for name, _ in scope["headers"]):
            return await self.application(scope, receive, send)
        return await super().__call__(scope, receive, send)


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """Uses a ticket up. Raises NotAuthenticated."""
    try:
        key = key_in(headers_of(scope))
        if key is not None:
            principal = principal_of(key_by_hash(secret_hash(key)))
            return Caller(principal.tenant, principal.key.pk)
        ticket = redeem_ticket(query(scope).get("ticket", ""))
        principal = principal_of(ticket.key)
        return Caller(principal.tenant, principal.key.pk, ticket.verification_id)
    except (AuthenticationFailed, TicketRefused):
        raise NotAuthenticated from None


def query(scope: Mapping[str, Any]) -> dict[str, str]:
    """The address's parameters; the last of each name."""
    pairs = parse_qs(scope["query_string"].decode("latin-1"))
    return {name: values[-1] for name, values in pairs.items()}


def headers_of(scope: Mapping[str, Any]) -> CaseInsensitiveMapping[str]:
    return CaseInsensitiveMapping(
        {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    )
