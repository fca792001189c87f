"""Runs sessions on threads: one for a caller that waits, many in a worker."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from threading import Condition
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connections

from common import stopping
from verifications import claims, ledger, workflow
from verifications.claims import Lease
from verifications.wake import wake_worker

log = structlog.get_logger("verifications.runner")

LOOK_AGAIN_SECONDS = 0.2
# Sessions that end at about the same time are followed by others that are claimed together.
GATHER_SECONDS = 0.1
# Few, so that two worker processes that look at the same time soon see different sessions.
CLAIMED_AT_ONCE = 16
# Before the supervisor kills: enough to give leases up.
SECONDS_TO_GIVE_UP = 1.5


def run_for_caller(session_id: UUID) -> None:
    """Run a session to its end, or until the caller has waited long enough.

    Past the deadline the call that is running keeps its lease and ends in its own thread; a worker
    does the rest.
    """
    until = time.monotonic() + settings.SYNC_DEADLINE
    context = contextvars.copy_context()
    future = _caller_threads().submit(context.run, _run_for_caller, session_id, until)
    try:
        future.result(timeout=settings.SYNC_DEADLINE)
    except TimeoutError:
        log.info("caller_answered_early", session_id=str(session_id))


def _run_for_caller(session_id: UUID, until: float) -> None:
    try:
        workflow.run(session_id, has_caller=True, until=until)
    finally:
        connections.close_all()


@lru_cache(maxsize=1)
def _caller_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.SYNC_THREADS, "caller")


def work_slice() -> None:
    """Run due sessions until none is due, the time slice is over, or this process is to stop.

    The next worker is called twice then: for what is due already, and for what the steps that
    still run leave behind.
    """
    if stopping.is_asked():
        return
    work = _Slice()
    try:
        if not work.is_done():
            wake_worker()
            if work.let_running_end():
                wake_worker()
    finally:
        work.close()


class _Slice:
    """The sessions that run on the threads of one worker during one time slice.

    It holds no database connection while it waits for them: there are few, and they need them.
    """

    def __init__(self) -> None:
        self._until = time.monotonic() + settings.WORKER_SLICE
        self._threads = ThreadPoolExecutor(settings.WORKER_THREADS, "session")
        self._running: dict[UUID, Lease] = {}
        self._ends = Condition()
        self._has_called_another = False

    def is_done(self) -> bool:
        """Run what is due; True if nothing was left, False if time was up."""
        while time.monotonic() < self._until and not stopping.is_asked():
            wanted = min(settings.WORKER_THREADS - len(self._running), CLAIMED_AT_ONCE)
            claimed = claims.claim_due(wanted) if wanted else []
            for lease in claimed:
                self._running[lease.session_id] = lease
                self._threads.submit(self._run, lease)
            if len(claimed) == CLAIMED_AT_ONCE:
                self._call_another()
            if not self._running:
                return True
            if not wanted:
                self._wait_for_room()
            elif len(claimed) < wanted:
                self._wait_until_over()
        return False

    def let_running_end(self) -> bool:
        """Wait for the calls under way, if any; give them up if this process has to stop before.

        False if there were none.
        """
        if not self._running:
            return False
        while self._running and not self._must_give_up():
            self._wait_until_over()
        for lease in list(self._running.values()):
            workflow.give_up(lease)
        return True

    def close(self) -> None:
        ledger.lend_connection()
        self._threads.shutdown(wait=not self._must_give_up())

    def _must_give_up(self) -> bool:
        return stopping.seconds_since() > settings.WORKER_STOP - SECONDS_TO_GIVE_UP

    def _call_another(self) -> None:
        """More may be due than one process works well: of many calls at once, some are one task."""
        if not self._has_called_another:
            self._has_called_another = True
            wake_worker()

    def _wait_for_room(self) -> None:
        """Until a session is over, and those that end at about the same time; or for a while."""
        full = settings.WORKER_THREADS
        self._wait(lambda: len(self._running) < full)
        time.sleep(GATHER_SECONDS)

    def _wait_until_over(self) -> None:
        """Until no session runs, or for a while."""
        self._wait(lambda: not self._running)

    def _wait(self, until: Callable[[], bool]) -> None:
        ledger.lend_connection()
        with self._ends:
            self._ends.wait_for(until, LOOK_AGAIN_SECONDS)

    def _run(self, lease: Lease) -> None:
        try:
            workflow.work(lease, until=self._until)
        except Exception:
            # Nobody reads the future. Whoever comes after the lease takes the session up again.
            log.exception("session_not_worked", session_id=str(lease.session_id))
        finally:
            connections.close_all()
            with self._ends:
                del self._running[lease.session_id]
                self._ends.notify()
