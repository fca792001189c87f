"""Everything that changes the local copy."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from common.sealing import SealBroken
from providers.account_settings import SettingError
from providers.errors import ProviderError
from providers.models import ProviderAccount
from templates_sync import cache
from templates_sync.copying import Comparisons, compare, write
from templates_sync.errors import SyncFailed, SyncInProgress
from templates_sync.models import SyncStatus, TemplateSync
from templates_sync.reading import Progress, no_progress, read_catalogue

log = structlog.get_logger("templates_sync")

# A sync that has not ended by then is dead, and somebody else may begin.
LEASE = timedelta(minutes=20)
# How long an account waits after its first, second, ... failure; the last one counts on.
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
)

INTERRUPTED = "The process that synced ended before it was done"

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """templates, plans: how many were added, changed, withdrawn, unchanged."""

    account: ProviderAccount
    templates: Counts
    plans: Counts
    seconds: float


def sync_account(account: ProviderAccount, on_page: Progress = no_progress) -> SyncReport:
    """Copy the vendor's templates and plans, all or nothing.

    Raises SyncFailed; the failure is on record then and the account due again soon. On record
    nowhere: SyncInProgress, if another process is at it, and a provider without templates.
    """
    if not account.provider.supports_templates:
        raise SyncFailed("templates_not_supported", "The provider has no templates")
    started = time.perf_counter()
    sync = _begin(account)
    try:
        catalogue, adapter = read_catalogue(account, on_page)
        with transaction.atomic():
            _hold(sync)
            comparisons = compare(account, catalogue, adapter)
            write(comparisons, sync.started_at)
            _finish(sync, comparisons)
    except (KeyboardInterrupt, SystemExit):
        _fail(sync, SyncFailed("interrupted", INTERRUPTED))
        raise
    except Exception as error:
        failure = _failure(error)
        _fail(sync, failure)
        raise failure from error
    cache.forget(account.pk)
    report = _report(account, comparisons, started)
    log.info(
        "templates_synced",
        provider=account.provider.slug,
        provider_account_id=str(account.pk),
        count=len(catalogue.templates),
        duration_ms=round(report.seconds * 1000),
    )
    return report


def preview_account(account: ProviderAccount, on_page: Progress = no_progress) -> SyncReport:
    """What a sync would do now; nothing is written. Raises SyncFailed."""
    started = time.perf_counter()
    try:
        comparisons = compare(account, *read_catalogue(account, on_page))
    except Exception as error:
        raise _failure(error) from error
    return _report(account, comparisons, started)


@transaction.atomic(durable=True)
def _begin(account: ProviderAccount) -> TemplateSync:
    """The row that makes this process the only one to sync the account. Raises SyncInProgress.

    Durable: within a caller's transaction it raises RuntimeError, because the vendor is asked next.
    """
    moment = now()
    TemplateSync.objects.filter(
        provider_account=account, status=SyncStatus.RUNNING, next_attempt_at__lte=moment
    ).update(
        status=SyncStatus.FAILED,
        error_code="interrupted",
        error_message=INTERRUPTED,
        finished_at=moment,
    )
    before = TemplateSync.objects.filter(provider_account=account).first()
    has_failed = before is not None and before.status == SyncStatus.FAILED
    try:
        with transaction.atomic():
            return TemplateSync.objects.create(
                provider_account=account,
                attempt=before.attempt + 1 if before is not None and has_failed else 1,
                started_at=moment,
                next_attempt_at=moment + LEASE,
            )
    except IntegrityError:
        raise SyncInProgress from None


def _hold(sync: TemplateSync) -> None:
    """Keep others from taking over until the commit. Raises SyncFailed if one has already."""
    held = TemplateSync.objects.select_for_update().filter(pk=sync.pk, status=SyncStatus.RUNNING)
    if not held.exists():
        raise SyncFailed("interrupted", "Another process took over, because this one was too slow")


def _finish(sync: TemplateSync, comparisons: Comparisons) -> None:
    moment = now()
    sync.status = SyncStatus.SUCCEEDED
    sync.counts = comparisons.counts
    sync.finished_at = moment
    sync.next_attempt_at = moment + timedelta(hours=settings.TEMPLATE_SYNC_HOURS)
    sync.save(update_fields=["status", "counts", "finished_at", "next_attempt_at"])


def _fail(sync: TemplateSync, failure: SyncFailed) -> None:
    """Record a failure, unless another process has taken over and recorded it."""
    moment = now()
    TemplateSync.objects.filter(pk=sync.pk, status=SyncStatus.RUNNING).update(
        status=SyncStatus.FAILED,
        error_code=failure.code,
        error_message=failure.message,
        finished_at=moment,
        next_attempt_at=next_try(moment, sync.attempt),
    )
    log.warning(
        "template_sync_failed",
        provider=sync.provider_account.provider.slug,
        provider_account_id=str(sync.provider_account_id),
        code=failure.code,
        attempt=sync.attempt,
    )


def next_try(moment: datetime, attempt: int) -> datetime:
    """attempt: how many times in a row it has failed, from 1."""
    return moment + RETRY_AFTER[min(attempt, len(RETRY_AFTER)) - 1]


def _failure(error: Exception) -> SyncFailed:
    """What to tell operators. A crash of ours or of an adapter is logged with where it was."""
    match error:
        case SyncFailed():
            return error
        case ProviderError():
            return SyncFailed(error.code, error.message)
        case SealBroken():
            return SyncFailed(
                "credentials_unreadable",
                "The account's credentials cannot be decrypted with FIELD_ENCRYPTION_KEYS",
            )
        case SettingError():
            return SyncFailed("account_misconfigured", "The account's settings are not valid")
    log.error("template_sync_crashed", exc_info=error)
    return SyncFailed("internal_error", "An unexpected error occurred; see the log")


def _report(account: ProviderAccount, comparisons: Comparisons, started: float) -> SyncReport:
    counts = comparisons.counts
    seconds = time.perf_counter() - started
    return SyncReport(account, counts["templates"], counts["plans"], seconds)
