"""The text fields of the posted pages with their sources, validity and comparison.

Source: DocumentReader-web-openapi, rt36; "Description of results" in the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import combinations

from providers.sandbox.countries import country
from providers.sandbox.reading.fields import DATE_FIELDS, Field, Rect, Source, Value
from providers.sandbox.reading.page import NOWHERE, Page
from providers.sandbox.regula import numbers
from providers.sandbox.regula.numbers import Check, check, rolled_up

ISO = "yyyy-MM-dd"
SERVER_LOCALE = "M/d/yyyy"  # what a server answers when the request sets no dateFormat
DERIVED_PROBABILITY = 0
SOURCE_ORDER = (Source.MRZ, Source.BARCODE, Source.VISUAL)


@dataclass(frozen=True)
class Entry:
    """One value from one source. `text` is as answered, `printed` as on the page."""

    source: Source
    text: str
    printed: str
    validity: Check
    page_index: int
    probability: int
    rect: Rect = NOWHERE


@dataclass(frozen=True)
class TextField:
    """A field with its values in the order in which Regula trusts their sources."""

    number: int
    name: str
    entries: tuple[Entry, ...]

    @property
    def validity(self) -> Check:
        return rolled_up(entry.validity for entry in self.entries)

    @property
    def comparisons(self) -> list[tuple[Entry, Entry, Check]]:
        return [
            (left, right, check(_comparable(left.text) == _comparable(right.text)))
            for left, right in combinations(self.entries, 2)
            if left.source != right.source
        ]

    @property
    def comparison(self) -> Check:
        return rolled_up(result for _, _, result in self.comparisons)

    @property
    def status(self) -> Check:
        return rolled_up((self.validity, self.comparison))


@dataclass(frozen=True)
class Texts:
    """All text fields of the posted pages; dates are written in `date_format`."""

    fields: tuple[TextField, ...]
    date_format: str = ISO
    expiry: Check = Check.NOT_DONE
    mrz: Check = Check.NOT_DONE
    age_years: int | None = None
    sources: dict[Source, Check] = field(default_factory=dict)

    @property
    def status(self) -> Check:
        return rolled_up(text_field.status for text_field in self.fields)


def texts_of(
    pages: Sequence[tuple[int, Page]], *, date_format: str, with_alpha2: bool, with_specimen: bool
) -> Texts:
    """The fields of (page index, page) pairs."""
    today = datetime.now(UTC).date()
    fields = [
        text_field
        for name, (number, label) in numbers.TEXT_FIELDS.items()
        if (text_field := _read_field(name, number, label, pages, date_format, today))
    ]
    fields += _derived(pages, today, with_alpha2=with_alpha2)
    if with_specimen:
        fields += _specimen(pages)
    every = [entry for text_field in fields for entry in text_field.entries]
    found = {source for source in SOURCE_ORDER for entry in every if entry.source == source}
    expiry = next((f.validity for f in fields if f.number == 3), Check.NOT_DONE)
    return Texts(
        tuple(fields),
        date_format,
        expiry=expiry,
        mrz=rolled_up(check(page.mrz.holds) for _, page in pages if page.mrz),
        age_years=_age(pages, today),
        sources={source: rolled_up(entry.validity for entry in every if entry.source == source)
                 for source in SOURCE_ORDER if source in found},
    )  # fmt: skip


def formatted_date(iso: str, date_format: str) -> str:
    """A date in a format of yyyy, MM or M, dd or d; text that is no date stays as it is."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", iso):
        return iso
    year, month, day = iso.split("-")
    parts = {"yyyy": year, "MM": month, "dd": day, "M": month.lstrip("0"), "d": day.lstrip("0")}
    return re.sub("yyyy|MM|dd|M|d", lambda token: parts[token.group()], date_format)


def _read_field(
    name: Field, number: int, label: str, pages: Sequence[tuple[int, Page]], date_format: str,
    today: date,
) -> TextField | None:  # fmt: skip
    entries = [
        _entry(name, source, value, index, page, date_format, today)
        for source in SOURCE_ORDER
        for index, page in pages
        if (value := page.values().get(source, {}).get(name))
    ]
    return TextField(number, label, tuple(entries)) if entries else None


def _entry(
    name: Field, source: Source, value: Value, index: int, page: Page, date_format: str,
    today: date,
) -> Entry:  # fmt: skip
    text = formatted_date(value.text, date_format) if name in DATE_FIELDS else value.text
    return Entry(
        source, text, value.printed, _validity(name, source, value, page, today), index,
        round(100 * value.confidence), value.rect,
    )  # fmt: skip


def _validity(name: Field, source: Source, value: Value, page: Page, today: date) -> Check:
    """About the value itself: check digit, calendar, expiry. Names have no rule."""
    results = []
    if name in DATE_FIELDS:
        results.append(check(_is_date(value.text)))
    if name is Field.DATE_OF_EXPIRY and _is_date(value.text):
        results.append(check(value.text >= today.isoformat()))
    if source is Source.MRZ and page.mrz is not None:
        if name in page.mrz.checks:
            results.append(check(page.mrz.checks[name]))
        elif name not in (Field.SURNAME, Field.GIVEN_NAMES):
            results.append(Check.OK)
    return rolled_up(results)


def _derived(
    pages: Sequence[tuple[int, Page]], today: date, *, with_alpha2: bool
) -> list[TextField]:
    fields = []
    for index, page in pages:
        if page.mrz:
            lines = "\n".join(page.mrz.lines)
            checked = check(page.mrz.holds)
            digit = page.mrz.lines[0][14] if page.mrz.format == "TD1" else page.mrz.lines[1][9]
            number = numbers.DOCUMENT_NUMBER_CHECK_DIGIT
            holds = check(page.mrz.checks[Field.DOCUMENT_NUMBER])
            fields.append(_single(numbers.MRZ_LINES, Source.MRZ, lines, checked, index))
            fields.append(_single(number, Source.MRZ, digit, holds, index))
    state = _state(pages, Field.ISSUING_STATE)
    if state:
        source, code, index = state
        found = country(code)
        if found:
            fields.append(_single(numbers.STATE_NAME, source, found.name, Check.OK, index))
    age = _age(pages, today)
    if age is not None:
        source = Source.MRZ if any(page.mrz for _, page in pages) else Source.VISUAL
        fields.append(
            _single(numbers.AGE, source, str(age), Check.NOT_DONE, 0, DERIVED_PROBABILITY)
        )
    return fields + (_alpha2(pages) if with_alpha2 else [])


def _alpha2(pages: Sequence[tuple[int, Page]]) -> list[TextField]:
    fields = []
    for name, label in numbers.ALPHA2.items():
        state = _state(pages, name)
        found = country(state[1]) if state else None
        if state and found and found.alpha2:
            fields.append(
                _single(label, state[0], found.alpha2, Check.NOT_DONE, state[2],
                        DERIVED_PROBABILITY)
            )  # fmt: skip
    return fields


def _specimen(pages: Sequence[tuple[int, Page]]) -> list[TextField]:
    """Field 682, as current servers answer for documents printed with the word."""
    marked = [index for index, page in pages if page.is_specimen]
    label = numbers.DOCUMENT_STATUS
    return [_single(label, Source.VISUAL, "SPECIMEN", Check.FAILED, index) for index in marked[:1]]


def _single(
    label: tuple[int, str], source: Source, text: str, validity: Check, index: int,
    probability: int = 98,
) -> TextField:  # fmt: skip
    return TextField(*label, (Entry(source, text, text, validity, index, probability),))


def _state(pages: Sequence[tuple[int, Page]], name: Field) -> tuple[Source, str, int] | None:
    found = (
        (source, values[name].text, index)
        for index, page in pages
        for source, values in page.values().items()
        if name in values
    )
    return next(found, None)


def _age(pages: Sequence[tuple[int, Page]], today: date) -> int | None:
    born = _state(pages, Field.DATE_OF_BIRTH)
    if born is None or not _is_date(born[1]):
        return None
    day = date.fromisoformat(born[1])
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _comparable(text: str) -> str:
    return re.sub(r"\W", "", text.upper())
