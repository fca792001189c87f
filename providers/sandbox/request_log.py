"""What was received, so that tests can assert what was sent: field names, never values."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from werkzeug.wrappers import Request

CAPACITY = 10_000


class RequestLog:
    """The last requests to the vendors' paths, in the order in which they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, object]] = deque(maxlen=CAPACITY)

    def add(self, request: Request, body: Mapping[str, object], correlation_id: str | None) -> None:
        """`body`: the JSON object or form; nested keys are written with dots."""
        entry: dict[str, object] = {
            "method": request.method,
            "path": request.path,
            "query": request.query_string.decode("latin-1"),
            "contentType": request.mimetype,
            "correlationId": correlation_id,
            "fields": sorted({*_names(body), *request.files.keys()}),
            "at": datetime.now(UTC).isoformat(),
        }
        with self._lock:
            self._entries.append(entry)

    def as_json(self) -> list[dict[str, object]]:
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def _names(body: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    for name, value in body.items():
        yield prefix + name
        if isinstance(value, dict):
            yield from _names(value, f"{prefix}{name}.")
