"""Answers a request that Django will not see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO
from typing import Any

import structlog
from django.core.handlers.asgi import ASGIRequest

from common import correlation
from common.problems import Problem
from kyc_adapter.errors import problem_response

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = structlog.get_logger("kyc_adapter.request")


async def refuse(problem: Problem, scope: Scope, send: Send, **more: str) -> None:
    """Send the error shape, with the headers that every answer has. more: other headers."""
    request = ASGIRequest({**scope, "query_string": b""}, BytesIO())
    correlation_id = correlation.acceptable_or_new(request.headers.get(correlation.HEADER))
    correlation.bind(correlation_id)
    response = problem_response(request, problem)
    log.info(
        "request_refused", method=request.method, path=request.path, status=response.status_code
    )
    headers = {
        **response.headers,
        "Content-Length": str(len(response.content)),
        correlation.HEADER: correlation_id,
        **more,
    }
    start = {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    await send(start)
    await send({"type": "http.response.body", "body": response.content})
