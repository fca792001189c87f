"""Primary keys: UUIDv7, so that rows lie in the order they were made."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7 as the standard library's UUID."""
    return uuid7()
