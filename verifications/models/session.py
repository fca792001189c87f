"""How a verification is being worked: the provider session, its steps, every vendor call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.db import models
from django.utils.timezone import now

from common.ids import new_id
from common.sealing import SealedJSON, sealed_field
from providers.models import ProviderAccount
from providers.types import StepKind, StepPlan, Verdict
from templates_sync.models import ProviderTemplate
from verifications.models.verification import Verification


class SessionStatus(models.TextChoices):
    """WAITING: every step is done and the provider decides later."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_SESSIONS = (SessionStatus.PENDING, SessionStatus.IN_PROGRESS, SessionStatus.WAITING)


class Session(models.Model):
    """The work on one verification.

    lease_until, fence: who may work on it now; every claim raises the fence, every write carries
    it. next_attempt_at: when it is due. attempts: how often it was put off after a failure.
    dead_at: when it was given up with nobody waiting: a dead letter. requeued_at: when an operator
    had it run again.
    provider_verdict: the provider's last word (a `Verdict`), empty before the first. had_reviewer:
    a person at the provider has been put on it. ask_again_at: when the provider of a verification
    that has its outcome is asked whether that still stands; null if nothing is expected.
    notified_at: when the provider last called us about it.
    options: the tenant's provider settings as they were at the start.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    verification = models.OneToOneField(
        Verification, on_delete=models.CASCADE, related_name="session"
    )
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, related_name="sessions"
    )
    template = models.ForeignKey(
        ProviderTemplate, on_delete=models.SET_NULL, null=True, default=None
    )
    provider_session_id = models.CharField(max_length=255, null=True, default=None)
    options = models.JSONField(default=dict)
    status = models.CharField(
        max_length=20, choices=SessionStatus.choices, default=SessionStatus.PENDING
    )
    current_step = models.PositiveIntegerField(default=0)
    total_steps = models.PositiveIntegerField(default=0)
    progress_percentage = models.PositiveSmallIntegerField(default=0)
    last_progress_message = models.CharField(max_length=200, blank=True, default="")
    opened_at = models.DateTimeField(null=True, default=None)
    started_at = models.DateTimeField(null=True, default=None)
    completed_at = models.DateTimeField(null=True, default=None)
    failed_at = models.DateTimeField(null=True, default=None)
    lease_until = models.DateTimeField(null=True, default=None)
    fence = models.PositiveBigIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    dead_at = models.DateTimeField(null=True, default=None)
    requeued_at = models.DateTimeField(null=True, default=None)
    provider_verdict = models.CharField(
        max_length=10,
        choices=[(verdict.value, verdict.value) for verdict in Verdict],
        blank=True,
        default="",
    )
    had_reviewer = models.BooleanField(default=False)
    ask_again_at = models.DateTimeField(null=True, default=None)
    notified_at = models.DateTimeField(null=True, default=None)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "provider_verification_sessions"
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                name="session_due",
                condition=models.Q(status__in=["pending", "in_progress", "waiting"]),
            ),
            models.Index(
                fields=["dead_at"],
                name="session_dead",
                condition=models.Q(dead_at__isnull=False),
            ),
            models.Index(
                fields=["ask_again_at"],
                name="session_to_ask_again",
                condition=models.Q(ask_again_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class StepStatus(models.TextChoices):
    """ANSWER_LOST: proved done, but its answer is gone. MAYBE_BILLED: nobody can tell."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    ANSWER_LOST = "answer_lost"
    MAYBE_BILLED = "maybe_billed"
    FAILED = "failed"


class Effect(models.TextChoices):
    """What a step left behind at the vendor."""

    NONE = "none"
    DONE = "done"
    MAYBE = "maybe"


class Step(models.Model):
    """One step of a session. outcome: a `StepResult` as JSON, encrypted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, db_index=False, related_name="steps"
    )
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=30, choices=[(kind.value, kind.value) for kind in StepKind])
    plan_code = models.CharField(max_length=100)
    name = models.CharField(max_length=100)
    config = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=StepStatus.choices, default=StepStatus.PENDING)
    effect = models.CharField(max_length=10, choices=Effect.choices, default=Effect.NONE)
    attempts = models.PositiveSmallIntegerField(default=0)
    verdict = models.CharField(max_length=10, blank=True, default="")
    reason_codes = models.JSONField(default=list)
    sealed_outcome = sealed_field()
    started_at = models.DateTimeField(null=True, default=None)
    completed_at = models.DateTimeField(null=True, default=None)

    outcome = SealedJSON("sealed_outcome")

    class Meta:
        db_table = "verification_steps"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "position"], name="step_order")
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.plan_code}"

    @classmethod
    def all_of(cls, session: Session, plans: Sequence[StepPlan]) -> list[Step]:
        """The rows of a session's steps, unsaved."""
        return [
            cls(
                session=session,
                position=position,
                kind=plan.kind.value,
                plan_code=plan.plan_code,
                name=plan.name,
                config=dict(plan.config),
            )
            for position, plan in enumerate(plans, start=1)
        ]

    def begin(self) -> None:
        """About to be sent; unsaved."""
        self.status, self.effect = StepStatus.RUNNING.value, Effect.MAYBE.value
        self.attempts += 1
        self.started_at = self.started_at or now()

    def end(self, status: StepStatus, effect: Effect) -> None:
        """Over; unsaved."""
        self.status, self.effect = status.value, effect.value
        self.completed_at = now()

    @property
    def step_kind(self) -> StepKind:
        return StepKind(self.kind)

    @property
    def plan(self) -> StepPlan:
        """The step as the vendor boundary knows it."""
        return StepPlan(self.step_kind, self.plan_code, self.name, self.config)


class Operation(models.TextChoices):
    OPEN = "open"
    STEP = "step"
    RECONCILE = "reconcile"
    FINALIZE = "finalize"


class CallStatus(models.TextChoices):
    """RESERVED: about to be, or being, made. The rest is how it ended."""

    RESERVED = "reserved"
    DONE = "done"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class ProviderCall(models.Model):
    """One call to a vendor, written before it is made. The cost ledger; no personal data."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="provider_calls")
    step = models.ForeignKey(
        Step, on_delete=models.CASCADE, null=True, default=None, related_name="provider_calls"
    )
    provider_account = models.ForeignKey(
        ProviderAccount, on_delete=models.PROTECT, db_index=False, related_name="provider_calls"
    )
    operation = models.CharField(max_length=20, choices=Operation.choices)
    plan_code = models.CharField(max_length=100, blank=True, default="")
    status = models.CharField(
        max_length=10, choices=CallStatus.choices, default=CallStatus.RESERVED
    )
    fence = models.PositiveBigIntegerField()
    error_code = models.CharField(max_length=50, blank=True, default="")
    http_status = models.PositiveSmallIntegerField(null=True, default=None)
    duration_ms = models.PositiveIntegerField(null=True, default=None)
    correlation_id = models.CharField(max_length=64, blank=True, default="")
    price_amount = models.DecimalField(max_digits=12, decimal_places=4, null=True, default=None)
    price_currency = models.CharField(max_length=3, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, default=None)

    class Meta:
        db_table = "provider_calls"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["provider_account", "-id"], name="call_statistics")
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.status}"
