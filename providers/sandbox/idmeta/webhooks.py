"""IDMeta's webhooks, in both formats, sent to one address; with switches for all that goes wrong.

Source: what clients of IDMeta rely on; IDMeta publishes neither format nor signature.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus

import requests

from providers.sandbox.idmeta.accounts import Plan
from providers.sandbox.idmeta.verifications import Status, Verification
from providers.sandbox.settings import Settings, Switch

TIMEOUT_SECONDS = 10
FORGERS_SECRET = "not-the-secret"  # noqa: S105 that is the point of it
FLAT = "legacy"


@dataclass(frozen=True)
class Parcel:
    """One webhook on its way. due_at: `time.monotonic()`. header: "" for none."""

    type: str
    verification_id: str
    url: str
    body: bytes
    header: str
    signature: str
    due_at: float


class Webhooks:
    """Sends in the order in which things happened, on a thread of its own, once each; unless the
    settings say otherwise.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._queue: queue.Queue[Parcel] = queue.Queue()
        self._lock = threading.Lock()
        self._sent: list[dict[str, object]] = []
        self._held: dict[str, list[Parcel]] = {}
        self._thread: threading.Thread | None = None

    def created(self, verification: Verification) -> None:
        if self._settings.webhookFormat != FLAT:
            self._tell(verification, "trustValidation.create", _typed(verification, Status.EMPTY))

    def step_done(self, verification: Verification, plan: Plan, verdict: Status | None) -> None:
        if self._settings.webhookFormat != FLAT:
            content = _checked(verification, plan, verdict or Status.REVIEW_NEEDED)
            self._tell(verification, f"verification.{plan.code}", content)

    def ended(self, verification: Verification, status: int) -> None:
        """Also when a reviewer has decided."""
        if self._settings.webhookFormat != FLAT:
            self._tell(verification, "trustValidation.complete", _typed(verification, status))
        if self._settings.webhookFormat != "typed":
            self._tell(verification, FLAT, _flat(verification, status))
        self._let_go(verification)

    def as_json(self) -> list[dict[str, object]]:
        with self._lock:
            return list(self._sent)

    def clear(self) -> None:
        with self._lock:
            self._sent.clear()
            self._held.clear()

    def _tell(self, verification: Verification, type_: str, content: dict[str, object]) -> None:
        settings = self._settings
        if not settings.webhookUrl:
            return
        body = json.dumps(content if type_ == FLAT else {"type": type_, **content}).encode()
        parcel = Parcel(
            type=type_,
            verification_id=verification.id,
            url=settings.webhookUrl,
            body=body,
            header=settings.webhookHeader if settings.webhookSecret else "",
            signature=settings.webhookPrefix + _signature(body, settings),
            due_at=time.monotonic(),
        )
        copies = 2 if settings.has(Switch.DOUBLED) else 1
        for _ in range(copies):
            self._dispatch(parcel)

    def _dispatch(self, parcel: Parcel) -> None:
        settings = self._settings
        if settings.has(Switch.MISSING):
            self._note(parcel, None, "missing")
        elif settings.has(Switch.REORDERED):
            with self._lock:
                self._held.setdefault(parcel.verification_id, []).append(parcel)
        elif settings.has(Switch.LATE):
            late = parcel.due_at + settings.webhookLateSeconds
            self._enqueue(replace(parcel, due_at=late))
        elif settings.has(Switch.EARLY):
            self._send(parcel)  # in the call it tells of, which is answered only after it
        else:
            self._enqueue(parcel)

    def _let_go(self, verification: Verification) -> None:
        """What was held back goes out with the last first."""
        with self._lock:
            held = self._held.pop(verification.id, [])
        for parcel in reversed(held):
            self._enqueue(parcel)

    def _enqueue(self, parcel: Parcel) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
        self._queue.put(parcel)

    def _work(self) -> None:
        while True:
            parcel = self._queue.get()
            time.sleep(max(0.0, parcel.due_at - time.monotonic()))
            self._send(parcel)

    def _send(self, parcel: Parcel) -> None:
        headers = {"Content-Type": "application/json", "User-Agent": "idmeta-sandbox"}
        if parcel.header:
            headers[parcel.header] = parcel.signature
        try:
            answer = requests.post(
                parcel.url,
                data=parcel.body,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self._note(parcel, None, type(error).__name__)
        else:
            self._note(parcel, HTTPStatus(answer.status_code), "")

    def _note(self, parcel: Parcel, status: HTTPStatus | None, error: str) -> None:
        with self._lock:
            self._sent.append(
                {
                    "type": parcel.type,
                    "verificationId": parcel.verification_id,
                    "isSigned": bool(parcel.header),
                    "status": status,
                    "error": error,
                    "at": datetime.now(UTC).isoformat(),
                }
            )


def _signature(body: bytes, settings: Settings) -> str:
    secret = FORGERS_SECRET if settings.has(Switch.FORGED) else settings.webhookSecret
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _typed(verification: Verification, status: int) -> dict[str, object]:
    return {
        "data": {
            "id": verification.id,
            "template_id": verification.template.id,
            "company_id": verification.account.company_id,
            "metadata": verification.metadata,
            "verification_data": "[]",
            "status": int(status),
        }
    }


def _checked(verification: Verification, plan: Plan, verdict: Status) -> dict[str, object]:
    """One check; its fields stand beside `data`, not in it."""
    return {
        "verificationStatus": verdict.name,
        "verificationStatusCode": int(verdict),
        "trustFlowId": verification.template.id,
        "trustValidationId": verification.id,
        "verificationType": plan.code,
        "metadata": verification.metadata,
        "data": {},
    }


def _flat(verification: Verification, status: int) -> dict[str, object]:
    names = {int(known): known.name for known in Status}
    return {
        "id": verification.id,
        "company_id": verification.account.company_id,
        "template_id": verification.template.id,
        "status": names.get(int(status), "ESCALATED"),
        "metadata": verification.metadata,
        "profile_name": verification.profile_name,
        "verification_results": {code: {} for code in verification.verdicts},
    }
