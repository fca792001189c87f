"""Attacks a tenant's receiver, as somebody else may do one day, and judges what it answers.

For operators and integrators, on addresses they name themselves: private ones are fine here.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import requests

from common import signing_secrets
from common.ids import new_id
from verifications.events import EventType
from webhooks.outbound.event_types import TEST
from webhooks.outbound.signing import signed_headers

HUGE_BYTES = 5 * 1024 * 1024
TOO_OLD = timedelta(minutes=10)
PROMPT_SECONDS = 5.0
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Answer:
    """status: None if none came. seconds: until it came."""

    status: int | None
    seconds: float

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def __str__(self) -> str:
        return "no answer" if self.status is None else str(self.status)


class Attacker:
    """Sends whatever it likes. patience: seconds to wait for an answer."""

    def __init__(self, url: str, secret: str, patience: float) -> None:
        self.url, self.secret, self.patience = url, secret, patience
        self._session = requests.Session()
        self._session.trust_env = False

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        started = time.monotonic()
        status = None
        with contextlib.suppress(requests.RequestException):
            status = self._session.post(
                self.url,
                data=body,
                headers={**JSON, **headers},
                timeout=self.patience,
                allow_redirects=False,
            ).status_code
        return Answer(status, time.monotonic() - started)

    def send(self, body: bytes, id_: UUID | None = None, *, age: timedelta = timedelta()) -> Answer:
        """Rightly signed, for the time so long ago."""
        return self.post(body, self.signed(body, id_, age=age))

    def signed(
        self,
        body: bytes,
        id_: UUID | None = None,
        *,
        secret: str = "",
        age: timedelta = timedelta(),
    ) -> dict[str, str]:
        moment = datetime.now(UTC) - age
        return signed_headers(id_ or new_id(), body, [secret or self.secret], moment)

    @contextlib.contextmanager
    def half_a_request(self) -> Iterator[None]:
        """Somebody has begun to send, and does not go on."""
        parts = urlsplit(self.url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.hostname or "", parts.port, timeout=self.patience)
        try:
            with contextlib.suppress(OSError):
                connection.putrequest("POST", parts.path or "/")
                connection.putheader("Content-Length", "1000")
                connection.endheaders(b"{")
            yield
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Check:
    """run: whether the receiver passes, and what it answered. fix: what to do if it does not."""

    name: str
    fix: str
    run: Callable[[Attacker], tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Finding:
    check: Check
    has_passed: bool
    seen: str


def findings(attacker: Attacker) -> Iterator[Finding]:
    """Each check's, as it comes; only the first one's if the receiver takes not even good ones."""
    for check in CHECKS:
        has_passed, seen = check.run(attacker)
        yield Finding(check, has_passed, seen)
        if check is CHECKS[0] and not has_passed:
            return


def event(type_: str = EventType.COMPLETED, sequence: int = 1, **more: Any) -> bytes:
    """An event of a verification that does not exist."""
    content = {
        "id": str(new_id()),
        "type": str(type_),
        "verificationId": str(more.pop("verification", new_id())),
        "sequence": sequence,
        "timestamp": datetime.now(UTC).isoformat(),
        "data": {"status": "completed", "decision": "review", "reasonCodes": [], **more},
    }
    return json.dumps(content).encode()


def _accepted(*answers: Answer) -> tuple[bool, str]:
    return all(one.is_success for one in answers), ", ".join(str(one) for one in answers)


def _refused(answer: Answer) -> tuple[bool, str]:
    """Hanging up is a refusal too; keeping us waiting is none."""
    return not answer.is_success and answer.seconds < PROMPT_SECONDS, str(answer)


def _good(attacker: Attacker) -> tuple[bool, str]:
    return _accepted(attacker.send(event(TEST)))


def _prompt(attacker: Attacker) -> tuple[bool, str]:
    answer = attacker.send(event())
    return answer.is_success and answer.seconds < PROMPT_SECONDS, f"{answer.seconds:.1f} s"


def _forged(attacker: Attacker) -> tuple[bool, str]:
    body = event()
    return _refused(attacker.post(body, attacker.signed(body, secret=signing_secrets.new_secret())))


def _unsigned(attacker: Attacker) -> tuple[bool, str]:
    return _refused(attacker.post(event(), {}))


def _altered(attacker: Attacker) -> tuple[bool, str]:
    body = event()
    changed = body.replace(b"review", b"approved")
    return _refused(attacker.post(changed, attacker.signed(body)))


def _renamed(attacker: Attacker) -> tuple[bool, str]:
    body = event()
    headers = {**attacker.signed(body), "webhook-id": str(new_id())}
    return _refused(attacker.post(body, headers))


def _stale(attacker: Attacker) -> tuple[bool, str]:
    return _refused(attacker.send(event(), age=TOO_OLD))


def _ahead(attacker: Attacker) -> tuple[bool, str]:
    return _refused(attacker.send(event(), age=-TOO_OLD))


def _replayed(attacker: Attacker) -> tuple[bool, str]:
    body = event()
    headers = attacker.signed(body)
    return _accepted(attacker.post(body, headers), attacker.post(body, headers))


def _duplicated(attacker: Attacker) -> tuple[bool, str]:
    body, id_ = event(), new_id()
    with ThreadPoolExecutor(2) as threads:
        return _accepted(*threads.map(lambda _: attacker.send(body, id_), range(2)))


def _reordered(attacker: Attacker) -> tuple[bool, str]:
    verification = new_id()
    sent = ((EventType.COMPLETED, 3), (EventType.STEP_COMPLETED, 2), (EventType.REVIEW, 1))
    return _accepted(
        *(attacker.send(event(type_, place, verification=verification)) for type_, place in sent)
    )


def _rotated(attacker: Attacker) -> tuple[bool, str]:
    body = event()
    other = [signing_secrets.new_secret(), attacker.secret]
    return _accepted(attacker.post(body, signed_headers(new_id(), body, other, datetime.now(UTC))))


def _unheard_of(attacker: Attacker) -> tuple[bool, str]:
    return _accepted(attacker.send(event("verification.something.new", newField={"a": 1})))


def _slow(attacker: Attacker) -> tuple[bool, str]:
    with attacker.half_a_request():
        return _accepted(attacker.send(event()))


def _huge(attacker: Attacker) -> tuple[bool, str]:
    refused, seen = _refused(attacker.post(b" " * HUGE_BYTES, {}))
    lives, afterwards = _accepted(attacker.send(event()))
    return refused and lives, f"{seen}, then {afterwards}"


CHECKS = (
    Check(
        "takes a good event", "Is the secret right? Verify the raw body, before parsing it", _good
    ),
    Check("answers in time", "Store the event, answer 2xx at once, and work on it later", _prompt),
    Check(
        "refuses a forged signature", "Verify webhook-signature; answer 401 if it is wrong", _forged
    ),
    Check(
        "refuses without a signature",
        "Answer 401 if one of the three headers is missing",
        _unsigned,
    ),
    Check("refuses an altered body", "Sign over id.timestamp.body, with the raw bytes", _altered),
    Check("refuses another event's id", "Sign over id.timestamp.body, the id included", _renamed),
    Check("refuses a stale event", "Refuse a webhook-timestamp more than 5 minutes old", _stale),
    Check("refuses one from the future", "Refuse a webhook-timestamp 5 minutes ahead", _ahead),
    Check("takes a replayed event", "Remember webhook-id; answer 2xx again, act once", _replayed),
    Check(
        "takes two copies at once",
        "Insert webhook-id under a unique key; answer 2xx to both",
        _duplicated,
    ),
    Check(
        "takes events out of order",
        "Answer 2xx; compare sequence, or read the verification",
        _reordered,
    ),
    Check("takes one of two signatures", "Try each of the space-separated signatures", _rotated),
    Check("takes an unknown type", "Answer 2xx to types and fields you don't know", _unheard_of),
    Check(
        "is not held up by a slow sender", "Serve requests side by side, with a time limit", _slow
    ),
    Check("refuses a huge body", "Limit bodies, to 1 MB for example; answer 413", _huge),
)
