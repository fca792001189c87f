"""IDMeta's verification statuses (API reference, "Verification status types", read 2026).

The same status comes as a number, as a number in text, or as a name in several spellings.
"""

from __future__ import annotations

import logging
import re
from enum import IntEnum

from providers.adapters.idmeta.reading import Object, as_number, as_text
from providers.types import Verdict

log = logging.getLogger("providers.idmeta")


class Status(IntEnum):
    """0 and 99 appear before the first step; 7 is known from a client only."""

    PENDING = 0
    REJECTED = 1
    REVIEW_NEEDED = 2
    VERIFIED = 3
    INCOMPLETE = 4
    IN_PROGRESS = 5
    FAILED = 6
    PURGED = 7
    EMPTY = 99


VERDICTS = {
    Status.REJECTED: Verdict.FAILED,
    Status.REVIEW_NEEDED: Verdict.REVIEW,
    Status.VERIFIED: Verdict.PASSED,
}

UNDECIDED = frozenset({Status.PENDING, Status.IN_PROGRESS, Status.EMPTY})


def read_status(value: object) -> Status | None:
    """None if the value is no status we know; true and false are no statuses."""
    number = as_number(value)
    if number is not None:
        return Status(int(number)) if number in set(Status) else None
    name = re.sub(r"[\s_-]+", "_", as_text(value)).upper()
    return Status.__members__.get(name)


def first_status(*values: object) -> Status | None:
    """The first value that is a status we know."""
    return next((status for value in values if (status := read_status(value)) is not None), None)


def warn_unknown(what: str, value: object = None) -> None:
    """Tell operators that IDMeta answered something we have no reading for.

    value: shown only if it looks like a number or an enum's name, so that no person's data can
    reach the log.
    """
    text = as_text(value)
    shown = text if re.fullmatch(r"-?\d{1,4}|[A-Za-z_]{1,30}", text) else "(not shown)"
    log.warning("IDMeta answered something unknown: %s = %s", what, shown)


def envelope_verdict(body: Object, own: Verdict) -> Verdict | None:
    """The worst of a v3 body's status and of the verdict its data give; None if neither is known.

    own: NONE if the data give no verdict. An unknown status leaves only a failure standing.
    """
    values = (body.get("verificationStatusCode"), body.get("verificationStatus"))
    status = first_status(*values)
    if status in VERDICTS:
        return Verdict.worst(own, VERDICTS[status])
    if status in UNDECIDED:
        return own
    if status is None and values == (None, None):
        return None if own is Verdict.NONE else own
    return own if own is Verdict.FAILED else None
