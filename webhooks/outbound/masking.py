"""What is kept of a receiver's answer: its beginning, without what may name a person."""

from __future__ import annotations

import re

LONGEST = 500
HIDDEN = "***"
# E-mail addresses, what holds four digits in a row (also with separators), long random texts.
REVEALING = re.compile(
    r"[^\s@\"'<>]+@[^\s@\"'<>]+|\w*\d(?:[ ./-]?\d){3,}\w*|[A-Za-z0-9+/_=-]{25,}",
)
UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f]+")


def masked(body: bytes) -> str:
    text = UNPRINTABLE.sub(" ", body[: 4 * LONGEST].decode(errors="replace"))
    return REVEALING.sub(HIDDEN, text).strip()[:LONGEST]
