"""Reads the event log for many subscriptions at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from verifications.models import VerificationEvent
from verifications.sockets import protocol

# In one read; those left over come with the next.
MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, ready to be sent to whoever follows the verification."""

    verification_id: UUID
    sequence: int
    text: str


def entries_after(positions: Mapping[UUID, int]) -> list[Entry]:
    """The events after each verification's position, in order; MOST_ENTRIES at most. One query."""
    at_position: defaultdict[int, list[UUID]] = defaultdict(list)
    for verification_id, position in positions.items():
        at_position[position].append(verification_id)
    wanted = Q()
    for position, verification_ids in at_position.items():
        wanted |= Q(verification_id__in=verification_ids, sequence__gt=position)
    events = VerificationEvent.objects.filter(wanted).order_by("verification_id", "sequence")
    return [
        Entry(event.verification_id, event.sequence, protocol.log_entry(event))
        for event in events[:MOST_ENTRIES]
    ]
