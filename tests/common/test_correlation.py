from __future__ import annotations

from uuid import UUID

import pytest
import structlog

from common import correlation


@pytest.fixture(autouse=True)
def _fresh_context():
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()


@pytest.mark.parametrize("given", ["a", "order-17", "A.b_c:d-9", "x" * 64])
def test_a_plain_id_is_kept(given):
    assert correlation.acceptable_or_new(given) == given


@pytest.mark.parametrize(
    "given", [None, "", "x" * 65, "a b", "a\nb", "a\r\nX-Evil: 1", "ä", "<b>", "a/b", "a\n"]
)
def test_anything_else_is_replaced_by_a_new_id(given):
    first, second = (correlation.acceptable_or_new(given) for _ in range(2))

    assert UUID(first).version == 7
    assert first != second


def test_the_current_id_is_the_one_bound():
    assert correlation.current() is None
    correlation.bind("order-17")
    assert correlation.current() == "order-17"
