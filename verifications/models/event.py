"""What happened to a verification, in order; the source of sockets, webhooks and polling."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from common.ids import new_id
from verifications.models.verification import Verification


class VerificationEvent(models.Model):
    """Append-only. sequence has no gaps within a verification. data: no personal data."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    verification = models.ForeignKey(
        Verification, on_delete=models.CASCADE, db_index=False, related_name="events"
    )
    sequence = models.PositiveIntegerField()
    type = models.CharField(max_length=50)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "verification_events"
        ordering: ClassVar = ["sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["verification", "sequence"], name="event_order")
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.type}"
