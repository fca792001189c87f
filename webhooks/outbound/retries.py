"""When a delivery that failed is tried again."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.conf import settings

# Added at random, so that a receiver that comes back is not met by all at once.
MOST_JITTER = 0.1
LONGEST_WISH = timedelta(days=1)


def pause_after(attempts: int, wish: str, moment: datetime) -> timedelta | None:
    """How long to wait after that many failed attempts; None when there is none left.

    wish: the receiver's Retry-After, seconds or a date; it only ever makes the pause longer, up
    to a day.
    """
    if attempts > len(settings.WEBHOOK_RETRY_AFTER):
        return None
    planned = timedelta(seconds=settings.WEBHOOK_RETRY_AFTER[attempts - 1])
    longest = max(planned, min(_wished(wish, moment), LONGEST_WISH))
    return longest * (1 + random.uniform(0, MOST_JITTER))  # noqa: S311 no secret


def _wished(wish: str, moment: datetime) -> timedelta:
    """Zero if nothing usable is asked for."""
    if wish.isascii() and wish.isdigit():
        return timedelta(seconds=min(int(wish[:9]), LONGEST_WISH.total_seconds()))
    try:
        date = parsedate_to_datetime(wish)
    except ValueError:
        return timedelta()
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) - moment
