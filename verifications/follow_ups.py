"""Asks a provider again about a verification that has its outcome.

A review is the provider's to settle: its word is asked for until it comes. An outcome that is
final stays; a provider that has changed its mind since makes a revision of it (decision 0012).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog
from django.db import transaction

from providers.errors import ProviderError
from providers.types import FinalVerdict
from verifications import claims, ledger, outcomes
from verifications.claims import Lease, LeaseLost
from verifications.conclusions import conclusion_of, next_question, provider_word
from verifications.models import Decision, Session, Status, Verification
from verifications.transitions import TransitionNotAllowed
from verifications.turn import TimeIsUp, Turn
from verifications.unified_result import Conclusion

log = structlog.get_logger("verifications.follow_ups")


def ask_again(lease: Lease, session: Session) -> None:
    """One question to the provider, and what follows from its answer. Raises LeaseLost."""
    if session.verification.status == Status.CANCELLED:
        _release(lease, ask_again_at=None)
        return
    ledger.give_up_on_reserved(session, before_fence=lease.fence)
    try:
        turn = Turn.begin(lease, session, has_caller=False, until=None)
        final = turn.finalize()
    except TimeIsUp:
        _release(lease)
    except LeaseLost:
        raise
    except ProviderError as error:
        log.warning("provider_not_asked_again", code=error.code, http_status=error.http_status)
        _release(lease, ask_again_at=next_question(session))
    except Exception:
        log.exception("follow_up_crashed")
        _release(lease, ask_again_at=next_question(session))
    else:
        _store(turn, final)


def standing_decision(verification: Verification) -> Decision | None:
    """What counts now: the newest revision, else the outcome."""
    newest = verification.revisions.order_by("-number").first()
    decision = newest.decision if newest else verification.decision
    return Decision(decision) if decision else None


def _store(turn: Turn, final: FinalVerdict | None) -> None:
    turn.write()
    if final is None:
        _release(turn.lease, ask_again_at=None)
    elif not final.is_final:
        _release(turn.lease, ask_again_at=next_question(turn.session))
    else:
        turn.final = final
        _decide(turn)


def _decide(turn: Turn) -> None:
    verification, word, conclusion = turn.verification, provider_word(turn), conclusion_of(turn)
    _, decision, _ = outcomes.FINAL_STATUS[conclusion.verdict]
    standing = standing_decision(verification)
    if standing in (None, decision):
        _release(turn.lease, **word)
    elif verification.status in (Status.COMPLETED, Status.FAILED):
        outcomes.revise(
            lease=turn.lease,
            verification=verification,
            conclusion=conclusion,
            previous=Decision(standing),
            **word,
        )
    else:
        _settle(turn, conclusion, word)


def _settle(turn: Turn, conclusion: Conclusion, word: Mapping[str, Any]) -> None:
    """End a review, unless the tenant has cancelled it meanwhile."""
    try:
        turn.end(
            partial(
                outcomes.conclude,
                lease=turn.lease,
                verification=turn.verification,
                conclusion=conclusion,
                **word,
            )
        )
    except TransitionNotAllowed:
        _release(turn.lease, ask_again_at=None)


def _release(lease: Lease, **changes: object) -> None:
    with transaction.atomic():
        claims.hold(lease, lease_until=None, **changes)
