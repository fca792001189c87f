"""Whatever happens in whatever order: ends are final, and the log has no gap."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "lives", [10, pytest.param(300, marks=[pytest.mark.crash, pytest.mark.timeout(600)])]
)
def test_any_order(regula_tenant, lives):
    # Every test process imports this module; Hypothesis takes long to import.
    from tests.verifications.life import live

    live(regula_tenant, lives)
