"""What must be true once others have gone on where a process has died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.conftest import Sandbox
from tests.processes import wait_for
from verifications.models import (
    CallStatus,
    Decision,
    Operation,
    ProviderCall,
    Status,
    Verification,
)

FINAL = {Status.COMPLETED, Status.FAILED, Status.EXPIRED, Status.CANCELLED}
ENDS = {"verification.completed", "verification.review"}


def is_decided(verification: Verification) -> bool:
    return verification.status in FINAL or verification.decision == Decision.REVIEW


def wait_until_all_are_decided(count: int) -> None:
    def are_decided() -> bool:
        rows = list(Verification.objects.only("status", "decision"))
        return len(rows) == count and all(map(is_decided, rows))

    wait_for(are_decided, f"Not decided: {Verification.objects.values_list('status', flat=True)}")


def assert_nothing_lost_or_doubled(sandbox: Sandbox) -> None:
    """Verdicts about people, each step billed once and in the ledger, events without a gap."""
    bills = sandbox.bills()
    for verification in Verification.objects.all():
        assert verification.error is None
        assert verification.decision in (Decision.APPROVED, Decision.REVIEW)
        events = list(verification.events.values_list("sequence", "type"))
        assert [number for number, _ in events] == list(range(1, len(events) + 1))
        assert len([type_ for _, type_ in events if type_ in ENDS]) == 1
        assert_bills_are_the_ledgers(verification, bills)
    assert not ProviderCall.objects.filter(status=CallStatus.RESERVED).exists()


def assert_bills_are_the_ledgers(verification: Verification, bills: Sequence[dict]) -> None:
    """Regula bills a tag once, however often a step is sent; IDMeta every step that arrives."""
    references = {str(verification.pk), verification.external_id}
    own = [bill for bill in bills if bill["reference"] in references]
    steps = verification.session.provider_calls.filter(operation=Operation.STEP)
    if verification.provider.slug == "idmeta":
        done = Counter(steps.filter(status=CallStatus.DONE).values_list("plan_code", flat=True))
        assert Counter(bill["kind"] for bill in own) == done
        assert set(done.values()) == {1}
        assert not steps.filter(status=CallStatus.UNKNOWN).exists()
    else:
        charged = Counter(bill["kind"] for bill in own if bill["licensed_session"])
        assert charged == {"process": 1, "match": 1}
        assert len(own) <= steps.exclude(status=CallStatus.NOT_SENT).count()
