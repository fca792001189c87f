"""JSON from outside: strict with clients, lenient with answers that were paid for."""

from __future__ import annotations

import json

import pytest

from common.wire_json import DEEPEST, loads_leniently, loads_strictly


def nested(depth: int) -> str:
    return '{"a":[' * (depth // 2) + "[" * (depth % 2) + "]" * (depth % 2) + "]}" * (depth // 2)


@pytest.mark.parametrize(
    "value",
    [
        {"name": "Åsa 😀 \u2028", "n": [0, -1.5, 1e300, True, None]},
        "\x00 and \\ud800 as text",
        10**30,
        [],
    ],
)
def test_json_is_read_as_it_is(value):
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert loads_strictly(text) == loads_leniently(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": NaN}', "NaN is not JSON"),
        ("[-Infinity]", "-Infinity is not JSON"),
        ("[1e999]", "a number is out of range"),
        (r'["\ud800"]', "a text holds half of a surrogate pair"),
        (r'{"\uDFFF": 1}', "a text holds half of a surrogate pair"),
        (nested(DEEPEST + 1), "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ("{", "Expecting property name"),
        ("", "Expecting value"),
    ],
    ids=lambda value: value[:20],
)
def test_strict(text, reason):
    with pytest.raises(ValueError, match=reason):
        loads_strictly(text)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"score": NaN}', {"score": None}),
        (b"[Infinity, -Infinity, 1e999, 1.5]", [None, None, None, 1.5]),
        (rb'{"name": "A\ud800"}', {"name": "A?"}),
        (b'"\xff"', "\ufffd"),
        (b"\xef\xbb\xbf[1]", [1]),
    ],
)
def test_lenient(content, value):
    assert loads_leniently(content) == value


@pytest.mark.parametrize("content", [b"", b"<html>", b"[", b"[" * 100_000, nested(51).encode()])
def test_lenient_has_limits(content):
    with pytest.raises(ValueError, match=r"nested|Expecting"):
        loads_leniently(content)


def test_the_deepest_nesting_allowed():
    text = nested(DEEPEST)

    assert loads_strictly(text) == loads_leniently(text.encode()) == json.loads(text)
