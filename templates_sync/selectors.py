"""Everything that reads the local copy."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Length
from django.db.models.sql.compiler import SQLCompiler
from django.utils.timezone import now

from providers.models import ProviderAccount
from templates_sync import cache
from templates_sync.models import ProviderPlan, ProviderTemplate, SyncStatus, TemplateSync
from tenants.models import TenantProviderConfig

# The vendor's order: a shorter number is a smaller number.
BY_EXTERNAL_ID = (Length("external_template_id"), "external_template_id")


class StepCount(Func):
    """How many steps a template has."""

    function = "JSON_ARRAY_LENGTH"
    output_field = IntegerField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="JSONB_ARRAY_LENGTH", **context)


def template_named(account: ProviderAccount, reference: str) -> ProviderTemplate | None:
    """A template by our id or the vendor's; None if the account's copy doesn't hold it.

    Inactive ones too. Cached: a warm read needs no query.
    """
    if not reference.isprintable():
        return None
    return cache.remembered(
        account.pk, f"template {reference}", lambda: _template_named(account, reference)
    )


def was_synced(account: ProviderAccount) -> bool:
    """Whether the copy says anything: an account may have been read and have no template."""
    return (
        ProviderTemplate.objects.filter(provider_account=account).exists()
        or last_synced_at(account) is not None
    )


def usable_templates(account: ProviderAccount) -> QuerySet[ProviderTemplate]:
    """The active templates in the order of the vendor's ids."""
    return ProviderTemplate.objects.filter(provider_account=account, is_active=True).order_by(
        *BY_EXTERNAL_ID
    )


def usable_template_ids(account: ProviderAccount, at_most: int) -> list[str]:
    """The vendor's ids of the active templates, to tell a caller what it may name."""
    ids = usable_templates(account).values_list("external_template_id", flat=True)
    return list(ids[:at_most])


def plan_named(account: ProviderAccount, code: str) -> ProviderPlan | None:
    """A plan by its code; inactive ones too."""
    if not code.isprintable():
        return None
    return ProviderPlan.objects.filter(provider_account=account, plan_code=code).first()


def usable_plans(account: ProviderAccount) -> QuerySet[ProviderPlan]:
    return ProviderPlan.objects.filter(provider_account=account, is_active=True).order_by(
        "plan_code"
    )


def plans_in_templates(account: ProviderAccount) -> frozenset[str] | None:
    """The plans that active templates run; None if the account was never read.

    Cached: a warm read needs no query.
    """
    return cache.remembered(account.pk, "plans in templates", lambda: _plans_in(account))


def plan_prices(account: ProviderAccount) -> dict[str, dict[str, str]]:
    """`{amount, currency}` by plan code, {} where the vendor names no price.

    Withdrawn plans too: a verification may still run one. Cached: a warm read needs no query.
    """
    return cache.remembered(account.pk, "plan prices", lambda: _plan_prices(account)) or {}


def last_synced_at(account: ProviderAccount) -> datetime | None:
    """When the copy was last read in full."""
    return _good_syncs(account.pk).values_list("finished_at", flat=True).first()


def with_last_sync(accounts: QuerySet[ProviderAccount]) -> QuerySet[ProviderAccount]:
    """Accounts with `last_synced_at`, None where the copy was never read."""
    newest = _good_syncs(OuterRef("pk")).values("finished_at")[:1]
    return accounts.annotate(last_synced_at=Subquery(newest))


def is_copy_stale() -> bool:
    """Whether an account in use was not read for twice the interval of the schedule.

    One that was never read counts from when it was made.
    """
    latest_allowed = now() - 2 * timedelta(hours=settings.TEMPLATE_SYNC_HOURS)
    accounts = with_last_sync(accounts_with_templates())
    last_read = Coalesce("last_synced_at", "created_at")
    return accounts.annotate(last_read=last_read).filter(last_read__lt=latest_allowed).exists()


def _good_syncs(account_id: UUID | OuterRef) -> QuerySet[TemplateSync]:
    """The newest first."""
    return TemplateSync.objects.filter(
        provider_account=account_id, status=SyncStatus.SUCCEEDED
    ).order_by("-finished_at")


def accounts_with_templates() -> QuerySet[ProviderAccount]:
    """The accounts that tenants use and whose provider keeps templates, the oldest first."""
    configs = TenantProviderConfig.objects.filter(provider_account=OuterRef("pk"), is_enabled=True)
    return (
        ProviderAccount.objects.select_related("provider")
        .filter(Exists(configs), provider__is_active=True, provider__supports_templates=True)
        .order_by("pk")
    )


def next_due_account() -> ProviderAccount | None:
    """The account that has waited longest for a sync, never synced ones first."""
    newest = TemplateSync.objects.filter(provider_account=OuterRef("pk")).order_by("-id")
    return (
        accounts_with_templates()
        .annotate(due_at=Subquery(newest.values("next_attempt_at")[:1]))
        .filter(Q(due_at=None) | Q(due_at__lte=now()))
        .order_by(F("due_at").asc(nulls_first=True), "pk")
        .first()
    )


def is_syncing() -> bool:
    """Whether some process is syncing an account now."""
    return TemplateSync.objects.filter(
        status=SyncStatus.RUNNING, next_attempt_at__gt=now()
    ).exists()


def smallest_template_with(account: ProviderAccount, plan_code: str) -> ProviderTemplate | None:
    """The active template with the fewest steps, and of those the oldest id, that runs the plan.

    Cached: a warm read needs no query.
    """
    return cache.remembered(
        account.pk,
        f"smallest template with {plan_code}",
        lambda: _smallest_template_with(account, plan_code),
    )


def _smallest_template_with(account: ProviderAccount, plan_code: str) -> ProviderTemplate | None:
    """The database narrows by text, which both engines can; the steps themselves decide."""
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


def _plan_prices(account: ProviderAccount) -> dict[str, dict[str, str]]:
    plans = ProviderPlan.objects.filter(provider_account=account)
    return dict(plans.values_list("plan_code", "pricing"))


def _plans_in(account: ProviderAccount) -> frozenset[str] | None:
    all_steps = usable_templates(account).values_list("steps", flat=True)
    plans = frozenset(step["planCode"] for steps in all_steps for step in steps if step["planCode"])
    return plans if plans or was_synced(account) else None


def _template_named(account: ProviderAccount, reference: str) -> ProviderTemplate | None:
    wanted = Q(external_template_id=reference)
    with contextlib.suppress(ValueError):
        wanted |= Q(pk=UUID(reference))
    return ProviderTemplate.objects.filter(wanted, provider_account=account).first()
