"""Wake-up calls to the workers of webhooks, out and in."""

from __future__ import annotations

import time

from common import wake_up

QUEUE = "webhooks"
# One call is enough for all that became due meanwhile.
AT_MOST_EVERY_SECONDS = 0.2

_called_at = -AT_MOST_EVERY_SECONDS


def wake_sender() -> None:
    """Ask a worker to look for due deliveries, unless this process has just done so."""
    global _called_at
    moment = time.monotonic()
    if moment - _called_at < AT_MOST_EVERY_SECONDS:
        return
    _called_at = moment
    wake_up.call("webhooks.tasks.deliver_due", cluster=QUEUE)


def wake_processor() -> None:
    """Ask a worker to look for notices of providers; on the default queue."""
    wake_up.call("webhooks.tasks.process_inbound")
