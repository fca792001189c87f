"""Reading JSON whose shape is not guaranteed: what does not fit reads as empty."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any


def members(value: Any) -> dict[str, Any]:
    """The members of an object."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def whole(value: Any) -> int | None:
    return value if type(value) is int else None


def number(value: Any) -> float | None:
    """A finite number; JSON parsers also let NaN through."""
    return float(value) if type(value) in {int, float} and math.isfinite(value) else None
