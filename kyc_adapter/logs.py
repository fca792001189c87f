"""Logs: one line per event, JSON or readable, and no personal data in any of them.

Only keys on the allow-list are written, so a careless `log.info("...", result=...)` leaves nothing
behind. Tracebacks are written without the exception's text, which may quote a value.
"""

from __future__ import annotations

import logging.config
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event",
        "level",
        "logger",
        "timestamp",
        "correlation_id",
        "exception",
        "method",
        "path",
        "status",
        "duration_ms",
        "verification_id",
        "session_id",
        "tenant_id",
        "endpoint_id",
        "delivery_id",
        "inbound_webhook_id",
        "reason",
        "provider",
        "provider_account_id",
        "operation",
        "plan_code",
        "step",
        "attempt",
        "code",
        "http_status",
        "retryable",
        "error_type",
        "where",
        "fence",
        "sequence",
        "type",
        "count",
        "decision",
        "suggested_action",
        "wait_seconds",
        "queue",
        "pid",
    }
)
HOOK_TOKEN = re.compile(r"(/hooks/[^/\s]*/)[^\s?]+")


def configure(options: Mapping[str, str]) -> None:
    """Django's LOGGING_CONFIG. options: level, format (`json` or `console`)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        exception_without_values,
        without_hook_tokens,
        only_allowed_keys,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if options["format"] == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        renderer,
                    ],
                    "foreign_pre_chain": shared,
                }
            },
            "filters": {"without_query": {"()": WithoutQuery}},
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "structured"},
                "nowhere": {"class": "logging.NullHandler"},
            },
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                # Our own middleware logs requests; these would log them again, with queries.
                "uvicorn.access": {"handlers": [], "propagate": False},
                "uvicorn.error": {"filters": ["without_query"]},
                "django.request": {"level": "ERROR"},
                # Our log tells of the 400; this would tell the name that a stranger made up.
                "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
                "urllib3": {"level": "ERROR"},
                "django-q": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class WithoutQuery(logging.Filter):
    """Cuts queries off the addresses that a server logs; a socket's may hold a ticket."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                value.partition("?")[0] if isinstance(value, str) else value
                for value in record.args
            )
        return True


def exception_without_values(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace `exc_info` by the exception's type and where it came from."""
    error = _exception_of(event.pop("exc_info", None))
    if error is not None:
        event["exception"] = described(error)
    return event


def described(error: BaseException) -> str:
    """`ValueError at services.py:12 in create < views.py:30 in post`; never the message."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    where = " < ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} in {frame.name}" for frame in frames
    )
    return f"{type(error).__module__}.{type(error).__qualname__} at {where}"


def without_hook_tokens(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Whoever knows the token of a webhook address may post there."""
    for key in ("event", "path"):
        if isinstance(event.get(key), str):
            event[key] = HOOK_TOKEN.sub(r"\1***", event[key])
    return event


def only_allowed_keys(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep what is on the list, and structlog's own `_` keys."""
    return {
        key: value for key, value in event.items() if key in ALLOWED_KEYS or key.startswith("_")
    }


def _exception_of(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    if exc_info:
        return sys.exc_info()[1]
    return None
