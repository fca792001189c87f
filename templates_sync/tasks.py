"""What the queue runs. Every task may run twice, or not at all; the database decides."""

from __future__ import annotations

import contextlib
import time

from templates_sync import selectors, services
from templates_sync.errors import SyncFailed

SLICE_SECONDS = 300


def sync_due() -> None:
    """Sync accounts whose time has come, one after the other, until none is due or time is up.

    While another process is at it, this one leaves the rest to it: slow vendors keep at most one
    of the queue's workers busy.
    """
    ends = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < ends and not selectors.is_syncing():
        account = selectors.next_due_account()
        if account is None:
            return
        # A failure is on record and in the log, and the account is due again later.
        with contextlib.suppress(SyncFailed):
            services.sync_account(account)
