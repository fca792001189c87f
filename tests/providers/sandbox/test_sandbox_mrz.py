"""The zones of ICAO Doc 9303's examples, and what readers make of them."""

from datetime import date

import pytest

from providers.sandbox.reading.fields import Field
from providers.sandbox.reading.mrz import check_digit, find_mrz, iso_date

TODAY = date(2026, 6, 1)
TD3 = [
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
]
TD2 = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"]
TD1 = [
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
]
HOLDER = {
    Field.ISSUING_STATE: "UTO",
    Field.NATIONALITY: "UTO",
    Field.DATE_OF_BIRTH: "1974-08-12",
    Field.DATE_OF_EXPIRY: "2012-04-15",
    Field.SEX: "F",
    Field.SURNAME: "ERIKSSON",
    Field.GIVEN_NAMES: "ANNA MARIA",
}


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("520727", "3"),
        ("D23145890", "7"),
        ("L898902C3", "6"),
        ("ZE184226B<<<<<", "1"),
        ("<<<", "0"),
    ],
)
def test_check_digit(text, digit):
    assert check_digit(text) == digit


@pytest.mark.parametrize(
    ("lines", "name", "own"),
    [
        (
            TD3,
            "TD3",
            {"document_class": "P", "document_number": "L898902C3", "personal_number": "ZE184226B"},
        ),
        (TD2, "TD2", {"document_class": "I", "document_number": "D23145890"}),
        (TD1, "TD1", {"document_class": "I", "document_number": "D23145890"}),
    ],
)
def test_icao_examples(lines, name, own):
    zone = find_mrz(["UTOPIA", *lines, ""], TODAY)
    assert zone.format == name
    assert zone.lines == tuple(lines)
    assert zone.fields == HOLDER | own
    assert zone.holds


def test_look_alikes_are_undone_by_position():
    misread = [
        "P<UT0ERIKSS0N<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L8989O2C36UT074O8I22F12O4159ZEI84226B<<<<<1O",
    ]
    assert find_mrz(misread, TODAY) == find_mrz(TD3, TODAY)


def test_fillers_that_were_dropped_are_put_back():
    assert find_mrz([TD3[0][:-2], TD3[1]], TODAY).lines == tuple(TD3)


def test_a_wrong_check_digit_is_read_and_flagged():
    zone = find_mrz([TD3[0], TD3[1].replace("C36", "C35")], TODAY)
    assert zone.fields[Field.DOCUMENT_NUMBER] == "L898902C3"
    assert zone.checks == {
        Field.DOCUMENT_NUMBER: False,
        Field.DATE_OF_BIRTH: True,
        Field.DATE_OF_EXPIRY: True,
        Field.PERSONAL_NUMBER: True,
        None: False,
    }
    assert not zone.holds


def test_an_empty_personal_number_may_have_a_filler_as_digit():
    number, born, expires, empty = "L898902C36", "7408122", "1204159", "<" * 14
    whole = check_digit(number + born + expires + empty + "<")
    zone = find_mrz([TD3[0], f"{number}UTO{born}F{expires}{empty}<{whole}"], TODAY)
    assert zone.holds
    assert Field.PERSONAL_NUMBER not in zone.fields


@pytest.mark.parametrize(
    "texts", [[], ["HELLO"], ["A" * 44, "B" * 44], [TD3[0]], [TD1[0], TD1[2], TD1[1]]]
)
def test_other_text_is_no_zone(texts):
    assert find_mrz(texts, TODAY) is None


def test_centuries():
    assert iso_date("260601", 26) == "2026-06-01"
    assert iso_date("270601", 26) == "1927-06-01"
    assert iso_date("320415", 99) == "2032-04-15"
