"""An adapter in front of a fake transport."""

from __future__ import annotations

import pytest
import responses

from tests.providers.adapters.idmeta.support import Vendor, connect


@pytest.fixture
def vendor():
    with responses.RequestsMock() as mock:
        yield Vendor(mock)


@pytest.fixture
def adapter():
    return connect()
