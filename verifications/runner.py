"""Runs sessions on threads: one for a caller that waits, many in a worker."""

from __future__ import annotations

import contextvars
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import lru_cache
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connections

from verifications import claims, workflow
from verifications.wake import wake_worker

log = structlog.get_logger("verifications.runner")

LOOK_AGAIN_SECONDS = 0.2


def run_for_caller(session_id: UUID) -> None:
    """Run a session to its end, or until the caller has waited long enough.

    Past the deadline the call that is running keeps its lease and ends in its own thread; a worker
    does the rest.
    """
    until = time.monotonic() + settings.SYNC_DEADLINE
    context = contextvars.copy_context()
    future = _caller_threads().submit(context.run, _run, session_id, True, until)
    try:
        future.result(timeout=settings.SYNC_DEADLINE)
    except TimeoutError:
        log.info("caller_answered_early", session_id=str(session_id))


def work_slice() -> None:
    """Run due sessions until none is due or the time slice is over; then call the next worker."""
    until = time.monotonic() + settings.WORKER_SLICE
    running: set[Future[None]] = set()
    with ThreadPoolExecutor(settings.WORKER_THREADS, "session") as threads:
        while time.monotonic() < until:
            free = settings.WORKER_THREADS - len(running)
            due = claims.due_sessions(free) if free else []
            running |= {threads.submit(_run, session_id, False, until) for session_id in due}
            if not running:
                return
            _, running = wait(running, LOOK_AGAIN_SECONDS, FIRST_COMPLETED)
    wake_worker()


def _run(session_id: UUID, has_caller: bool, until: float) -> None:
    try:
        workflow.run(session_id, has_caller=has_caller, until=until)
    finally:
        connections.close_all()


@lru_cache(maxsize=1)
def _caller_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.SYNC_THREADS, "caller")
