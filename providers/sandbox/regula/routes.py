"""Regula's paths and what answers them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from providers.sandbox.calls import Call, JsonObject
from providers.sandbox.regula import assumed, docreader, face

READER_PREFIX, FACE_PREFIX = "/docreader", "/face"
ANSWERS: dict[tuple[str, str], Callable[[Call], JsonObject]] = {
    ("POST", f"{READER_PREFIX}/api/process"): docreader.process,
    ("GET", f"{READER_PREFIX}/api/healthz"): docreader.health,
    ("GET", f"{READER_PREFIX}/api/ping"): docreader.ping,
    ("POST", f"{FACE_PREFIX}/api/match"): face.match,
    ("POST", f"{FACE_PREFIX}/api/detect"): face.detect,
    ("GET", f"{FACE_PREFIX}/api/healthz"): face.health,
}
READY_PATHS = (f"{READER_PREFIX}/api/readyz", f"{FACE_PREFIX}/api/readyz")


def answer(call: Call) -> tuple[int, JsonObject]:
    """Status and body for a call to Regula. Raises Refused for a refusal found in the input."""
    path = call.request.path
    if path in READY_PATHS:
        is_ready = call.sandbox.settings.licence == "valid"
        return HTTPStatus.OK if is_ready else HTTPStatus.BAD_REQUEST, {}
    handler = ANSWERS.get((call.request.method, path))
    if handler is None:
        return HTTPStatus.NOT_FOUND, error_body(HTTPStatus.NOT_FOUND)
    try:
        return HTTPStatus.OK, handler(call)
    except docreader.Answer as early:
        return early.status, error_body(early.status)


def error_body(status: int) -> JsonObject:
    return {"message": assumed.ERRORS[status]}
