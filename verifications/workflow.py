"""The one way to work a verification, for every provider: plan, open, step, finish, wait.

`run` takes one turn at a session: it claims it, does what is not done yet, and stores every
outcome under its lease before it goes on. A turn may end anywhere (crash, deadline, outage); the
next one starts at the first step that is not done. Nothing here runs inside a transaction while a
vendor is called.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import NoReturn
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from common import correlation
from common.prepared_query import PreparedQuery
from common.sealing import SealBroken
from providers.errors import ProviderError
from verifications import claims, follow_ups, ledger, outcomes
from verifications.claims import Lease, LeaseLost
from verifications.conclusions import OVER, conclusion_of, growing_pause, provider_word
from verifications.evidence_store import EvidenceUnreadable
from verifications.models import Session, SessionStatus, StepStatus
from verifications.opening import open_session, refuse_unworkable_steps
from verifications.outcomes import TechnicalFailure
from verifications.requests import RequestNotPossible
from verifications.steps import StepRunner
from verifications.turn import TimeIsUp, Turn, TurnPutOff, is_waited_for
from verifications.wake import wake_worker

log = structlog.get_logger("verifications.workflow")

SESSIONS_BY_ID = PreparedQuery(
    Session.objects.select_related(
        "verification__tenant",
        "verification__provider",
        "verification__account",
        "provider_account__provider",
    ),
    "id",
)


def run(session_id: UUID, *, has_caller: bool = False, until: float | None = None) -> None:
    """Take one turn at a session, if it can be had; see `work`."""
    lease = claims.claim(session_id)
    if lease is not None:
        work(lease, has_caller=has_caller, until=until)


def work(lease: Lease, *, has_caller: bool = False, until: float | None = None) -> None:
    """Take one turn at a session that has been claimed.

    has_caller: a request waits for the outcome, so a failure before `until` is not put off.
    until: `time.monotonic()` after which no further step is begun; a worker goes on then.
    """
    (session,) = SESSIONS_BY_ID.rows_of(lease.session_id)
    correlation.bind(session.verification.correlation_id or correlation.acceptable_or_new(None))
    structlog.contextvars.bind_contextvars(verification_id=str(session.verification_id))
    try:
        if lease.is_follow_up:
            follow_ups.ask_again(lease, session)
        else:
            _take_turn(lease, session, has_caller, until)
    except LeaseLost:
        log.info("lease_lost", fence=lease.fence)


def give_up(lease: Lease) -> None:
    """Let go of a session whose call has not ended: nobody here will learn how it ends."""
    with transaction.atomic(), suppress(LeaseLost):
        claims.release_now(lease)
        session = Session.objects.get(pk=lease.session_id)
        ledger.give_up_on_reserved(session, before_fence=lease.fence + 1)


def _take_turn(lease: Lease, session: Session, has_caller: bool, until: float | None) -> None:
    try:
        turn = Turn.begin(lease, session, has_caller=has_caller, until=until)
        try:
            _advance(turn)
        except Exception:
            turn.write()
            raise
    except TimeIsUp:
        claims.release_now(lease)
        if has_caller:
            # A worker's own slice calls the next one, once for all its sessions.
            wake_worker()
    except TurnPutOff as pause:
        claims.release(
            lease,
            due_at=pause.due_at,
            attempts=session.attempts + pause.uses_attempt,
            status=SessionStatus.WAITING,
            last_progress_message=pause.message,
        )
    except RequestNotPossible as refusal:
        outcomes.fail_technically(
            lease=lease,
            verification=session.verification,
            failure=TechnicalFailure(
                refusal.code, refusal.message, False, refusal.suggested_action
            ),
        )
    except (EvidenceUnreadable, SealBroken) as loss:
        log.error("stored_data_unreadable", where=str(loss.__cause__ or loss))
        failure = TechnicalFailure(loss.code, loss.message, False, loss.suggested_action)
        _put_off_or_end(lease, session, failure, is_waited_for(has_caller, until), may_pass=True)
    except ProviderError as error:
        _after_failure(lease, session, error, is_waited_for(has_caller, until))
    except LeaseLost:
        raise
    except Exception:
        log.exception("workflow_crashed")
        crash = InternalFailure("An unexpected error occurred")
        _after_failure(lease, session, crash, is_waited_for(has_caller, until))


class InternalFailure(ProviderError):
    """A bug of ours; tried again later, because another release may not have it."""

    code = "internal_error"
    retryable = True


def _advance(turn: Turn) -> None:
    if not turn.lease.is_first:
        ledger.give_up_on_reserved(turn.session, before_fence=turn.lease.fence)
    if turn.session.opened_at is None:
        open_session(turn)
    refuse_unworkable_steps(turn)
    runner = StepRunner(turn)
    for step in turn.steps:
        if step.status in OVER:
            continue
        turn.stop_if_time_is_up()
        if step.status == StepStatus.MAYBE_BILLED or runner.run(step) is StepStatus.MAYBE_BILLED:
            _conclude(turn)
            return
    _finish(turn)


def _finish(turn: Turn) -> None:
    turn.stop_if_time_is_up()
    final = turn.finalize()
    if final is not None and not final.is_final:
        _put_off(turn)
    turn.final = final
    _conclude(turn)


def _conclude(turn: Turn) -> None:
    turn.end(
        partial(
            outcomes.conclude,
            lease=turn.lease,
            verification=turn.verification,
            conclusion=conclusion_of(turn),
            **provider_word(turn),
        )
    )


def _put_off(turn: Turn) -> NoReturn:
    """The provider decides later: ask again after pauses that grow with the wait, from the last
    step on.
    """
    last = max((step.completed_at for step in turn.steps if step.completed_at), default=now())
    pause = growing_pause(now() - last, settings.ASK_AGAIN_AT_MOST)
    raise TurnPutOff(now() + pause, "Waiting for the provider's decision")


def _after_failure(
    lease: Lease, session: Session, error: ProviderError, is_caller_waiting: bool
) -> None:
    suggested_action = outcomes.action_after(error)
    log.warning(
        "provider_call_failed",
        code=error.code,
        suggested_action=suggested_action,
        http_status=error.http_status,
        retryable=error.retryable,
        provider=session.verification.provider.slug,
        provider_account_id=str(session.provider_account_id),
    )
    _put_off_or_end(
        lease,
        session,
        TechnicalFailure(error.code, error.message, error.retryable, suggested_action),
        is_caller_waiting,
        may_pass=error.retryable,
        uses_attempt=error.uses_attempt,
        wait_seconds=error.retry_after_seconds or 0,
    )


def _put_off_or_end(
    lease: Lease,
    session: Session,
    failure: TechnicalFailure,
    is_caller_waiting: bool,
    *,
    may_pass: bool,
    uses_attempt: bool = True,
    wait_seconds: float = 0,
) -> None:
    """Put the session off, or end it; what nobody waits for ends as a dead letter.

    may_pass: by itself, so that a later turn may go well. wait_seconds: at least.
    """
    attempts = session.attempts + uses_attempt
    has_attempts_left = attempts <= len(settings.RESCHEDULE_AFTER)
    if is_caller_waiting or not may_pass or not has_attempts_left:
        outcomes.fail_technically(
            lease=lease,
            verification=session.verification,
            failure=failure,
            is_dead_letter=not is_caller_waiting,
        )
        return
    wait = settings.RESCHEDULE_AFTER[attempts - 1] if uses_attempt else 0
    due_at = now() + timedelta(seconds=max(wait, wait_seconds))
    claims.release(lease, due_at=due_at, attempts=attempts)
