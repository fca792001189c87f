"""Two tenants that call the API."""

from __future__ import annotations

import pytest

from tests.webhooks.conftest import tenant_named


@pytest.fixture
def client(tenant, client_of):
    return client_of(tenant)


@pytest.fixture
def stranger(client_of, db):
    return client_of(tenant_named("Another bank"))
