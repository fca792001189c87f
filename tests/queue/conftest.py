"""A real worker, in processes of its own, on the test database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django_q.models import OrmQ

from tests.queue.worker_tree import IMPATIENT, WorkerTree
from tests.verifications_support import nbi_check
from verifications import services
from verifications.models import Session, Verification


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


@pytest.fixture(scope="module")
def workers_of_the_module() -> Iterator[list[WorkerTree]]:
    started: list[WorkerTree] = []
    yield started
    for tree in started:
        tree.kill()


@pytest.fixture
def worker(db: None, workers_of_the_module: list[WorkerTree]) -> WorkerTree:
    """One that runs and has all its processes; a new one only if the last one was ended."""
    if not workers_of_the_module or workers_of_the_module[-1].process.poll() is not None:
        workers_of_the_module.append(WorkerTree(**IMPATIENT))
    worker = workers_of_the_module[-1]
    worker.roles()
    return worker


@pytest.fixture
def accept(idmeta_tenant) -> Callable[..., Verification]:
    """Store a verification that is due for a worker: an ID check, of three calls."""

    def store(*, wake: bool = True, **session: Any) -> Verification:
        with transaction.atomic():
            verification = services.create(nbi_check(idmeta_tenant))
            if session:
                Session.objects.filter(verification=verification).update(**session)
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
