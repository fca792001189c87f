"""What a receiver gets: the event's envelope, thin. Ids, status, decision, codes and times.

The result, which is personal data, is there only where the endpoint asked for it; it is read when
the payload is made and kept nowhere.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from verifications.events import envelope
from verifications.models import Verification, VerificationEvent
from webhooks.models import WebhookDelivery
from webhooks.outbound.event_types import OUTCOMES, TEST


def body_of(delivery: WebhookDelivery) -> bytes:
    """The exact bytes to sign and to send."""
    text = json.dumps(
        _content(delivery), cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")
    )
    return text.encode()


def _content(delivery: WebhookDelivery) -> dict[str, Any]:
    if delivery.event is None or delivery.verification is None:
        return _test(delivery)
    content = envelope(delivery.event)
    content["data"] = {**_facts(delivery.verification), **content["data"]}
    if delivery.event_type in OUTCOMES:
        content["data"] = {"decision": None, "reasonCodes": [], "error": None, **content["data"]}
        if delivery.endpoint is not None and delivery.endpoint.includes_result:
            content["data"]["result"] = _result(delivery.event, delivery.verification)
    return content


def _result(event: VerificationEvent, verification: Verification) -> Any:
    """The verification's, or that of the revision the event tells of."""
    number = event.data.get("revision")
    if number is None:
        return verification.result
    return verification.revisions.get(number=number).result


def _facts(verification: Verification) -> dict[str, Any]:
    """As they are when the payload is made."""
    return {
        "accountId": verification.account_id,
        "verificationType": verification.verification_type,
        "mode": verification.mode,
        "createdAt": verification.created_at,
        "completedAt": verification.completed_at,
    }


def _test(delivery: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": delivery.message_id,
        "type": TEST,
        "verificationId": None,
        "sequence": 0,
        "timestamp": delivery.created_at,
        "data": {"message": "A test event; nothing has happened"},
    }
