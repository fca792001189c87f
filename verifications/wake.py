"""Wake-up calls to the workers. One may be lost or doubled: the database holds what is due."""

from __future__ import annotations

from django_q.tasks import async_task


def wake_worker() -> str:
    """Ask a worker to look for due sessions; the queue's id of the task.

    With the ORM broker the task row is part of the caller's transaction.
    """
    return str(async_task("verifications.tasks.work_due"))
