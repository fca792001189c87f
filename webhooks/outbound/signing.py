"""Signatures of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from standardwebhooks import Webhook


def signed_headers(
    message_id: UUID, body: bytes, secrets: Sequence[str], moment: datetime
) -> dict[str, str]:
    """The three headers for these bytes, signed with each secret.

    moment: aware. The package reads any time as UTC, so it is converted before.
    """
    in_utc = moment.astimezone(UTC)
    text = body.decode()
    signatures = [Webhook(secret).sign(str(message_id), in_utc, text) for secret in secrets]
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": str(int(in_utc.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
