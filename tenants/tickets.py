"""Tickets: how a browser, which can send no header with a WebSocket, opens one.

A ticket is a JWT (HS256) that stands for an API key for 30 seconds and can be used once, whichever
process it is shown to: using it writes a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from django.utils.timezone import now

from common.ids import new_id
from common.sealing import fingerprint
from tenants.models import SpentTicket, TenantApiKey
from tenants.selectors import key_by_id

LIFETIME = timedelta(seconds=30)
# Longer than any clock is wrong, so that no process accepts a ticket whose row is gone.
KEPT = timedelta(hours=1)
ALGORITHM = "HS256"
AUDIENCE = "kyc-adapter/sockets"
CLAIMS = ("exp", "aud", "jti", "sub")


class TicketRefused(Exception):
    """Not a ticket of ours, too old, or used before."""


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A new ticket; `text` is shown once and kept nowhere."""

    text: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"IssuedTicket(expires_at={self.expires_at})"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket stands for. key: None if it is gone. verification_id: the only one it shows."""

    key: TenantApiKey | None
    verification_id: UUID | None


def issue_ticket(*, key: TenantApiKey, verification_id: UUID | None = None) -> IssuedTicket:
    """A new ticket for this key; with a verification, for that one alone."""
    expires_at = now() + LIFETIME
    claims = {"sub": str(key.pk), "aud": AUDIENCE, "jti": str(new_id()), "exp": expires_at}
    if verification_id is not None:
        claims["verification"] = str(verification_id)
    return IssuedTicket(jwt.encode(claims, _secret(), algorithm=ALGORITHM), expires_at)


def redeem_ticket(text: str) -> Ticket:
    """Use a ticket up. Raises TicketRefused. The caller asks whether the key is still good."""
    try:
        claims = jwt.decode(
            text,
            _secret(),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": list(CLAIMS)},
        )
    except jwt.InvalidTokenError:
        raise TicketRefused from None
    expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    _, is_first_use = SpentTicket.objects.get_or_create(
        pk=UUID(claims["jti"]), defaults={"expires_at": expires_at}
    )
    if not is_first_use:
        raise TicketRefused
    verification = claims.get("verification")
    return Ticket(key_by_id(UUID(claims["sub"])), UUID(verification) if verification else None)


def forget_spent_tickets() -> int:
    """Delete the rows of tickets that expired long ago; how many."""
    return SpentTicket.objects.filter(expires_at__lte=now() - KEPT).delete()[0]


def _secret() -> bytes:
    """Of its own, so that nothing else that SECRET_KEY signs can be taken for a ticket."""
    return bytes.fromhex(fingerprint("sockets", "tickets"))
