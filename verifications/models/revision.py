"""What a provider says about a person after it had said something else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from common.ids import new_id
from common.sealing import SealedJSON, sealed_field
from verifications.models.verification import Decision, Verification


class Revision(models.Model):
    """A later decision about a verification that is over; the verification itself stays as it is.

    number: 1 for the first, without gaps. previous_decision: the one that stood until then.
    result: the unified result as it is now; personal data, encrypted.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    verification = models.ForeignKey(
        Verification, on_delete=models.CASCADE, db_index=False, related_name="revisions"
    )
    number = models.PositiveSmallIntegerField()
    decision = models.CharField(max_length=20, choices=Decision.choices)
    previous_decision = models.CharField(max_length=20, choices=Decision.choices)
    reason_codes = models.JSONField(default=list)
    sealed_result = sealed_field()
    created_at = models.DateTimeField()

    result = SealedJSON("sealed_result")

    class Meta:
        db_table = "verification_revisions"
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["verification", "number"], name="revision_order")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.decision}"
