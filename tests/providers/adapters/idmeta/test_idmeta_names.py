"""Whether a record is of the person named: accents, order, middle names, suffixes."""

from __future__ import annotations

import pytest

from providers.adapters.idmeta.names import RecordName, match_score

RECORD = "HALIMBAWA, MAYUMI SUBOK"


def person(first="", last="", middle="", suffix="", full=""):
    keys = ("firstName", "lastName", "middleName", "suffix", "fullName")
    given = dict(zip(keys, (first, last, middle, suffix, full), strict=True))
    return {key: value for key, value in given.items() if value}


@pytest.mark.parametrize(
    ("record", "subject"),
    [
        (RECORD, person("Mayumi", "Halimbawa")),
        (RECORD, person("HALIMBAWA", "MAYUMI")),
        (RECORD, person("Mayúmi", "Halimbawa", "Subok")),
        (RECORD, person("mayumi subok", "halimbawa")),
        (RECORD, person("Mayumi", "Halimbawa", "S.")),
        ("HALIMBAWA, MAYUMI S.", person("Mayumi", "Halimbawa", "Subok")),
        ("HALIMBAWA, MAYUMI", person("Mayumi", "Halimbawa", "Subok")),
        ("HALIMBAWA, MAYUMI JR", person("Mayumi", "Halimbawa", "Subok", "Jr.")),
        (RECORD, person("Mayumi", "Halimbawa", suffix="Jr")),
        (RECORD, person(full="Mayumi Halimbawa")),
        (RECORD, person(last="Halimbawa")),
        (RECORD, person("Mayumi", "Halimbawa", full="Mayumi S. Halimbawa", middle="S.")),
        ("HALIMBAWA, MAYUMI", person(full="Mayumi Subok Halimbawa", middle="Subok")),
        ("Peña-Dela Cruz, José", person("Jose", "Dela Cruz Pena")),
    ],
)
def test_the_same_person(record, subject):
    assert match_score(RecordName(record), subject) == 100.0


@pytest.mark.parametrize(
    ("record", "subject", "score"),
    [
        (RECORD, person("Tala", "Halimbawa"), 69.2),
        (RECORD, person("Mayumi", "Panibago"), 42.8),
        (RECORD, person("Mayumi", "Halimbawa", "Reyes"), 75.0),
        ("SANTOS, MARIA", person("Mario", "Santos"), 90.9),
        ("CRUZ, JUAN SR", person("Juan", "Cruz", suffix="Jr"), 80.0),
        ("ZZZ", person("Abc", "Def"), 0.0),
        (RECORD, person("Mayumi", full="Mayumi Panibago"), 42.8),
        (RECORD, person("Mayumi", "Halimbawa", full="Tala Halimbawa"), 78.9),
        (RECORD, person(full="Mayumi Panibago", middle="Panibago"), 42.8),
    ],
)
def test_another_person(record, subject, score):
    assert match_score(RecordName(record), subject) == score


@pytest.mark.parametrize(
    ("record", "subject"), [("", person("Mayumi", "Halimbawa")), (RECORD, {}), ("---", person("A"))]
)
def test_nothing_to_compare(record, subject):
    assert match_score(RecordName(record), subject) is None


def test_a_record_with_a_surname_only_confirms_the_surname():
    record = RecordName("HALIMBAWA", is_surname_only=True)
    assert match_score(record, person("Mayumi", "Halimbawa", "Subok")) == 100.0
    assert match_score(record, person("Mayumi", "Panibago")) < 100
    assert match_score(record, person("Mayumi")) is None
    assert match_score(record, person(full="Halimbawa, Mayumi")) == 100.0
    assert match_score(record, person(full="Mayumi Panibago")) < 100
