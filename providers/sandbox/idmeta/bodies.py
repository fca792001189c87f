"""IDMeta's bodies that no step owns: errors, logical failures, the request log block.

Bodies marked "assumed" are shown by no public source; everything assumed about IDMeta's error
bodies is in this file, so that a real capture corrects it in one place.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus

from providers.sandbox.calls import JsonObject
from providers.sandbox.idmeta.accounts import Plan
from providers.sandbox.idmeta.verifications import Verification

# Source: IDMeta documentation, "Biometric verification" (texts), envelope assumed.
NO_FACE = "No face detected in the image. Please ensure face is clearly visible."
FACE_TOO_SMALL = "Face is too small. Please move face closer to the camera."
SEVERAL_FACES = "Multiple faces detected in the image. Please ensure only one face is visible."
FACE_CROPPED = "Face is cropped. Please ensure full face is in frame."

# 401: IDMeta's older documentation and Laravel's default. 403, 404, 429, 5xx: assumed.
ERRORS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "Unauthenticated.",
    HTTPStatus.FORBIDDEN: "Sandbox: this action is not allowed for this account.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too Many Attempts.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Server Error",
    HTTPStatus.SERVICE_UNAVAILABLE: "Service Unavailable",
}
VERIFICATION_NOT_FOUND = "Verification not found or does not belong to this company."
TEMPLATE_NOT_FOUND = "Sandbox: no query results for model [Template]."
# Source: text quoted from the live API in kyc-adapter-server, idmeta-http.client.ts.
MANUAL_FINALIZE_POSTED = (
    "The POST method is not supported for route "
    "api/v1/verification/manual-finalize-verification. Supported methods: GET, HEAD."
)
UPSTREAM_UNAVAILABLE = "Sandbox: upstream source unavailable"


def route_not_found(path: str) -> JsonObject:
    """Laravel's default (assumed)."""
    return {"message": f"The route {path} could not be found."}


def invalid(errors: dict[str, str]) -> JsonObject:
    """422 in Laravel's default form (assumed): the first message, and all of them by field."""
    first, *others = errors.values()
    plural = "s" if len(others) > 1 else ""
    more = f" (and {len(others)} more error{plural})" if others else ""
    return {"message": first + more, "errors": {name: [text] for name, text in errors.items()}}


def logical_failure(message: str) -> JsonObject:
    """A failure inside HTTP 200 (IDMeta/idmeta_sdk_flutter, lib/src/api/service.dart)."""
    return {
        "status": False,
        "message": "Verification failed" if message == UPSTREAM_UNAVAILABLE else message,
        "result": {"status": "failed", "message": message},
    }


def step_body(result: JsonObject) -> JsonObject:
    """The v1 envelope; `status: true` only says that the call ran."""
    return {"status": True, "message": "OK", "result": result}


def v3_body(
    verification: Verification, plan: Plan, data: JsonObject, code: int, text: str
) -> JsonObject:
    """The v3 envelope (IDMeta documentation, v3 pages)."""
    return {
        "success": True,
        "message": "OK",
        "data": data,
        "verificationStatus": text,
        "verificationStatusCode": code,
        "trustFlowId": verification.template.id,
        "trustValidationId": verification.id,
        "verificationType": plan.code,
        "metadata": verification.metadata,
    }


def api_request(
    request_id: int, verification: Verification, plan: Plan, sent: JsonObject, result: JsonObject
) -> JsonObject:
    """The request log block: request and result are JSON texts (as the registration page shows).

    `sent` holds the posted fields; a posted data URI is in it, as it may be at IDMeta.
    """
    return {
        "id": request_id,
        "user_id": verification.account.user_id,
        "company_id": verification.account.company_id,
        "template_id": verification.template.id,
        "verification_id": verification.id,
        "plan": plan.code,
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "requestdata": json.dumps(sent),
        "requestresult": json.dumps(result),
        "time_to_verify": 0.02,
        "api_request_status": "SUCCESS",
        "blacklist_request_id": None,
        "key": "sbx-key",
    }
