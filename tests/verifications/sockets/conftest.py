from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import transaction

from tenants.models import Tenant
from tenants.services import IssuedKey, issue_key
from tests.conftest import regula_tenant_of
from tests.verifications.sockets.server import Server, Socket
from verifications.events import EventType, record
from verifications.models import Session, Verification, VerificationEvent

STEP = {
    "step": 1,
    "totalSteps": 3,
    "name": "Document",
    "kind": "document",
    "stepStatus": "done",
    "percentage": 25,
}


@pytest.fixture(scope="session")
def web(django_db_setup: None, django_db_blocker: Any) -> Iterator[Server]:
    with django_db_blocker.unblock():
        running = Server()
    yield running
    running.stop()


@pytest.fixture
def tenant(regula_tenant: Tenant) -> Tenant:
    return regula_tenant


@pytest.fixture
def stranger(sandbox: Any, db: None) -> Tenant:
    return regula_tenant_of(sandbox, name="Another bank")


@pytest.fixture
def key(tenant: Tenant) -> IssuedKey:
    return issue_key(tenant=tenant, name="sockets")


@pytest.fixture
def verification(stored: Callable[..., Verification], tenant: Tenant) -> Verification:
    """With one event, of its creation."""
    return stored(tenant)


@pytest.fixture
def tell() -> Callable[..., VerificationEvent]:
    """Record an event, as another process than the server does."""

    def do(
        verification: Verification, type_: EventType = EventType.STEP_COMPLETED, **data: Any
    ) -> VerificationEvent:
        with transaction.atomic():
            Session.objects.select_for_update().get(verification=verification)
            return record(verification, type_, **{**STEP, **data})

    return do


@pytest.fixture
def open_socket(web: Server, key: IssuedKey) -> Iterator[Callable[..., Socket]]:
    """Open one with the tenant's key; all are closed with the test.

    path: after /ws/verifications. headers: instead of the key's.
    """
    with ExitStack() as opened:

        def do(path: str = "", headers: dict[str, str] | None = None, **options: Any) -> Socket:
            given = {"X-API-Key": key.plain} if headers is None else headers
            return opened.enter_context(Socket(web.address + path, given, **options))

        yield do
