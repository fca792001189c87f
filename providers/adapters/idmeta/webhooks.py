"""IDMeta's callbacks.

IDMeta publishes neither format nor signature; both are what clients of it rely on: lower-case hex
HMAC-SHA256 of the raw body with the template's webhook secret. A notice is therefore a hint: its
status counts only once finalizing confirms it. Two formats exist: `{type, data}`, and a flat one
without a type.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from providers.adapters.idmeta.reading import Object, as_object, as_text
from providers.adapters.idmeta.statuses import VERDICTS, Status, first_status, warn_unknown
from providers.errors import WebhookForged, WebhookMalformed
from providers.types import InboundNotice

COMPLETE = "trustValidation.complete"
LEGACY = "legacy"
ENDED = frozenset({*VERDICTS, Status.FAILED})
PREFIX = "sha256="


def read_webhook(
    headers: Mapping[str, str],
    body: bytes,
    secrets: tuple[str, ...],
    signature_headers: tuple[str, ...],
) -> InboundNotice:
    """Verify, then parse. Without a secret nothing can be verified and the notice is unsigned."""
    if secrets and not _is_authentic(_signature(headers, signature_headers), body, secrets):
        raise WebhookForged("The webhook's signature is missing or wrong")
    content = _content(body)
    is_legacy = "type" not in content
    kind = LEGACY if is_legacy else as_text(content.get("type"))
    external_id = _external_id(content, is_legacy=is_legacy)
    if not kind or not external_id:
        raise WebhookMalformed("The webhook names no type or no verification")
    return _notice(kind, external_id, _status_values(content), is_signed=bool(secrets))


def _signature(headers: Mapping[str, str], names: tuple[str, ...]) -> str:
    given = {name.lower(): value for name, value in headers.items()}
    found = (given.get(name.lower(), "").strip() for name in names)
    return next((value for value in found if value), "").removeprefix(PREFIX).lower()


def _is_authentic(signature: str, body: bytes, secrets: tuple[str, ...]) -> bool:
    """Compares with every secret, in constant time."""
    expected = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets]
    matches = [hmac.compare_digest(digest.encode(), signature.encode()) for digest in expected]
    return any(matches)


def _content(body: bytes) -> Object:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise WebhookMalformed("The webhook is not a JSON object")
    return content


def _external_id(content: Object, *, is_legacy: bool) -> str:
    """At the top level `id` is the verification's only in the flat format."""
    data = as_object(content.get("data"))
    values = (
        content.get("trustValidationId"),
        data.get("trustValidationId"),
        data.get("id"),
        content.get("id") if is_legacy else None,
    )
    return next((text for value in values if (text := as_text(value))), "")


def _status_values(content: Object) -> tuple[object, ...]:
    data = as_object(content.get("data"))
    return (
        content.get("verificationStatusCode"),
        data.get("status"),
        content.get("status"),
        content.get("verificationStatus"),
    )


def _notice(
    kind: str, external_id: str, values: tuple[object, ...], *, is_signed: bool
) -> InboundNotice:
    status = first_status(*values)
    is_overall = kind in {COMPLETE, LEGACY}
    if is_overall and status is None:
        warn_unknown("webhook status", next((value for value in values if value is not None), None))
    shown = str(int(status)) if status is not None else "unknown"
    return InboundNotice(
        kind=kind,
        external_id=external_id,
        verdict=VERDICTS.get(status) if is_overall and status is not None else None,
        is_terminal=kind == COMPLETE or (kind == LEGACY and status in ENDED),
        is_signed=is_signed,
        dedupe_key=f"{kind}:{external_id}:{shown}",
    )
