"""Whatever happens in whatever order: ends are final, and the log has no gap."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
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

    `leases` are all that were ever given out: a late or doubled answer comes under an old one. It
    is stopped from outside only once there were `patience` of them, else few lives would be long.
    """

    tenant: Tenant

    def __init__(self):
        super().__init__()
        self.leases = []
        self.verdict = None
        self.ended = None

    @initialize(patience=st.integers(0, 5))
    def begin(self, patience):
        self.patience = patience
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

    @precondition(lambda self: self.row.session.lease_until is None)
    @rule()
    def claim(self):
        lease = claims.claim(self.session.pk)
        if lease is not None:
            self.leases.append(lease)

    @precondition(lambda self: self.row.session.lease_until is not None)
    @rule()
    def owner_dies_and_another_takes_over(self):
        past = now() - timedelta(seconds=1)
        Session.objects.filter(pk=self.session.pk).update(lease_until=past)
        self.leases.append(claims.claim(self.session.pk))

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def put_off(self, data):
        self._try(claims.release_now, self._lease(data))

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), verdict=st.sampled_from([Verdict.PASSED, Verdict.FAILED, Verdict.REVIEW]))
    def answer_comes(self, data, verdict):
        conclusion = Conclusion(verdict, reasons=(), extracted={}, result={"overall": {}})
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

    @precondition(lambda self: len(self.leases) >= self.patience)
    @rule()
    def tenant_cancels(self):
        self._try(services.cancel, verification=self.verification)

    @precondition(lambda self: len(self.leases) >= self.patience)
    @rule()
    def time_passes(self):
        Verification.objects.filter(pk=self.verification.pk).update(
            expires_at=now() - timedelta(seconds=1)
        )
        services.expire_overdue()

    @precondition(lambda self: self.row.session.dead_at is not None)
    @rule()
    def operator_runs_it_again(self):
        assert (self.row.status, self.row.decision) == (Status.FAILED, None)
        dead_letters.run_again(self.row)
        self.ended = None
        assert self._now().status == Status.IN_PROGRESS

    @precondition(lambda self: self.row.status in ENDS and self.row.session.dead_at is None)
    @rule()
    def operator_cannot_reopen_anything_else(self):
        with pytest.raises(TransitionNotAllowed):
            dead_letters.run_again(self.row)

    def _try(self, action, *arguments, **named):
        with suppress(LeaseLost, TransitionNotAllowed), transaction.atomic():
            action(*arguments, **named)

    def _lease(self, data):
        return data.draw(st.sampled_from(self.leases), label="lease")

    def _now(self):
        return Verification.objects.select_related("session").get(pk=self.verification.pk)

    @invariant()
    def all_is_well(self):
        self.row = row = self._now()
        self._assert_end_is_final(row)
        self._assert_verdict_is_given_once(row)
        self._assert_log_is_whole(row)
        if row.status in ENDS or row.decision == Decision.REVIEW:
            assert row.session.lease_until is None
            assert row.session.pk not in claims.due_sessions(1000)

    def _assert_end_is_final(self, row):
        told = (row.status, row.decision, row.error, row.completed_at, row.sealed_result)
        if self.ended is not None:
            assert told == self.ended
        if row.status in ENDS:
            self.ended = told

    def _assert_verdict_is_given_once(self, row):
        if self.verdict is not None:
            assert row.decision == self.verdict
        self.verdict = row.decision

    def _assert_log_is_whole(self, row):
        events = list(row.events.values_list("sequence", "type"))
        assert [number for number, _ in events] == list(range(1, len(events) + 1))
        if row.status in ENDS:
            assert events[-1][1] == LAST_EVENTS[row.status]
        ends = [type_ for _, type_ in events if type_ in LAST_EVENTS.values()]
        requeues = [type_ for _, type_ in events if type_ == "verification.requeued"]
        assert len(ends) - len(requeues) == (row.status in ENDS)


def live(tenant, lives):
    """As many lives as given, each of up to 30 steps; the same ones every time."""

    class LifeOfTheTenant(Life):
        pass

    LifeOfTheTenant.tenant = tenant
    run_state_machine_as_test(
        LifeOfTheTenant,
        settings=settings(
            max_examples=lives,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
