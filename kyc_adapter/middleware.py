"""What every request passes: its correlation id and its line in the log, and the static files."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from common import correlation

log = structlog.get_logger("kyc_adapter.request")


class CorrelationMiddleware:
    """Binds the id for the logs, after what an earlier request of the thread has bound, and answers
    with it.

    Paths are logged without their query; ids are the only personal reference in them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        correlation_id = correlation.acceptable_or_new(request.headers.get(correlation.HEADER))
        correlation.bind(correlation_id)
        response = self.get_response(request)
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
