"""One attempt: sign, send, judge the answer. Needs no database, so many run on threads."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from uuid import UUID

import structlog
from django.conf import settings

from common import correlation
from common.outgoing_calls import Answer, CallFailed, Failure, post
from webhooks.outbound.masking import masked
from webhooks.outbound.signing import signed_headers

log = structlog.get_logger("webhooks.sender")

USER_AGENT = "kyc-adapter-webhooks/1"


class Refusal(StrEnum):
    """Why an attempt that was answered, or could not be made, counts as failed."""

    REDIRECTED = "redirected"
    GONE = "gone"
    NOT_ACCEPTED = "not_accepted"
    INTERNAL = "internal_error"


@dataclass(frozen=True, slots=True)
class Parcel:
    """Everything one attempt needs. secrets: valid ones, newest first."""

    message_id: UUID
    url: str
    body: bytes
    secrets: tuple[str, ...]
    correlation_id: str

    def __repr__(self) -> str:
        return f"Parcel({self.message_id})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went. error: empty after a success. answer: masked."""

    started_at: datetime
    duration_ms: int
    status_code: int | None = None
    error: str = ""
    retry_after: str = ""
    answer: str = ""

    @property
    def has_succeeded(self) -> bool:
        return not self.error


def send(parcel: Parcel) -> Outcome:
    """Never raises: what goes wrong here is a failed attempt like any other."""
    started_at, started = datetime.now(UTC), time.monotonic()
    status_code, error, retry_after, answer = None, "", "", ""
    try:
        given = post(
            parcel.url, parcel.body, _headers(parcel, started_at), timeout=settings.WEBHOOK_TIMEOUT
        )
        status_code, retry_after, answer = given.status, given.retry_after, masked(given.body)
        error = _error_of(given)
    except CallFailed as failed:
        error = failed.failure.value
    except Exception:
        log.exception("webhook_attempt_failed")
        error = Refusal.INTERNAL.value
    duration_ms = round((time.monotonic() - started) * 1000)
    return Outcome(started_at, duration_ms, status_code, error, retry_after, answer)


def was_slow(outcome: Outcome) -> bool:
    """The receiver kept us waiting until the end."""
    return outcome.error == Failure.TIMED_OUT


def _headers(parcel: Parcel, moment: datetime) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        **({correlation.HEADER: parcel.correlation_id} if parcel.correlation_id else {}),
        **signed_headers(parcel.message_id, parcel.body, parcel.secrets, moment),
    }


def _error_of(answer: Answer) -> str:
    if 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        return Refusal.REDIRECTED.value
    return (Refusal.GONE if answer.status == HTTPStatus.GONE else Refusal.NOT_ACCEPTED).value
