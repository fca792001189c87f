"""How a turn opens its session at the provider, and what it refuses before any billed step."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils.timezone import now

from common import crash_points, plain_sql
from providers.errors import OutcomeUnknown, TemplateUnknown
from providers.types import OpenedSession, OpenRequest, StepKind
from verifications import claims, ledger
from verifications.id_checks import refuse_unfit_template
from verifications.models import Method, Operation, Step, Verification
from verifications.requests import RequestNotPossible, missing_inputs
from verifications.template_choice import template_not_found
from verifications.turn import Turn


def open_session(turn: Turn) -> None:
    """Begin at the provider and learn the steps.

    A create whose answer was lost is repeated once: it leaves an empty verification at the
    vendor, without a step and without a cost (decision 0004).
    """
    request = OpenRequest(
        reference=str(turn.verification.pk),
        verification_type=turn.verification.verification_type,
        available_images=turn.images,
        template_id=turn.verification.external_template_id or None,
    )
    if not turn.adapter.opens_remotely:
        _store_opened(turn, turn.adapter.open(request, turn.session.options))
        return
    try:
        opened = _open_remotely(turn, request)
    except TemplateUnknown:
        raise template_not_found(request.template_id or "") from None
    _store_opened(turn, opened)


def refuse_unworkable_steps(turn: Turn) -> None:
    """Before any billed step: every step must be one we can run, with its inputs given."""
    unsupported = [step.plan_code for step in turn.steps if step.step_kind is StepKind.UNSUPPORTED]
    if unsupported:
        raise RequestNotPossible(
            "template_not_supported",
            f"The template holds steps that cannot be run here: {', '.join(unsupported)}",
            "Use a template without these steps",
        )
    if turn.verification.verification_method == Method.ID_BASED:
        refuse_unfit_template(
            turn.verification.verification_type,
            turn.session.provider_account,
            [step.plan_code for step in turn.steps],
        )
    subject = frozenset(turn.verification.subject or {})
    missing: dict[str, None] = {}
    for step in turn.steps:
        missing.update(
            dict.fromkeys(turn.adapter.missing_for_step(step.plan, turn.images, subject))
        )
    if missing:
        raise missing_inputs(list(missing))


def _open_remotely(turn: Turn, request: OpenRequest) -> OpenedSession:
    lost = 0 if turn.lease.is_first else ledger.lost_opens(turn.session)
    while lost <= 1:
        try:
            return turn.call(
                Operation.OPEN, lambda: turn.adapter.open(request, turn.session.options)
            )
        except OutcomeUnknown:
            lost += 1
    raise OutcomeUnknown("The provider's answer to the start did not arrive, twice")


def _store_opened(turn: Turn, opened: OpenedSession) -> None:
    turn.steps = Step.all_of(turn.session, opened.steps)
    turn.session.provider_session_id = opened.external_id
    turn.session.opened_at = now()
    turn.session.total_steps = len(turn.steps)
    turn.write_with_next_call(partial(_write, turn), *turn.steps)


def _write(turn: Turn) -> None:
    session = turn.session
    claims.hold(
        turn.lease,
        provider_session_id=session.provider_session_id,
        opened_at=session.opened_at,
        total_steps=session.total_steps,
    )
    if session.provider_session_id:
        plain_sql.update(
            Verification, {"pk": turn.verification.pk}, external_id=session.provider_session_id
        )
    crash_points.reach("open.before_commit")
    transaction.on_commit(partial(crash_points.reach, "open.after_commit"))
