"""Values from the environment: what is taken, what is refused, and what stands in then."""

from __future__ import annotations

import pytest

from kyc_adapter.environment import Environment, Unusable


def read(value, reader, *arguments, **more):
    """What the reader makes of the value, and what it noted."""
    environment = Environment({"NAME": value})
    return getattr(environment, reader)("NAME", *arguments, **more), environment.problems


@pytest.mark.parametrize(
    ("value", "reader", "arguments", "more", "expected"),
    [
        ("", "text", ("x",), {}, "x"),
        (" a ", "text", ("x",), {}, "a"),
        ("$HOME", "text", ("x",), {}, "$HOME"),
        ("a, b,,", "words", (), {}, ["a", "b"]),
        ("", "words", ("c,d",), {}, ["c", "d"]),
        ("On", "boolean", (False,), {}, True),
        ("0", "boolean", (True,), {}, False),
        ("", "boolean", (True,), {}, True),
        ("2.5", "number", (1,), {"least": 0}, 2.5),
        ("7", "whole", (1,), {"least": 7}, 7),
        ("1, 2.5", "numbers", ("3",), {}, [1, 2.5]),
        ("b", "choice", ("a", "a", "b"), {}, "b"),
        ("redis://u:p@host:1/0", "address", ("redis",), {}, "redis://u:p@host:1/0"),
        ("", "address", ("redis",), {}, ""),
        ("https://a.example,http://b:1", "origins", ("",), {}, ["https://a.example", "http://b:1"]),
    ],
)
def test_what_is_taken(value, reader, arguments, more, expected):
    assert read(value, reader, *arguments, **more) == (expected, [])


@pytest.mark.parametrize(
    ("value", "reader", "arguments", "more", "stands_in", "word"),
    [
        ("maybe", "boolean", (True,), {}, True, "NAME is 'maybe'"),
        ("soon", "number", (1,), {"least": 0}, 1, "NAME is 'soon'"),
        ("nan", "number", (1,), {"least": 0}, 1, "NAME is 'nan'"),
        ("inf", "number", (1,), {"least": 0}, 1, "NAME is 'inf'"),
        ("0.1", "number", (1,), {"least": 0.2}, 1, "NAME is '0.1'"),
        ("1.5", "whole", (3,), {"least": 1}, 3, "NAME is '1.5'"),
        ("-1", "whole", (3,), {"least": 0}, 3, "NAME is '-1'"),
        ("1,x", "numbers", ("1,2",), {}, [1, 2], "NAME is '1,x'"),
        ("1,-2", "numbers", ("1,2",), {}, [1, 2], "NAME is '1,-2'"),
        ("c", "choice", ("a", "a", "b"), {}, "a", "NAME is 'c'"),
        ("host:6379", "address", ("redis",), {}, "", "NAME is not an address"),
        ("redis://:p@:1", "address", ("redis",), {}, "", "NAME is not an address"),
        ("redis://host:port", "address", ("redis",), {}, "", "NAME is not an address"),
        ("https://a.example/x", "origins", ("",), {}, [], "NAME holds https://a.example/x"),
        ("*", "origins", ("",), {}, [], "NAME holds *"),
    ],
)
def test_what_is_refused(value, reader, arguments, more, stands_in, word):
    given, problems = read(value, reader, *arguments, **more)

    assert given == stands_in
    assert [problem.message for problem in problems] == [word]
    assert problems[0].hint.startswith("Set ")


@pytest.mark.parametrize(
    "url",
    [
        "kyc",
        "mysql://user:hunter2@host/name",
        "postgres://user:hunter2@host:port/name",
        "postgres://user:hunter2@host",
        "sqlite:////proc/nowhere/kyc.sqlite3",
    ],
)
def test_database_that_cannot_be(url):
    """The address holds a password, so the message never repeats it."""
    config, problems = read(url, "database", "sqlite://:memory:", pool_size=1, keeps_prepared=True)

    assert config["NAME"] == ":memory:"
    (problem,) = problems
    assert problem.message.startswith("NAME cannot be used")
    assert "hunter2" not in problem.message + problem.hint


def test_postgres_gets_a_pool():
    config, problems = read(
        "postgres://u:p@h:1/kyc", "database", "", pool_size=7, keeps_prepared=True
    )

    assert problems == []
    assert config["OPTIONS"]["pool"]["max_size"] == 7


@pytest.mark.parametrize("keeps_prepared", [True, False])
def test_postgres_prepares_statements_unless_told_not_to(keeps_prepared):
    config, _ = read(
        "postgres://u:p@h:1/kyc", "database", "", pool_size=1, keeps_prepared=keeps_prepared
    )

    assert ("prepare_threshold" in config["OPTIONS"]) is keeps_prepared
    assert config["OPTIONS"].get("server_side_binding", False) is keeps_prepared


def test_problems_are_kept_in_order():
    environment = Environment({"A": "x", "B": "y"})
    environment.boolean("A", False)
    environment.boolean("B", False)

    assert environment.problems == [
        Unusable("A is 'x'", "Set true or false"),
        Unusable("B is 'y'", "Set true or false"),
    ]
