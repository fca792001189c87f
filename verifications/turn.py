"""One owner's turn at a session: its lease, its adapter, and how it calls the vendor."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from common import crash_points, plain_sql, stopping
from common.prepared_query import PreparedQuery
from providers.base import FinalizesSession, RunsSteps
from providers.errors import Arrival, ProviderError
from providers.types import FinalVerdict, ImageRole, SessionRef
from templates_sync.selectors import plan_prices
from verifications import claims, ledger
from verifications.claims import Lease
from verifications.models import (
    Evidence,
    Operation,
    ProviderCall,
    Session,
    Step,
    Verification,
)
from verifications.requests import adapter_that_runs_steps

T = TypeVar("T")

LONGEST_PAUSE = 10.0
# What these answer may be asked again; the answer of any other call is stored with its outcome.
QUESTIONS = (Operation.RECONCILE, Operation.FINALIZE)
EVIDENCE_BY_VERIFICATION = PreparedQuery(Evidence.objects.order_by(), "verification")


class TimeIsUp(Exception):
    """No further step may be begun in this turn; a worker goes on, unless the verification has
    expired.
    """


class TurnPutOff(Exception):
    """Nothing can be done before `due_at`; the next turn goes on then.

    message: for people. uses_attempt: whether it counts as one of the times a session is put off.
    """

    def __init__(self, due_at: datetime, message: str, *, uses_attempt: bool = False) -> None:
        super().__init__(message)
        self.due_at = due_at
        self.message = message
        self.uses_attempt = uses_attempt


def is_waited_for(has_caller: bool, until: float | None) -> bool:
    """Whether a request still waits for the outcome; at `until` it is answered without one."""
    return has_caller and (until is None or time.monotonic() < until)


@dataclass
class Turn:
    lease: Lease
    session: Session
    adapter: RunsSteps
    evidence: list[Evidence]
    has_caller: bool
    until: float | None
    steps: list[Step] = field(default_factory=list)
    final: FinalVerdict | None = None
    _unwritten: list[Callable[[], None]] = field(default_factory=list)
    _changed_steps: dict[UUID, Step] = field(default_factory=dict)
    _answered: ProviderCall | None = None

    @classmethod
    def begin(
        cls, lease: Lease, session: Session, *, has_caller: bool, until: float | None
    ) -> Turn:
        return cls(
            lease=lease,
            session=session,
            adapter=adapter_that_runs_steps(session.provider_account),
            evidence=EVIDENCE_BY_VERIFICATION.rows_of(session.verification_id),
            has_caller=has_caller,
            until=until,
            steps=list(session.steps.all()) if session.opened_at else [],
        )

    @property
    def verification(self) -> Verification:
        return self.session.verification

    @property
    def images(self) -> frozenset[ImageRole]:
        """Which pictures the tenant gave."""
        return frozenset(ImageRole(row.role) for row in self.evidence)

    @property
    def is_caller_waiting(self) -> bool:
        return is_waited_for(self.has_caller, self.until)

    @property
    def ref(self) -> SessionRef:
        return SessionRef(
            reference=str(self.verification.pk),
            external_id=self.session.provider_session_id,
            template_id=self.verification.external_template_id or None,
        )

    def stop_if_time_is_up(self) -> None:
        is_over = self.until is not None and time.monotonic() >= self.until
        if is_over or stopping.is_asked():
            raise TimeIsUp

    def stop_if_expired(self) -> None:
        if self.verification.expires_at <= now():
            raise TimeIsUp

    def write_with_next_call(self, write: Callable[[], None], *steps: Step) -> None:
        """Have an outcome written in the transaction that books the next call, which saves one.

        write: holds the lease, and may be called once more if that transaction fails. steps: that
        have changed. Every turn ends with `write`, for the outcome that no call has followed.
        """
        self._unwritten.append(write)
        self._note_changed(*steps)

    def write(self) -> None:
        """Write what still waits for a call, if anything. Raises LeaseLost.

        A call whose answer could not be made an outcome stays unsettled, so that it is looked up.
        """
        has_answer = self._answered is not None and self._answered.operation in QUESTIONS
        if self._unwritten or has_answer:
            self._commit()

    def end(self, write: Callable[[], None]) -> None:
        """Write how the verification ends, after an outcome that still waits for a call.

        write: holds the lease. Raises LeaseLost.
        """
        if self._unwritten:
            self._commit()
        self._commit(write)

    def finalize(self) -> FinalVerdict | None:
        """The provider's own verdict; None if the provider has none. Safe to repeat."""
        adapter = self.adapter
        if not isinstance(adapter, FinalizesSession):
            return None
        return self.call(Operation.FINALIZE, lambda: adapter.finalize(self.ref), is_repeatable=True)

    def call(
        self,
        operation: Operation,
        make: Callable[[], T],
        *,
        step: Step | None = None,
        is_repeatable: bool = False,
    ) -> T:
        """Book and make one call; what was certainly refused is tried again, a few times.

        is_repeatable: also after an answer was lost. Raises ProviderError.
        """
        attempt = 1
        while True:
            call = self._book(operation, step)
            try:
                crash_points.reach(f"{operation}.before_send")
                answer = ledger.perform(call, make)
                crash_points.reach(f"{operation}.after_send")
            except ProviderError as error:
                is_lost = error.arrival is Arrival.UNKNOWN and not is_repeatable
                if is_lost or not error.retryable or not error.uses_attempt:
                    raise
                if attempt >= settings.STEP_TRIES:
                    raise
                self._pause(attempt, error)
                attempt += 1
            else:
                self._answered = call
                return answer

    def _book(self, operation: Operation, step: Step | None) -> ProviderCall:
        call = ledger.reservation(
            self.session,
            operation,
            fence=self.lease.fence,
            step=step,
            pricing=self._pricing(operation, step),
        )
        if step is not None and operation is Operation.STEP:
            self.stop_if_expired()
            step.begin()
            self._note_changed(step)
        self._commit(booked=call)
        return call

    def _commit(self, *last: Callable[[], None], booked: ProviderCall | None = None) -> None:
        """Everything that has come to be known, in one transaction and few statements."""
        writes = [*self._unwritten, *last] or [partial(claims.hold, self.lease)]
        with transaction.atomic():
            for write in writes:
                write()
            plain_sql.insert_or_replace(*self._changed_steps.values())
            plain_sql.insert_or_replace(*filter(None, [self._answered, booked]))
        self._unwritten, self._changed_steps, self._answered = [], {}, None

    def _note_changed(self, *steps: Step) -> None:
        self._changed_steps.update((step.pk, step) for step in steps)

    def _pricing(self, operation: Operation, step: Step | None) -> Mapping[str, str] | None:
        """What the call costs; a vendor with plans charges for steps alone."""
        if step is None or operation is not Operation.STEP:
            return None
        return self._prices.get(step.plan_code)

    @cached_property
    def _prices(self) -> Mapping[str, Mapping[str, str]]:
        return plan_prices(self.session.provider_account)

    def _pause(self, attempt: int, error: ProviderError) -> None:
        """Back off, doubled each time, with jitter; raises the error if that takes too long."""
        pause = settings.STEP_BACKOFF * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311
        pause = max(pause, error.retry_after_seconds or 0)
        left = LONGEST_PAUSE if self.until is None else self.until - time.monotonic()
        if pause > min(left, LONGEST_PAUSE):
            raise error
        stopping.sleep(pause)
        if stopping.is_asked():
            raise TimeIsUp
