"""Machine-readable zones: finding, repairing, checking and reading their lines.

Source: ICAO Doc 9303, part 3 (check digits, names) and parts 4, 5, 6 (TD3, TD1, TD2 layouts).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from providers.sandbox.reading.fields import Field

FILLER = "<"
WEIGHTS = (7, 3, 1)
TO_DIGITS = str.maketrans("OQDILZSGBA", "0001125684")
TO_LETTERS = str.maketrans("0125684", "OIZSGBA")
# A reader drops or doubles a filler now and then; further away it is not such a line.
LENGTH_TOLERANCE = 3


@dataclass(frozen=True)
class Slot:
    """A field of a line: half-open columns and what may stand there (n, a, x = anything)."""

    line: int
    start: int
    end: int
    kind: str = "x"


@dataclass(frozen=True)
class Layout:
    """One of the three formats: sizes, fields, and which slots each check digit covers."""

    name: str
    line_count: int
    line_length: int
    fields: dict[Field, Slot]
    checks: dict[Field, Slot]
    composite: Slot
    composite_of: tuple[Slot, ...]


@dataclass(frozen=True)
class Mrz:
    """A zone that was read. `fields` are text, dates ISO; `checks` says which digits hold.

    `checks` has the checked fields and, as None, the composite digit over the whole zone.
    """

    format: str
    lines: tuple[str, ...]
    fields: dict[Field, str]
    checks: dict[Field | None, bool]

    @property
    def holds(self) -> bool:
        return all(self.checks.values())


TD3 = Layout(
    "TD3", 2, 44,
    fields={
        Field.DOCUMENT_CLASS: Slot(0, 0, 2),
        Field.ISSUING_STATE: Slot(0, 2, 5, "a"),
        Field.FULL_NAME: Slot(0, 5, 44, "a"),
        Field.DOCUMENT_NUMBER: Slot(1, 0, 9),
        Field.NATIONALITY: Slot(1, 10, 13, "a"),
        Field.DATE_OF_BIRTH: Slot(1, 13, 19, "n"),
        Field.SEX: Slot(1, 20, 21, "a"),
        Field.DATE_OF_EXPIRY: Slot(1, 21, 27, "n"),
        Field.PERSONAL_NUMBER: Slot(1, 28, 42),
    },
    checks={
        Field.DOCUMENT_NUMBER: Slot(1, 9, 10, "n"),
        Field.DATE_OF_BIRTH: Slot(1, 19, 20, "n"),
        Field.DATE_OF_EXPIRY: Slot(1, 27, 28, "n"),
        Field.PERSONAL_NUMBER: Slot(1, 42, 43, "n"),
    },
    composite=Slot(1, 43, 44, "n"),
    composite_of=(Slot(1, 0, 10), Slot(1, 13, 20), Slot(1, 21, 43)),
)  # fmt: skip
TD2 = Layout(
    "TD2", 2, 36,
    fields={
        Field.DOCUMENT_CLASS: Slot(0, 0, 2),
        Field.ISSUING_STATE: Slot(0, 2, 5, "a"),
        Field.FULL_NAME: Slot(0, 5, 36, "a"),
        Field.DOCUMENT_NUMBER: Slot(1, 0, 9),
        Field.NATIONALITY: Slot(1, 10, 13, "a"),
        Field.DATE_OF_BIRTH: Slot(1, 13, 19, "n"),
        Field.SEX: Slot(1, 20, 21, "a"),
        Field.DATE_OF_EXPIRY: Slot(1, 21, 27, "n"),
    },
    checks={
        Field.DOCUMENT_NUMBER: Slot(1, 9, 10, "n"),
        Field.DATE_OF_BIRTH: Slot(1, 19, 20, "n"),
        Field.DATE_OF_EXPIRY: Slot(1, 27, 28, "n"),
    },
    composite=Slot(1, 35, 36, "n"),
    composite_of=(Slot(1, 0, 10), Slot(1, 13, 20), Slot(1, 21, 35)),
)  # fmt: skip
TD1 = Layout(
    "TD1", 3, 30,
    fields={
        Field.DOCUMENT_CLASS: Slot(0, 0, 2),
        Field.ISSUING_STATE: Slot(0, 2, 5, "a"),
        Field.DOCUMENT_NUMBER: Slot(0, 5, 14),
        Field.PERSONAL_NUMBER: Slot(0, 15, 30),
        Field.DATE_OF_BIRTH: Slot(1, 0, 6, "n"),
        Field.SEX: Slot(1, 7, 8, "a"),
        Field.DATE_OF_EXPIRY: Slot(1, 8, 14, "n"),
        Field.NATIONALITY: Slot(1, 15, 18, "a"),
        Field.FULL_NAME: Slot(2, 0, 30, "a"),
    },
    checks={
        Field.DOCUMENT_NUMBER: Slot(0, 14, 15, "n"),
        Field.DATE_OF_BIRTH: Slot(1, 6, 7, "n"),
        Field.DATE_OF_EXPIRY: Slot(1, 14, 15, "n"),
    },
    composite=Slot(1, 29, 30, "n"),
    composite_of=(Slot(0, 5, 30), Slot(1, 0, 7), Slot(1, 8, 15), Slot(1, 18, 29)),
)  # fmt: skip
LAYOUTS = (TD3, TD2, TD1)


def check_digit(text: str) -> str:
    """The ICAO check digit of `text` (0-9, A-Z and the filler)."""
    values = (0 if char == FILLER else int(char, 36) for char in text)
    return str(sum(value * WEIGHTS[i % 3] for i, value in enumerate(values)) % 10)


def find_mrz(texts: Sequence[str], today: date) -> Mrz | None:
    """The zone among text lines read from top to bottom; None if no run of lines is shaped so.

    A zone whose check digits all hold wins over one that is merely well formed.
    `today` decides the century of birth dates.
    """
    candidates = [cleaned(text) for text in texts]
    found = [
        read_lines(layout, lines, today)
        for layout in LAYOUTS
        for lines in _runs(layout, candidates)
    ]
    zones = [zone for zone in found if zone is not None]
    return max(zones, key=lambda zone: sum(zone.checks.values()), default=None)


def cleaned(text: str) -> str:
    """What a reader saw, reduced to the alphabet of the zone."""
    upper = text.upper().replace("\u00ab", "<<").replace("\u2039", FILLER).replace("\uff1c", FILLER)
    return re.sub(r"[^A-Z0-9<]", "", upper)


def _runs(layout: Layout, candidates: Sequence[str]) -> list[list[str]]:
    fitting = [
        _fit(text, layout.line_length)
        if abs(len(text) - layout.line_length) <= LENGTH_TOLERANCE
        else ""
        for text in candidates
    ]
    count = layout.line_count
    windows = (fitting[i : i + count] for i in range(len(fitting) - count + 1))
    return [window for window in windows if all(window)]


def _fit(text: str, length: int) -> str:
    """Bring a line to its length by adding or taking fillers in its longest run of them."""
    runs = sorted(re.findall(r"<+", text), key=len)
    if len(text) == length or not runs:
        return text if len(text) == length else ""
    longest = runs[-1]
    wanted = len(longest) + length - len(text)
    return text.replace(longest, FILLER * wanted, 1) if wanted > 0 else ""


def read_lines(layout: Layout, lines: Sequence[str], today: date) -> Mrz | None:
    """Read lines of the right length; None if they are not a zone of this layout."""
    repaired = _repaired(layout, lines)
    if repaired[0][0] not in "PIACV" or not _has_dates(layout, repaired):
        return None
    if layout.name == "TD3" and repaired[0][0] not in "PV":
        return None
    return Mrz(
        layout.name, tuple(repaired), _fields(layout, repaired, today), _checks(layout, repaired)
    )


def _repaired(layout: Layout, lines: Sequence[str]) -> list[str]:
    """Undo look-alikes by position: letters where letters must stand, digits likewise."""
    repaired = [list(line) for line in lines]
    slots = [*layout.fields.values(), *layout.checks.values(), layout.composite]
    for slot in slots:
        if slot.kind != "x":
            table = TO_DIGITS if slot.kind == "n" else TO_LETTERS
            text = "".join(repaired[slot.line][slot.start : slot.end]).translate(table)
            repaired[slot.line][slot.start : slot.end] = text
    return _with_checked_numbers(layout, ["".join(line) for line in repaired])


def _with_checked_numbers(layout: Layout, lines: list[str]) -> list[str]:
    """In alphanumeric fields try O for 0 (and I for 1) until the field's check digit holds."""
    for name, digit in layout.checks.items():
        slot = layout.fields[name]
        text = _cut(lines, slot)
        if slot.kind == "x" and check_digit(text) != _cut(lines, digit):
            for variant in (text.replace("O", "0"), text.replace("I", "1"),
                            text.replace("O", "0").replace("I", "1")):  # fmt: skip
                if check_digit(variant) == _cut(lines, digit):
                    line = lines[slot.line]
                    lines[slot.line] = line[: slot.start] + variant + line[slot.end :]
                    break
    return lines


def _cut(lines: Sequence[str], slot: Slot) -> str:
    return lines[slot.line][slot.start : slot.end]


def _has_dates(layout: Layout, lines: Sequence[str]) -> bool:
    dates = (Field.DATE_OF_BIRTH, Field.DATE_OF_EXPIRY)
    return all(_cut(lines, layout.fields[name]).isdigit() for name in dates)


def _checks(layout: Layout, lines: Sequence[str]) -> dict[Field | None, bool]:
    checks: dict[Field | None, bool] = {}
    for name, slot in layout.checks.items():
        covered, digit = _cut(lines, layout.fields[name]), _cut(lines, slot)
        unused = name is Field.PERSONAL_NUMBER and not covered.strip(FILLER) and digit == FILLER
        checks[name] = unused or check_digit(covered) == digit
    whole = "".join(_cut(lines, slot) for slot in layout.composite_of)
    checks[None] = check_digit(whole) == _cut(lines, layout.composite)
    return checks


def _fields(layout: Layout, lines: Sequence[str], today: date) -> dict[Field, str]:
    texts = {name: _cut(lines, slot) for name, slot in layout.fields.items()}
    surname, _, given = texts.pop(Field.FULL_NAME).partition("<<")
    fields = {name: text.replace(FILLER, " ").strip() for name, text in texts.items()}
    fields[Field.SURNAME] = surname.replace(FILLER, " ").strip()
    fields[Field.GIVEN_NAMES] = given.replace(FILLER, " ").strip()
    fields[Field.DATE_OF_BIRTH] = iso_date(texts[Field.DATE_OF_BIRTH], today.year - 2000)
    fields[Field.DATE_OF_EXPIRY] = iso_date(texts[Field.DATE_OF_EXPIRY], 99)
    return {name: value for name, value in fields.items() if value}


def iso_date(six_digits: str, last_year_of_this_century: int) -> str:
    """YYMMDD as YYYY-MM-DD; years after the given one belong to the last century."""
    year = int(six_digits[:2])
    century = 2000 if year <= last_year_of_this_century else 1900
    return f"{century + year:04}-{six_digits[2:4]}-{six_digits[4:]}"
