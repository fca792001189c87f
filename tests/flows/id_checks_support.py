"""What the flow tests of ID checks share: a request of each Philippine type, and posting it."""

from __future__ import annotations

from typing import Any

from tests.flows.support import Aftermath
from verifications.models import Verification

URL = "/api/v1/verifications/verify-by-id"
TEMPLATES = {
    "philippines_nbi_clearance": "960",
    "philippines_driving_license": "961",
    "philippines_prc": "962",
    "philippines_national_police": "963",
    "philippines_social_security": "964",
    "philippines_philsys": "425",
}
# A number of each type without its last character, and what the type needs besides.
HOLDER = {"firstName": "Mayumi", "lastName": "Halimbawa"}
REQUESTS: dict[str, tuple[str, dict[str, str]]] = {
    "philippines_nbi_clearance": ("H000AAAA00-AA0000000", HOLDER),
    "philippines_driving_license": ("N01-23-45678", {**HOLDER, "expirationDate": "2035-05-17"}),
    "philippines_prc": (
        "000000",
        {**HOLDER, "profession": "Nurse", "dateOfBirth": "1994-05-17"},
    ),
    "philippines_national_police": ("NPC-000000", HOLDER),
    "philippines_social_security": ("34-1234567-", HOLDER),
    "philippines_philsys": ("0000-0000-0000-000", {**HOLDER, "faceLivenessSessionId": "s-1"}),
}
APPROVED = (201, "completed", "approved")
DECLINED = (201, "failed", "declined")
REVIEW = (201, "in_progress", "review")


def check(client: Any, id_type: str, template: str, **more: Any) -> Aftermath:
    """POST, and read back what was stored."""
    request = {"verificationType": id_type, "templateId": template, **more}
    response = client.post(URL, request, format="json")
    return Aftermath(response, Verification.objects.order_by("-id")[0])


def check_number(client: Any, id_type: str, ending: str, **more: Any) -> Aftermath:
    """Post the type's request; the ending of its number chooses what the sandbox answers."""
    start, user_data = REQUESTS[id_type]
    given: dict[str, Any] = {"idNumber": start + ending, "userData": user_data, **more}
    return check(client, id_type, TEMPLATES[id_type], **given)
