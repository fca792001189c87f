"""What clients send and what they get: flat JSON objects, told apart by `action` and `event`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from typing import Any
from uuid import UUID

from common.problems import Problem
from verifications.api import callers
from verifications.events import EventType, envelope
from verifications.models import VerificationEvent

LONGEST_MESSAGE = 4096
# The column's own limit.
LARGEST_SEQUENCE = 2**31 - 1
WHOLE_NUMBER = re.compile("[0-9]{1,10}")

EVENT_NAMES: dict[str, str] = {
    EventType.CREATED: "progress",
    EventType.STEP_COMPLETED: "progress",
    EventType.COMPLETED: "completed",
    EventType.FAILED: "failed",
    EventType.REVIEW: "review",
    EventType.CANCELLED: "cancelled",
    EventType.EXPIRED: "expired",
    EventType.REQUEUED: "progress",
    EventType.REVISED: "revised",
}
PONG = json.dumps({"event": "pong"})
ACTIONS = "subscribe, unsubscribe or ping"


class Close(IntEnum):
    """Why the server closes a socket."""

    TRY_AGAIN_LATER = 1013
    NOT_AUTHENTICATED = 4401
    TOO_MANY_MESSAGES = 4429


@dataclass(frozen=True, slots=True)
class Subscribe:
    """after_sequence: the last event the client has; it gets those that follow. 0: all of them."""

    verification_id: UUID
    after_sequence: int = 0


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    verification_id: UUID


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for a pong."""


Request = Subscribe | Unsubscribe | Ping


def parsed(text: str | None) -> Request:
    """What a client asks for. text: None for a binary message. Raises Problem."""
    message = _json_object(text)
    action = message.get("action")
    match action:
        case "ping":
            return Ping()
        case "subscribe":
            return subscription(message.get("verificationId"), message.get("afterSequence"))
        case "unsubscribe":
            return Unsubscribe(_verification_id(message.get("verificationId")))
    raise _malformed(f"action must be {ACTIONS}")


def subscription(verification_id: object, after_sequence: object) -> Subscribe:
    """after_sequence: a number, or None for the whole log. Raises Problem."""
    if after_sequence is None:
        return Subscribe(_verification_id(verification_id))
    is_whole = isinstance(after_sequence, int) and not isinstance(after_sequence, bool)
    if not is_whole or not 0 <= after_sequence <= LARGEST_SEQUENCE:  # type: ignore[operator]
        raise _malformed("afterSequence must be the sequence of an event, or 0")
    return Subscribe(_verification_id(verification_id), after_sequence)  # type: ignore[arg-type]


def in_address(verification_id: str, after_sequence: str | None) -> Subscribe:
    """The subscription of `/ws/verifications/{id}?afterSequence=N`. Raises Problem."""
    if after_sequence is None or not WHOLE_NUMBER.fullmatch(after_sequence):
        return subscription(verification_id, after_sequence)
    return subscription(verification_id, int(after_sequence))


def subscribed(request: Subscribe) -> str:
    return json.dumps(
        {
            "event": "subscribed",
            "verificationId": str(request.verification_id),
            "afterSequence": request.after_sequence,
        }
    )


def log_entry(event: VerificationEvent) -> str:
    """An entry of the log, as every subscriber gets it."""
    # A newer process may write types that this one does not know; they are no outcomes.
    name = EVENT_NAMES.get(event.type, "progress")
    return json.dumps({"event": name, **envelope(event)})


def error(problem: Problem, request: Request | None) -> str:
    """What stands in the way of a request, or of what could not be read as one."""
    about = {}
    if isinstance(request, Subscribe):
        about["verificationId"] = str(request.verification_id)
    return json.dumps(
        {
            "event": "error",
            "code": problem.get_codes(),
            "message": str(problem.detail),
            "suggestedAction": problem.suggested_action,
            "retryable": problem.retryable,
            **about,
        }
    )


def too_many_subscriptions(limit: int) -> Problem:
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "too_many_subscriptions",
        f"A socket can follow {limit} verifications",
        suggested_action="Unsubscribe from those that are over, or open another socket",
    )


def unavailable() -> Problem:
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable",
        "The subscription could not be made",
        suggested_action="Subscribe again in a moment",
        retryable=True,
    )


def _json_object(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > LONGEST_MESSAGE:
        raise _malformed(f"A message is a JSON text of at most {LONGEST_MESSAGE} characters")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise _malformed("The message is not JSON") from None
    if not isinstance(message, dict):
        raise _malformed("The message is not a JSON object")
    return message


def _verification_id(value: object) -> UUID:
    return callers.id_in(value if isinstance(value, str) else "")


def _malformed(message: str) -> Problem:
    return Problem(
        HTTPStatus.BAD_REQUEST,
        "malformed_message",
        message,
        suggested_action='Send a JSON object like {"action": "subscribe", "verificationId": "..."}',
    )
