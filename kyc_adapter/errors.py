"""The one error shape: what existing clients parse, plus `code`, `suggestedAction`, `retryable`.

    {success: false, statusCode, error, message, details?, timestamp, path, method, requestId,
     code, suggestedAction, retryable}

`message` is an array of strings for validation errors, else a string. Django's own error pages
(unknown routes, crashes outside the API) answer in the same shape.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from django.utils.timezone import now
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import exceptions

from common import correlation
from common.parsers import body_too_large
from common.problems import Problem
from common.sealing import SealBroken

log = structlog.get_logger("kyc_adapter.errors")

VALIDATION_FAILED = "validation_failed"
RETRY_AFTER_SECONDS = 2
# Gone, or no connection to it is free: the pool's timeout is an OperationalError too.
DATABASE_TROUBLE = (OperationalError, InterfaceError)
DEFAULT_CODES = {
    HTTPStatus.UNAUTHORIZED: "not_authenticated",
    HTTPStatus.FORBIDDEN: "permission_denied",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error",
}
SUGGESTED_ACTIONS = {
    VALIDATION_FAILED: "Correct the fields named in message and send the request again",
    "not_authenticated": "Send a valid API key as X-API-Key or Authorization: Bearer",
    "permission_denied": "Use a key of a tenant that may do this",
    "not_found": "Check the address and the id",
    "method_not_allowed": "Use one of the methods in the Allow header",
    "unsupported_media_type": "Send application/json, or multipart/form-data to the upload route",
    "internal_error": "Try again; if it happens again, report the requestId",
    "parse_error": "Send a well-formed request body",
}


def error_body(
    request: HttpRequest | None,
    *,
    status: int,
    code: str,
    message: str | list[str],
    details: Mapping[str, Any] | None = None,
    suggested_action: str = "",
    retryable: bool = False,
) -> dict[str, Any]:
    """The error shape as a dict."""
    reason = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "success": False,
        "statusCode": status,
        "error": reason,
        "message": message,
        "timestamp": now().isoformat().replace("+00:00", "Z"),
        "path": request.path if request else "",
        "method": request.method if request else "",
        "requestId": _request_id(request),
        "code": code,
        "suggestedAction": suggested_action or SUGGESTED_ACTIONS.get(code, ""),
        "retryable": retryable,
    }
    if status < HTTPStatus.INTERNAL_SERVER_ERROR or details:
        body["details"] = {
            "message": message,
            "error": reason,
            "statusCode": status,
            **(details or {}),
        }
    return body


def problem_body(request: HttpRequest | None, problem: Problem) -> dict[str, Any]:
    return error_body(
        request,
        status=problem.status_code,
        code=str(problem.get_codes()),
        message=str(problem.detail),
        details=problem.extra_details,
        suggested_action=problem.suggested_action,
        retryable=problem.retryable,
    )


def temporarily_unavailable() -> Problem:
    """More requests than can be answered, or no connection to the database."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "The service cannot take this request at the moment",
        suggested_action="Send it again after the seconds that Retry-After names",
        retryable=True,
        wait=RETRY_AFTER_SECONDS,
    )


def problem_response(request: HttpRequest, problem: Problem) -> JsonResponse:
    """For what DRF does not answer."""
    return JsonResponse(
        problem_body(request, problem),
        status=problem.status_code,
        headers={"Retry-After": str(problem.wait)} if problem.wait else {},
    )


def unreadable(loss: SealBroken) -> Problem:
    """A wrong or missing key, most likely; nothing that another request would change."""
    log.error("stored_data_unreadable", where=str(loss))
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        loss.code,
        loss.message,
        suggested_action=loss.suggested_action,
    )


class ErrorHandler(ExceptionHandler):
    """Turns what Django raises for bad input into client errors instead of 500, a database that
    cannot be reached or is overloaded into 503, and says so if the encryption keys are wrong.
    """

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, RequestDataTooBig):
            return body_too_large()
        if isinstance(exc, TooManyFilesSent):
            return exceptions.ParseError("The request has too many files")
        if isinstance(exc, DATABASE_TROUBLE):
            return temporarily_unavailable()
        if isinstance(exc, SealBroken):
            return unreadable(exc)
        return super().convert_known_exceptions(exc)


class ErrorFormatter(ExceptionFormatter):
    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        request = self.context["request"]
        plain_request = request._request if request is not None else None
        if isinstance(self.exc, exceptions.ValidationError):
            return error_body(
                plain_request,
                status=self.exc.status_code,
                code=VALIDATION_FAILED,
                message=[_sentence(error.attr, error.detail) for error in error_response.errors],
                details={
                    "fields": [
                        {"field": error.attr, "code": error.code, "reason": error.detail}
                        for error in error_response.errors
                    ]
                },
            )
        if isinstance(self.exc, Problem):
            return problem_body(plain_request, self.exc)
        status = HTTPStatus(self.exc.status_code)
        return error_body(
            plain_request,
            status=status,
            code=DEFAULT_CODES.get(status, error_response.errors[0].code),
            message=_plain_message(status, error_response.errors[0].detail),
            retryable=status >= HTTPStatus.INTERNAL_SERVER_ERROR,
        )


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    """handler404: unknown routes."""
    return JsonResponse(
        error_body(
            request,
            status=HTTPStatus.NOT_FOUND,
            code="not_found",
            message=f"Cannot {request.method} {request.path}",
        ),
        status=HTTPStatus.NOT_FOUND,
    )


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """handler400: what Django refuses before a view sees it (hosts, broken uploads)."""
    return JsonResponse(
        error_body(
            request,
            status=HTTPStatus.BAD_REQUEST,
            code="bad_request",
            message="The request cannot be understood",
            suggested_action="Check the Host header and the form of the request",
        ),
        status=HTTPStatus.BAD_REQUEST,
    )


def server_error(request: HttpRequest) -> JsonResponse:
    """handler500: a crash outside the API's own views; Django calls it where it is caught."""
    if isinstance(sys.exc_info()[1], DATABASE_TROUBLE):
        return problem_response(request, temporarily_unavailable())
    return JsonResponse(
        error_body(
            request,
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            code="internal_error",
            message="An unexpected error occurred",
            retryable=True,
        ),
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def _sentence(attr: str | None, detail: str) -> str:
    return detail if attr in (None, "non_field_errors", "nonFieldErrors") else f"{attr}: {detail}"


def _plain_message(status: HTTPStatus, detail: str) -> str:
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return "An unexpected error occurred"
    return detail


def _request_id(request: HttpRequest | None) -> str:
    given = request.headers.get("X-Request-Id") if request else None
    if given and correlation.ACCEPTABLE.fullmatch(given):
        return given
    return correlation.current() or "unknown"
