"""Whatever happens in whatever order: ends are final, and the log has no gap."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils.timezone import now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from providers.types import StepKind, Verdict
from tenants.models import Tenant
from verifications import claims, dead_letters, outcomes, services
from verifications.claims import LeaseLost
from verifications.models import (
    Decision,
    Method,
    RunMode,
    Session,
    Status,
    Step,
    Verification,
)
from verifications.outcomes import TechnicalFailure
from verifications.transitions import ENDS, TransitionNotAllowed
from verifications.unified_result import Conclusion

pytestmark = pytest.mark.django_db

FAILURE = TechnicalFailure("provider_failed", "The provider failed", True, "Send it again later")
# What each end tells, last in the log.
LAST_EVENTS = {
    Status.COMPLETED: "verification.completed",
    Status.FAILED: "verification.failed",
    Status.EXPIRED: "verification.expired",
    Status.CANCELLED: "verification.cancelled",
}


class Life(RuleBasedStateMachine):
    """One verification, several workers that know nothing of each other, a tenant and an operator.

    `leases` are all that were ever given out: a late or doubled answer comes under an old one.
    """

    tenant: Tenant

    def __init__(self):
        super().__init__()
        self.leases = []
        self.verdict = None
        self.ended = None

    @initialize()
    def begin(self):
        config = self.tenant.provider_configs.get()
        self.verification = Verification.objects.create(
            tenant=self.tenant,
            provider=config.provider,
            provider_account=config.provider_account,
            verification_type="document",
            verification_method=Method.DOCUMENT,
            processing_mode=RunMode.ASYNC,
            expires_at=now() + timedelta(hours=1),
        )
        self.session = Session.objects.create(
            verification=self.verification,
            provider_account=config.provider_account,
            next_attempt_at=now(),
        )
        Step.objects.create(
            session=self.session, position=1, kind=StepKind.DOCUMENT, name="Document"
        )

    @rule()
    def claim(self):
        lease = claims.claim(self.session.pk)
        if lease is not None:
            self.leases.append(lease)

    @rule()
    def lease_runs_out(self):
        Session.objects.filter(pk=self.session.pk, lease_until__isnull=False).update(
            lease_until=now() - timedelta(seconds=1)
        )

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def put_off(self, data):
        self._try(claims.release_now, self._lease(data))

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), verdict=st.sampled_from([Verdict.PASSED, Verdict.FAILED, Verdict.REVIEW]))
    def answer_comes(self, data, verdict):
        conclusion = Conclusion(verdict, {"overall": {}}, (), {})
        self._try(
            outcomes.conclude,
            lease=self._lease(data),
            verification=Verification.objects.get(pk=self.verification.pk),
            conclusion=conclusion,
        )

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), is_dead_letter=st.booleans())
    def provider_fails(self, data, is_dead_letter):
        self._try(
            outcomes.fail_technically,
            lease=self._lease(data),
            verification=Verification.objects.get(pk=self.verification.pk),
            failure=FAILURE,
            is_dead_letter=is_dead_letter,
        )

    @rule()
    def tenant_cancels(self):
        self._try(services.cancel, verification=self.verification)

    @rule()
    def time_passes(self):
        Verification.objects.filter(pk=self.verification.pk).update(
            expires_at=now() - timedelta(seconds=1)
        )
        services.expire_overdue()

    @rule()
    def operator_runs_it_again(self):
        before = self._now()
        was_dead = before.session.dead_at is not None
        self._try(dead_letters.run_again, before)
        if was_dead:
            assert before.status == Status.FAILED
            assert before.decision is None
            assert self._now().status == Status.IN_PROGRESS
            self.ended = None

    def _try(self, action, *arguments, **named):
        with suppress(LeaseLost, TransitionNotAllowed):
            action(*arguments, **named)

    def _lease(self, data):
        return data.draw(st.sampled_from(self.leases), label="lease")

    def _now(self):
        return Verification.objects.select_related("session").get(pk=self.verification.pk)

    @invariant()
    def an_end_is_final(self):
        row = self._now()
        told = (row.status, row.decision, row.error, row.completed_at, row.sealed_result)
        if self.ended is not None:
            assert told == self.ended
        if row.status in ENDS:
            self.ended = told

    @invariant()
    def a_verdict_is_given_once(self):
        decision = self._now().decision
        if self.verdict is not None:
            assert decision == self.verdict
        self.verdict = decision

    @invariant()
    def the_log_has_no_gap_and_tells_the_end(self):
        row = self._now()
        events = list(row.events.values_list("sequence", "type"))
        assert [number for number, _ in events] == list(range(1, row.event_sequence + 1))
        if row.status in ENDS:
            assert events[-1][1] == LAST_EVENTS[row.status]
        ends = [type_ for _, type_ in events if type_ in LAST_EVENTS.values()]
        requeues = [type_ for _, type_ in events if type_ == "verification.requeued"]
        assert len(ends) - len(requeues) == (row.status in ENDS)

    @invariant()
    def nobody_can_work_on_what_is_over(self):
        row = self._now()
        if row.status in ENDS or row.decision == Decision.REVIEW:
            assert row.session.lease_until is None
            assert self.session.pk not in claims.due_sessions(1000)


def test_any_order(regula_tenant):
    class LifeOfTheTenant(Life):
        tenant = regula_tenant

    run_state_machine_as_test(
        LifeOfTheTenant,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
