"""Uploaded pictures; the files are encrypted, in the `evidence` storage."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from common.ids import new_id
from providers.types import ImageRole
from verifications.models.verification import Verification


class Evidence(models.Model):
    """One picture. file_name: in the storage. sha256: of the picture as it was sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    verification = models.ForeignKey(
        Verification, on_delete=models.CASCADE, db_index=False, related_name="evidence"
    )
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in ImageRole])
    file_name = models.CharField(max_length=255)
    mime_type = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    purge_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "evidence"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["verification", "role"], name="one_picture_per_role")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["purge_at"],
                name="evidence_to_purge",
                condition=models.Q(purge_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.verification_id}"
