"""Tolerant reading of IDMeta's JSON: numbers come as text, and JSON comes inside strings.

Each function takes any JSON value and answers with the type its name says, or with that type's
empty value; nothing here raises.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from datetime import date

Object = Mapping[str, object]

FLAGS = {"true": True, "1": True, "false": False, "0": False}


def as_object(value: object) -> Object:
    """An object, also one written as JSON text; {} for anything else."""
    parsed = _parsed(value)
    return parsed if isinstance(parsed, dict) else {}


def as_list(value: object) -> list[object]:
    """A list, also one written as JSON text; [] for anything else."""
    parsed = _parsed(value)
    return parsed if isinstance(parsed, list) else []


def as_text(value: object) -> str:
    """Text without surrounding space, or a number as text; "" for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def as_number(value: object) -> float | None:
    """A finite number, also one written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_flag(value: object) -> bool | None:
    """True or False, also written as text or as 1 and 0."""
    return FLAGS.get(str(value).lower()) if isinstance(value, bool | int | str) else None


def as_score(value: object, scale: float) -> float | None:
    """A score as 0 to 100: the value times scale, None if it is no number or out of range."""
    number = as_number(value)
    if number is None or not 0 <= number * scale <= 100:
        return None
    return round(number * scale, 2)


def as_date(year: object, month: object, day: object) -> str:
    """YYYY-MM-DD, "" if the parts make no date."""
    parts = [as_number(part) for part in (year, month, day)]
    try:
        return date(*(int(part or 0) for part in parts)).isoformat()
    except (ValueError, OverflowError):
        return ""


def as_picture(value: object) -> bytes | None:
    """The bytes of a base64 picture, with or without a data URI in front."""
    text = as_text(value).rpartition(",")[2]
    try:
        return base64.b64decode(text, validate=True) or None
    except (binascii.Error, ValueError):
        return None


def camel_case(name: str) -> str:
    """`philippines_prc` and `PhotoForgeryCheck` as `philippinesPrc` and `photoForgeryCheck`."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", name) if word]
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    return joined[:1].lower() + joined[1:]


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
