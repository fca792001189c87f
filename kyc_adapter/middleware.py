"""What every request passes: its correlation id and its line in the log, and the static files."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from common import correlation

log = structlog.get_logger("kyc_adapter.request")


class CorrelationMiddleware:
    """Binds the id for the logs, answers with it, and forgets it again.

    Paths are logged without their query; ids are the only personal reference in them.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self._in_async(request) if self.is_async else self._in_sync(request)

    def _in_sync(self, request: HttpRequest) -> HttpResponseBase:
        started, correlation_id = self._begin(request)
        response: HttpResponseBase = self.get_response(request)
        return self._end(request, response, started, correlation_id)

    async def _in_async(self, request: HttpRequest) -> HttpResponseBase:
        started, correlation_id = self._begin(request)
        response: HttpResponseBase = await self.get_response(request)
        return self._end(request, response, started, correlation_id)

    def _begin(self, request: HttpRequest) -> tuple[float, str]:
        structlog.contextvars.clear_contextvars()
        correlation_id = correlation.acceptable_or_new(request.headers.get(correlation.HEADER))
        correlation.bind(correlation_id)
        return time.perf_counter(), correlation_id

    def _end(
        self, request: HttpRequest, response: HttpResponseBase, started: float, correlation_id: str
    ) -> HttpResponseBase:
        response.headers[correlation.HEADER] = correlation_id
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            duration_ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return response


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # it is untyped
    """WhiteNoise, with answers an asynchronous server can send.

    WhiteNoise answers with a synchronous stream, of which Django warns under ASGI before it reads
    it into memory as a whole. So it is read as a whole here: our files are small.
    """

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        with found.file or BytesIO() as file:
            response = HttpResponse(file.read(), status=int(found.status))
        # WhiteNoise gives every header itself.
        del response.headers["Content-Type"]
        for name, value in found.headers:
            response.headers[name] = value
        return response
