"""What tenants and time do to a verification: create, cancel, expire. `outcomes` ends one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from common import correlation, crash_points, plain_sql
from common.ids import new_id
from providers.types import OpenedSession
from templates_sync.models import ProviderTemplate
from tenants.models import Account, TenantProviderConfig
from tenants.selectors import accounts_of, working_config
from verifications import evidence_store, id_checks, ledger, liveness
from verifications.events import EventType, record
from verifications.liveness import Begun, LivenessSession
from verifications.models import (
    Decision,
    Evidence,
    RunMode,
    Session,
    SessionStatus,
    Status,
    Step,
    Verification,
    VerificationEvent,
)
from verifications.models.session import OPEN_SESSIONS
from verifications.requests import (
    AccountNotFound,
    NewVerification,
    RequestNotPossible,
    adapter_that_runs_steps,
    missing_inputs,
)
from verifications.template_choice import TemplateChoice, choose_template
from verifications.transitions import TransitionNotAllowed, move, sources
from verifications.wake import wake_worker

NO_PROVIDER = (
    "No KYC provider configured for tenant {tenant}. Please contact admin to assign a provider."
)


def create(request: NewVerification) -> Verification:
    """Store a verification, ready to be worked: rows, event and the task that wakes a worker (if
    nobody waits for the outcome) in one transaction.

    The pictures' files are written first. Raises RequestNotPossible or AccountNotFound; nothing is
    left behind then.
    """
    config = config_for(request)
    account = _account(request)
    begun = liveness.begun_for(request, config)
    if begun is not None:
        request = replace(request, template=begun.template_id)
    id_type = id_checks.checked_type(request, config)
    choice = choose_template(request, config, id_type)
    _refuse_missing_inputs(request, config)
    verification = _new_row(request, config, choice, account, begun)
    evidence = evidence_store.write(verification, request.pictures)
    try:
        _store(verification, evidence, config, choice.template, begun.opened if begun else None)
    except BaseException as error:
        # A failure may come after the commit. Files left behind without a row are swept.
        if not Verification.objects.filter(pk=verification.pk).exists():
            evidence_store.discard(evidence)
        if begun is not None and isinstance(error, IntegrityError):
            # Another request with the same token was a moment faster.
            raise liveness.unusable() from None
        raise
    crash_points.reach("accept.after_commit")
    return verification


def start_liveness(request: NewVerification) -> LivenessSession:
    """Begin what comes before some ID checks. Raises RequestNotPossible or ProviderError."""
    return liveness.start(request, config_for(request))


def config_for(request: NewVerification) -> TenantProviderConfig:
    """How the tenant uses its provider. Raises RequestNotPossible if it has none."""
    config = working_config(request.tenant)
    if config is None:
        raise RequestNotPossible(
            "no_provider",
            NO_PROVIDER.format(tenant=request.tenant.pk),
            "Assign a provider to the tenant, for example with manage.py create_tenant",
        )
    return config


def cancel(*, verification: Verification) -> None:
    """Stop a verification that is not over. Raises TransitionNotAllowed.

    Whoever works on it stops at the next checkpoint. No provider has a documented call to cancel.
    """
    with transaction.atomic():
        _end_session(verification, SessionStatus.CANCELLED)
        move(verification, Status.CANCELLED, completed_at=now())
        record(verification, EventType.CANCELLED, status=Status.CANCELLED.value)


def expire_overdue(limit: int = 500) -> int:
    """Expire verifications whose time is up; how many. Those in review never expire."""
    overdue = (
        Verification.objects.filter(status__in=sources(Status.EXPIRED), expires_at__lte=now())
        .exclude(decision=Decision.REVIEW)
        .order_by("expires_at")[:limit]
    )
    return sum(_expire(verification) for verification in overdue)


def _expire(verification: Verification) -> bool:
    """False if an outcome came first; it may be a review, which never expires."""
    try:
        with transaction.atomic():
            if not _end_session(verification, SessionStatus.CANCELLED):
                return False
            move(verification, Status.EXPIRED, completed_at=now())
            record(verification, EventType.EXPIRED, status=Status.EXPIRED.value)
    except TransitionNotAllowed:
        return False
    return True


def _end_session(verification: Verification, status: SessionStatus) -> bool:
    """End the session if it is open, which says whether it was.

    Sessions are locked before verifications everywhere, so that nobody waits in a circle.
    """
    ended = Session.objects.filter(verification=verification, status__in=OPEN_SESSIONS).update(
        status=status, lease_until=None, updated_at=now()
    )
    if ended:
        ledger.give_up_on_calls_of(verification)
    return bool(ended)


def _account(request: NewVerification) -> Account | None:
    if request.account_id is None:
        return None
    account = accounts_of(request.tenant).filter(pk=request.account_id).first()
    if account is None:
        raise AccountNotFound
    return account


def _refuse_missing_inputs(request: NewVerification, config: TenantProviderConfig) -> None:
    adapter = adapter_that_runs_steps(config.provider_account)
    missing = adapter.missing_for_type(request.verification_type, frozenset(request.pictures))
    if missing:
        raise missing_inputs(missing)


def _new_row(
    request: NewVerification,
    config: TenantProviderConfig,
    choice: TemplateChoice,
    account: Account | None,
    begun: Begun | None,
) -> Verification:
    verification = Verification(
        # Before anything is sealed, which is for this id alone.
        id=UUID(begun.verification_id) if begun else new_id(),
        external_id=begun.opened.external_id or "" if begun else "",
        tenant=request.tenant,
        account=account,
        provider=config.provider,
        provider_account=config.provider_account,
        template=choice.template,
        template_version=choice.template.version if choice.template else None,
        external_template_id=choice.external_id or "",
        verification_type=str(request.verification_type),
        verification_method=request.method,
        processing_mode=request.run_mode,
        mode=request.mode,
        expectations=dict(request.expectations),
        webhook_url=request.webhook_url,
        correlation_id=correlation.current() or "",
        expires_at=now() + timedelta(seconds=request.expires_in),
    )
    verification.request_metadata = dict(request.metadata)
    verification.subject = dict(request.subject) or None
    return verification


@transaction.atomic
def _store(
    verification: Verification,
    evidence: Sequence[Evidence],
    config: TenantProviderConfig,
    template: ProviderTemplate | None,
    opened: OpenedSession | None,
) -> VerificationEvent:
    """opened: what a liveness session has begun at the provider."""
    if verification.processing_mode == RunMode.ASYNC:
        verification.job_id = wake_worker()
    plain_sql.insert(verification)
    session = Session(
        verification=verification,
        provider_account=config.provider_account,
        template=template,
        options=config.config,
        next_attempt_at=_due_at(verification),
    )
    steps: list[Step] = []
    if opened is not None:
        steps = Step.all_of(session, opened.steps)
        session.opened_at, session.total_steps = now(), len(steps)
        session.provider_session_id = opened.external_id
    plain_sql.insert(session)
    plain_sql.insert(*steps)
    plain_sql.insert(*evidence)
    event = record(
        verification,
        EventType.CREATED,
        status=Status.PENDING.value,
        verificationType=verification.verification_type,
        provider=config.provider.slug,
    )
    crash_points.reach("accept.before_commit")
    return event


def _due_at(verification: Verification) -> datetime:
    """When a worker takes it up: where a caller waits, only if its own thread never began."""
    pause = settings.LEASE if verification.processing_mode == RunMode.SYNC else 0
    return verification.created_at + timedelta(seconds=pause)
