"""The sandbox's own calls, which no vendor has: health, bills, switches, decisions, logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus

from werkzeug.wrappers import Request, Response

from providers.sandbox import settings
from providers.sandbox.calls import JsonObject, Sandbox
from providers.sandbox.faults import Fault, Scenario
from providers.sandbox.idmeta.verifications import Status

Handler = Callable[[Sandbox, Request], tuple[int, object]]


def answer(sandbox: Sandbox, request: Request) -> Response:
    handler = HANDLERS.get((request.method, request.path))
    if handler is None:
        known = any(path == request.path for _, path in HANDLERS)
        status = HTTPStatus.METHOD_NOT_ALLOWED if known else HTTPStatus.NOT_FOUND
        return _json(status, {"message": status.phrase})
    return _json(*handler(sandbox, request))


def _health(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    """`isPrepared`: the engine is loaded, and the pictures given at the start are read."""
    return HTTPStatus.OK, {"status": "ok", "isPrepared": sandbox.pages.is_prepared}


def _list_bills(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    return HTTPStatus.OK, sandbox.bills.as_json(request.args.get("provider"))


def _clear_bills(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    sandbox.bills.clear()
    return HTTPStatus.OK, []


def _list_faults(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    return HTTPStatus.OK, [asdict(fault) for fault in sandbox.faults.pending()]


def _add_fault(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    """Body: `match` (part of a path), `fault`, and optionally times, seconds, retryAfter."""
    body = _body(request)
    names = sorted(Scenario)
    if body.get("fault") not in names:
        return HTTPStatus.BAD_REQUEST, {"message": f"fault must be one of {', '.join(names)}"}
    try:
        fault = Fault(
            match=str(body["match"]),
            scenario=Scenario(str(body["fault"])),
            times=int(str(body.get("times", 1))),
            seconds=float(str(body.get("seconds", 5.0))),
            retry_after=int(str(body.get("retryAfter", 1))),
        )
    except (KeyError, ValueError) as error:
        return HTTPStatus.BAD_REQUEST, {"message": f"not understood: {error}"}
    sandbox.faults.add(fault)
    return HTTPStatus.CREATED, asdict(fault)


def _clear_faults(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    sandbox.faults.clear()
    return HTTPStatus.OK, []


def _show_settings(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    return HTTPStatus.OK, asdict(sandbox.settings)


def _change_settings(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    problems = settings.change(sandbox.settings, _body(request))
    if problems:
        return HTTPStatus.BAD_REQUEST, {"message": "; ".join(problems)}
    return HTTPStatus.OK, asdict(sandbox.settings)


def _reset_settings(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    settings.reset(sandbox.settings)
    return HTTPStatus.OK, asdict(sandbox.settings)


def _list_requests(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    return HTTPStatus.OK, sandbox.requests.as_json()


def _clear_requests(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    sandbox.requests.clear()
    return HTTPStatus.OK, []


def _decide(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    """Body: `verificationId`, and optionally `status`, a name; without it the steps' word."""
    body = _body(request)
    verification = sandbox.verifications.anybodys(str(body.get("verificationId", "")))
    if verification is None:
        return HTTPStatus.NOT_FOUND, {"message": "unknown verificationId"}
    name = body.get("status")
    if name is not None and name not in DECISIONS:
        return HTTPStatus.BAD_REQUEST, {"message": f"status must be one of {', '.join(DECISIONS)}"}
    status = verification.decide(DECISIONS[str(name)] if name else None)
    sandbox.webhooks.ended(verification, status)
    return HTTPStatus.OK, {"verificationId": verification.id, "status": status.name}


def _list_webhooks(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    return HTTPStatus.OK, sandbox.webhooks.as_json()


def _clear_webhooks(sandbox: Sandbox, request: Request) -> tuple[int, object]:
    sandbox.webhooks.clear()
    return HTTPStatus.OK, []


DECISIONS = {
    status.name: status for status in (Status.VERIFIED, Status.REJECTED, Status.REVIEW_NEEDED)
}
HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/healthz"): _health,
    ("GET", "/bills"): _list_bills,
    ("DELETE", "/bills"): _clear_bills,
    ("GET", "/control/faults"): _list_faults,
    ("POST", "/control/faults"): _add_fault,
    ("DELETE", "/control/faults"): _clear_faults,
    ("GET", "/control/settings"): _show_settings,
    ("POST", "/control/settings"): _change_settings,
    ("DELETE", "/control/settings"): _reset_settings,
    ("POST", "/control/decisions"): _decide,
    ("GET", "/control/webhooks"): _list_webhooks,
    ("DELETE", "/control/webhooks"): _clear_webhooks,
    ("GET", "/control/requests"): _list_requests,
    ("DELETE", "/control/requests"): _clear_requests,
}


def _body(request: Request) -> JsonObject:
    parsed = request.get_json(force=True, silent=True)
    return parsed if isinstance(parsed, dict) else {}


def _json(status: int, body: object) -> Response:
    return Response(json.dumps(body), status=status, mimetype="application/json")
