"""Which queues there are; each is worked by a Django-Q cluster of its own."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Queue:
    """name: as Django-Q knows it. workers: processes that execute its tasks."""

    name: str
    workers: int


def all_queues() -> list[Queue]:
    """The default queue first: verifications and schedules."""
    cluster = settings.Q_CLUSTER
    alternatives = cluster["ALT_CLUSTERS"].items()
    return [
        Queue(cluster["name"], cluster["workers"]),
        *(Queue(name, given.get("workers", cluster["workers"])) for name, given in alternatives),
    ]
