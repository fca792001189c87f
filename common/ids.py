"""Primary keys: UUIDv7, so that rows lie in the order they were made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7 as the standard library's UUID."""
    return uuid7()


def earliest_id(moment: datetime) -> UUID:
    """No row made at this moment (to the millisecond) or later has a smaller id."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
