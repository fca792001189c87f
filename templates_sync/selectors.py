"""Everything that reads the local copy."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, IntegerField, Q
from django.db.models.functions import Length
from django.db.models.sql.compiler import SQLCompiler

from providers.models import ProviderAccount
from templates_sync.models import ProviderTemplate


class StepCount(Func):
    """How many steps a template has."""

    function = "JSON_ARRAY_LENGTH"
    output_field = IntegerField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="JSONB_ARRAY_LENGTH", **context)


def template_named(account: ProviderAccount, reference: str) -> ProviderTemplate | None:
    """A template by our id or the vendor's; None if the account's copy doesn't hold it."""
    wanted = Q(external_template_id=reference)
    with contextlib.suppress(ValueError):
        wanted |= Q(pk=UUID(reference))
    return ProviderTemplate.objects.filter(wanted, provider_account=account).first()


def was_synced(account: ProviderAccount) -> bool:
    return ProviderTemplate.objects.filter(provider_account=account).exists()


def smallest_template_with(account: ProviderAccount, plan_code: str) -> ProviderTemplate | None:
    """The active template with the fewest steps, and of those the oldest id, that runs the plan.

    The database narrows by text, which both engines can; the steps themselves decide.
    """
    candidates = (
        ProviderTemplate.objects.filter(
            provider_account=account, is_active=True, steps__icontains=f'"{plan_code}"'
        )
        .annotate(step_count=StepCount("steps"), id_length=Length("external_template_id"))
        .order_by("step_count", "id_length", "external_template_id")
    )
    return next(
        (
            template
            for template in candidates.iterator(chunk_size=20)
            if any(step["planCode"] == plan_code for step in template.steps)
        ),
        None,
    )
