"""Runs one step, and finds out what became of one whose answer was lost.

A step that may have been carried out is never sent again blindly: the provider is asked first, and
only a step that certainly never arrived, or that the vendor documents as safe to repeat, goes out
once more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from common import crash_points
from providers.base import ReconcilesSteps
from providers.errors import Arrival, OutcomeUnknown, ProviderError, ProviderUnreachable
from providers.types import Image, ImageRole, StepFate, StepInput, StepKind, StepResult
from verifications import claims, evidence_store, ledger
from verifications.events import EventType, record
from verifications.models import CallStatus, Effect, Operation, Step, StepStatus
from verifications.turn import Turn, TurnPutOff


class StepRunner:
    """The steps of one turn. Pictures are read once, when the first step needs them."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._images: dict[ImageRole, Image] | None = None

    def run(self, step: Step) -> StepStatus:
        """Bring a step to an end: DONE, ANSWER_LOST or MAYBE_BILLED. Raises ProviderError."""
        tries = 0
        while step.status != StepStatus.RUNNING or self._may_send(step):
            if tries == settings.STEP_TRIES:
                raise ProviderUnreachable("The step did not arrive at the provider")
            tries += 1
            try:
                result = self._send(step)
            except ProviderError as error:
                if error.arrival is not Arrival.UNKNOWN:
                    raise
            else:
                self._store(step, result)
                break
        return StepStatus(step.status)

    def _send(self, step: Step) -> StepResult:
        turn = self._turn
        given = self._input(step)
        return turn.call(
            Operation.STEP,
            lambda: turn.adapter.execute_step(turn.ref, step.plan, given, turn.session.options),
            step=step,
        )

    def _store(self, step: Step, result: StepResult) -> None:
        step.outcome = result.to_json()
        step.verdict = result.verdict.value
        step.reason_codes = [reason.code for reason in result.reasons]
        step.end(StepStatus.DONE, Effect.DONE)
        self._turn.write_with_next_call(partial(self._write, step), step)

    def _write(self, step: Step) -> None:
        self._checkpoint(step)
        crash_points.reach("step.before_commit")
        transaction.on_commit(partial(crash_points.reach, "step.after_commit"))

    def _may_send(self, step: Step) -> bool:
        """Whether a step may go out (again); if its outcome stays unknown it is ended here."""
        lost = ledger.lost_calls(step)
        if not lost:
            return True
        if self._turn.adapter.resend_is_safe:
            fate = StepFate.NOT_ARRIVED if len(lost) == 1 else StepFate.UNKNOWN
        else:
            fate = self._fate(step)
            if fate is StepFate.NOT_ARRIVED:
                self._wait_for_late_work(max(lost))
                ledger.settle_unsettled(step, CallStatus.NOT_SENT)
        if fate is StepFate.NOT_ARRIVED:
            return True
        self._end_without_answer(step, fate)
        return False

    def _fate(self, step: Step) -> StepFate:
        """Ask the provider. If it cannot be asked now, a worker's turn is put off; with a caller
        waiting nobody can tell."""
        adapter = self._turn.adapter
        if not isinstance(adapter, ReconcilesSteps):
            return StepFate.UNKNOWN
        try:
            return self._turn.call(
                Operation.RECONCILE,
                lambda: adapter.reconcile(self._turn.ref, step.plan),
                step=step,
                is_repeatable=True,
            )
        except ProviderError as error:
            may_ask_later = not self._turn.is_caller_waiting and error.retryable
            if may_ask_later and self._has_attempts_left():
                raise
            return StepFate.UNKNOWN

    def _wait_for_late_work(self, sent_at: datetime) -> None:
        """The provider knows nothing of a step: did it never arrive, or is it being worked on?

        Work outlives a request that was given up, and shows only when it is done. So the answer
        counts once the step has had its time. Raises TurnPutOff before, which uses up one of the
        times that a session is put off, and OutcomeUnknown if none is left.
        """
        settled_at = sent_at + timedelta(seconds=settings.STEP_SETTLES_AFTER)
        if now() >= settled_at:
            return
        if not self._has_attempts_left():
            raise OutcomeUnknown("The provider does not know the step, however often it is sent")
        raise TurnPutOff(settled_at, "Waiting for the provider to end a step", uses_attempt=True)

    def _has_attempts_left(self) -> bool:
        return self._turn.session.attempts < len(settings.RESCHEDULE_AFTER)

    def _end_without_answer(self, step: Step, fate: StepFate) -> None:
        is_done = fate is StepFate.DONE
        if is_done:
            step.end(StepStatus.ANSWER_LOST, Effect.DONE)
        else:
            step.end(StepStatus.MAYBE_BILLED, Effect.MAYBE)
        self._turn.write_with_next_call(partial(self._write_without_answer, step, is_done), step)
        self._turn.write()

    def _write_without_answer(self, step: Step, is_done: bool) -> None:
        self._checkpoint(step)
        if is_done:
            ledger.settle_unsettled(step, CallStatus.DONE)

    def _checkpoint(self, step: Step) -> None:
        """Store the progress that a step which is over makes, and the event that tells of it."""
        turn = self._turn
        total = turn.session.total_steps
        percentage = round(100 * step.position / (total + 1))
        claims.hold(
            turn.lease,
            current_step=step.position,
            progress_percentage=percentage,
            last_progress_message=f"{step.name} finished",
        )
        record(
            turn.verification,
            EventType.STEP_COMPLETED,
            step=step.position,
            totalSteps=total,
            name=step.name,
            kind=step.kind,
            stepStatus=step.status,
            percentage=percentage,
        )

    def _input(self, step: Step) -> StepInput:
        earlier = self._earlier_results(step)
        document: dict[str, str] = {}
        for result in earlier:
            document.update(result.document.extracted if result.document else {})
        return StepInput(
            images=self._pictures(),
            portrait=next((result.portrait for result in earlier if result.portrait), None),
            document=document,
            subject=self._turn.verification.subject or {},
        )

    def _earlier_results(self, step: Step) -> list[StepResult]:
        if step.step_kind is StepKind.DOCUMENT:
            return []
        return [
            StepResult.from_json(earlier.outcome)
            for earlier in self._turn.steps
            if earlier.position < step.position and earlier.status == StepStatus.DONE
        ]

    def _pictures(self) -> dict[ImageRole, Image]:
        if self._images is None:
            self._images = {
                ImageRole(row.role): evidence_store.read(row) for row in self._turn.evidence
            }
        return self._images
