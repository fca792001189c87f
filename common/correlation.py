"""One id per request, in every log line, provider request and answer it causes."""

from __future__ import annotations

import re

import structlog

from common.ids import new_id

HEADER = "X-Correlation-ID"
ACCEPTABLE = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def acceptable_or_new(value: str | None) -> str:
    """The caller's id if it is short and plain enough to go into logs and headers."""
    if value and ACCEPTABLE.fullmatch(value):
        return value
    return str(new_id())


def bind(correlation_id: str) -> None:
    """Make it the current one, for this thread or task."""
    structlog.contextvars.bind_contextvars(correlation_id=correlation_id)


def current() -> str | None:
    value = structlog.contextvars.get_contextvars().get("correlation_id")
    return None if value is None else str(value)
