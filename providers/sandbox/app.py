"""The WSGI application: finds the vendor, acts out faults, answers.

Needs no Django: `create_app()` is served by `providers.sandbox.server` or by a test.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from werkzeug.wrappers import Request, Response

from providers.sandbox import control
from providers.sandbox.calls import SCENARIO_HEADER, Call, JsonObject, Sandbox
from providers.sandbox.faults import REFUSALS, Refused, Scenario
from providers.sandbox.idmeta import bodies
from providers.sandbox.idmeta import routes as idmeta
from providers.sandbox.reading.ocr import Ocr
from providers.sandbox.reading.page import Pages
from providers.sandbox.regula import routes as regula

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

DEFAULT_SLOW_SECONDS = 5.0
LOGIN_PAGE = "<!doctype html><title>Log in</title><h1>Log in</h1><form></form>"
BAD_GATEWAY_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center><hr></body></html>"
)


class PictureRequest(Request):
    """Forms may hold pictures as base64 text, which Werkzeug's limit of 500 kB would refuse."""

    max_form_memory_size = 50_000_000


def create_app(sandbox: Sandbox | None = None) -> Application:
    """A new sandbox with nothing in its books."""
    return Application(sandbox or Sandbox(Pages(Ocr())))


class Application:
    """One sandbox behind WSGI."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = PictureRequest(environ)
        vendor = _vendor(request.path)
        if vendor is None:
            response = control.answer(self.sandbox, request)
        else:
            response = self._vendor_response(request, *vendor)
        return response(environ, start_response)

    def _vendor_response(
        self, request: Request, answer: Answerer, error_body: Callable[[int], JsonObject]
    ) -> Response:
        call = Call(request, self.sandbox, fault=self.sandbox.faults.take(request.path))
        try:
            if call.fault is not None and call.fault.scenario is Scenario.RESET_BEFORE:
                reset_connection(request)  # nothing is read, so nothing is logged
            self.sandbox.requests.add(request, call.body, call.correlation_id)
            for name in _ordered_scenarios(call):
                call.note(name)
            if Scenario.LATE in call.scenarios:
                _wait(call)  # and work, and bill, even if nobody waits for the answer any more
            status, body = answer(call)
        except Refused as refused:
            return _refusal(call, refused.scenario, error_body)
        return _delivered(call, status, body)


Answerer = Callable[[Call], tuple[int, JsonObject]]


def _vendor(path: str) -> tuple[Answerer, Callable[[int], JsonObject]] | None:
    if path.startswith(idmeta.PREFIX + "/"):
        return idmeta.answer, lambda status: {"message": bodies.ERRORS[status]}
    if path.startswith((regula.READER_PREFIX + "/", regula.FACE_PREFIX + "/")):
        return regula.answer, regula.error_body
    return None


def _ordered_scenarios(call: Call) -> list[str]:
    """What the control API has ordered for this call, then what its header asks for."""
    ordered = [call.fault.scenario] if call.fault else []
    asked = call.request.headers.get(SCENARIO_HEADER, "").split(",")
    return [*ordered, *(name.strip() for name in asked)]


def _wait(call: Call) -> None:
    time.sleep(call.fault.seconds if call.fault else DEFAULT_SLOW_SECONDS)


def _delivered(call: Call, status: int, body: JsonObject) -> Response:
    """The answer of a processed call, or what a bad line makes of it."""
    if Scenario.SLOW in call.scenarios:
        _wait(call)
    if Scenario.RESET_AFTER in call.scenarios:
        reset_connection(call.request)
    text = json.dumps(body)
    if Scenario.TRUNCATED in call.scenarios:
        text = text[: len(text) // 2]
    return _response(call, status, text, "application/json")


def _refusal(call: Call, scenario: Scenario, error_body: Callable[[int], JsonObject]) -> Response:
    status = REFUSALS[scenario]
    if status is None:
        reset_connection(call.request)
    if scenario is Scenario.HTML_502:
        return _response(call, status, BAD_GATEWAY_PAGE, "text/html")
    if scenario is Scenario.NOT_JSON:
        return _response(call, status, LOGIN_PAGE, "text/html")
    response = _response(call, status, json.dumps(error_body(status)), "application/json")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(call.fault.retry_after if call.fault else 1)
    return response


def _response(call: Call, status: int, text: str, mimetype: str) -> Response:
    response = Response(text, status=status, mimetype=mimetype)
    request_id = call.request.headers.get("X-RequestID")
    if request_id:
        response.headers["X-RequestID"] = request_id
    return response


def reset_connection(request: Request) -> NoReturn:
    """Close the connection with a TCP reset instead of an answer; never returns.

    Werkzeug's handler takes the ConnectionError for a client that has gone.
    """
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(connection.detach())
    raise ConnectionResetError("reset by the sandbox")
