"""JSON from outside. What could not be stored or sent back does not get in.

Python reads more than JSON: NaN, infinities (also as 1e999), halves of surrogate pairs, and
nesting that a later writer, deeper in the stack, cannot write any more.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

DEEPEST = 50


def loads_strictly(text: str) -> Any:
    """Raises ValueError with the reason; for what clients send."""
    try:
        value = json.loads(text, parse_float=_finite, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _is_too_deep(value, text):
        raise ValueError("nested too deeply")
    if _may_hold_surrogates(text) and not _is_encodable(value):
        raise ValueError("a text holds half of a surrogate pair")
    return value


def loads_leniently(content: bytes) -> Any:
    """null for what is no number, `?` for what is no character; for answers we paid for.

    Raises ValueError.
    """
    text = content.decode("utf-8-sig", errors="replace")
    try:
        value = json.loads(text, parse_float=_finite_or_none, parse_constant=_none)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _is_too_deep(value, text):
        raise ValueError("nested too deeply")
    if _may_hold_surrogates(text):
        value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    return value


def _is_too_deep(value: Any, text: str) -> bool:
    """Most texts have fewer brackets in all: nobody needs to walk through what they hold."""
    brackets = text.count("[") + text.count("{")
    return brackets > DEEPEST and _is_deeper_than(value, DEEPEST)


def _may_hold_surrogates(text: str) -> bool:
    return "\\ud" in text or "\\uD" in text


def _is_encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_deeper_than(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    if levels == 0:
        return True
    inner = value.values() if isinstance(value, dict) else value
    return any(_is_deeper_than(item, levels - 1) for item in inner)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is out of range")
    return number


def _finite_or_none(text: str) -> float | None:
    number = float(text)
    return None if math.isinf(number) else number


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _none(name: str) -> None:
    return None
