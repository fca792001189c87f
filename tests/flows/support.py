"""What the flow tests share: one request, and everything it left behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.response import Response

from verifications.models import Verification


@dataclass(frozen=True)
class Aftermath:
    """A verification as the caller and as the database see it."""

    response: Response
    verification: Verification

    @property
    def body(self) -> dict[str, Any]:
        return dict(self.response.json())

    @property
    def outcome(self) -> tuple[int, str, str | None]:
        """HTTP status, verification status, decision."""
        return (
            self.response.status_code,
            self.verification.status,
            self.verification.decision,
        )

    @property
    def calls(self) -> list[tuple[str, str]]:
        """The ledger, in order: operation and how it ended."""
        calls = self.verification.session.provider_calls.order_by("id")
        return [(call.operation, call.status) for call in calls]

    @property
    def step_statuses(self) -> list[str]:
        return [step.status for step in self.verification.session.steps.all()]

    @property
    def billable(self) -> int:
        """Steps that the vendor has worked on, or may have, according to the ledger."""
        return sum(
            operation == "step" and status in ("done", "unknown")
            for operation, status in self.calls
        )

    @property
    def reason_codes(self) -> list[str]:
        return list(self.verification.result["reasonCodes"])


def verify(client: Any, request: dict[str, Any]) -> Aftermath:
    """POST a verification and read back the newest row."""
    response = client.post("/api/v1/verifications", request, format="json")
    return Aftermath(response, Verification.objects.order_by("-id")[0])
