"""The number domains, which must not share a mapper."""

from __future__ import annotations

import pytest

from providers.adapters.regula import mapping_numbers
from providers.adapters.regula.mapping_numbers import Check
from providers.types import CheckResult


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, Check.FAILED),
        (1, Check.PASSED),
        (2, Check.NOT_DONE),
        (None, Check.NOT_DONE),
        (3, Check.UNKNOWN),
        (-1, Check.UNKNOWN),
        (True, Check.UNKNOWN),
        (False, Check.UNKNOWN),
        (1.0, Check.UNKNOWN),
        ("1", Check.UNKNOWN),
        ([1], Check.UNKNOWN),
    ],
)
def test_check_result_numbers(value, expected):
    assert mapping_numbers.check(value) is expected


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ((Check.PASSED, Check.FAILED, Check.UNKNOWN), CheckResult.FAILED),
        ((Check.PASSED, Check.UNKNOWN), CheckResult.WARNING),
        ((Check.NOT_DONE, Check.PASSED), CheckResult.PASSED),
        ((Check.NOT_DONE,), CheckResult.NOT_PERFORMED),
        ((), CheckResult.NOT_PERFORMED),
    ],
)
def test_roll_up(checks, expected):
    assert mapping_numbers.check_result(*checks) is expected


@pytest.mark.parametrize(
    ("processing", "core", "expected"),
    [
        (1, 0, True),
        (1, None, True),
        (0, 0, False),
        (2, 0, False),
        (None, 0, False),
        (True, 0, False),
        (1, 1, False),
        (1, [], False),
    ],
)
def test_processing_runs_the_other_way_than_an_exit_code(processing, core, expected):
    assert mapping_numbers.is_finished(processing, core) is expected


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ([1, 0, 2, 0, 0, 3, 0, 0, 0, 0], False),
        ([1, 0, 1, 0, 0, 4, 0, 0, 0, 0], True),
        ([1, 0, 1, 0, 0, 3, 0, 0, 0, 4], True),
        ([4, 4, 4, 4, 0, 3, 0, 0, 0, 0], False),
        ([], False),
        (None, False),
    ],
)
def test_lexical_comparisons_are_the_last_six_numbers(matrix, expected):
    assert mapping_numbers.lexical_disagrees(matrix) is expected
