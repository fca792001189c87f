"""A real worker, in processes of its own, on the test database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django_q.models import OrmQ

from tests.queue.worker_tree import WorkerTree
from tests.verifications_support import nbi_check
from verifications import services
from verifications.models import Verification


@pytest.fixture
def start_worker() -> Iterator[Callable[..., WorkerTree]]:
    """Start `manage.py worker`; all of them end with the test."""
    started: list[WorkerTree] = []

    def start(**environment: str) -> WorkerTree:
        started.append(WorkerTree(**environment))
        return started[-1]

    yield start
    for tree in started:
        tree.kill()


@pytest.fixture
def accept(idmeta_tenant) -> Callable[..., Verification]:
    """Store a verification that is due for a worker: an ID check, of three calls."""

    def store(*, wake: bool = True) -> Verification:
        verification = services.create(nbi_check(idmeta_tenant))
        if not wake:
            OrmQ.objects.all().delete()
        return verification

    return store


@pytest.fixture
def is_finished() -> Callable[[Verification], bool]:
    def look(verification: Verification) -> bool:
        verification.refresh_from_db()
        return verification.decision == "approved"

    return look
