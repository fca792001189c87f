"""Secrets that sign what goes out, in the form of Standard Webhooks: `whsec_` and base64.

A holder keeps a list of `{"secret", "validUntil"}`, newest first; the newest has no end. Whoever
verifies may use any of those that are valid, so a change needs no appointment.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

PREFIX = "whsec_"
SECRET_BYTES = 32
OLD_VALID_FOR = timedelta(hours=24)

Secrets = list[dict[str, Any]]


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def first() -> Secrets:
    return [_entry(new_secret(), None)]


def rotated(held: Sequence[dict[str, Any]], moment: datetime) -> Secrets:
    """A new secret in front; the one before it is valid for 24 h more, what has ended is gone."""
    kept = [
        _entry(entry["secret"], _end_of(entry) or moment + OLD_VALID_FOR)
        for entry in held
        if _is_valid(entry, moment)
    ]
    return [*first(), *kept]


def newest(held: Sequence[dict[str, Any]]) -> str:
    return str(held[0]["secret"])


def valid(held: Sequence[dict[str, Any]], moment: datetime) -> list[str]:
    """Newest first."""
    return [str(entry["secret"]) for entry in held if _is_valid(entry, moment)]


def old_valid_until(held: Sequence[dict[str, Any]]) -> datetime | None:
    """When the secret before the newest one ends; None if there is none."""
    return _end_of(held[1]) if len(held) > 1 else None


def _entry(secret: str, end: datetime | None) -> dict[str, Any]:
    return {"secret": secret, "validUntil": end.isoformat() if end else None}


def _end_of(entry: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(entry["validUntil"]) if entry["validUntil"] else None


def _is_valid(entry: dict[str, Any], moment: datetime) -> bool:
    end = _end_of(entry)
    return end is None or end > moment
