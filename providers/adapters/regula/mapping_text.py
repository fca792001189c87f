"""Container 36, the text fields, and which source of a field counts.

`fieldType` repeats once per script: lcid 0 is Latin, others are national scripts. Validity is
about a value itself (check digit, date logic), comparison about the agreement of sources.
Source: Regula Document Reader OpenAPI 9.2, Text, TextField, TextFieldValue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from providers.adapters.regula.field_codes import (
    CHECK_DIGIT_FIELDS,
    MRZ_FIRST_FIELDS,
    NAME_FIELDS,
    Field,
)
from providers.adapters.regula.mapping_numbers import Check, check
from providers.adapters.regula.mapping_wire import number, objects, text, whole

LATIN = 0
LOW_PROBABILITY_PERCENT = 60
LINE_SEPARATOR = "^"  # some servers join the lines of a value with it


@dataclass(frozen=True, slots=True)
class Reading:
    """A field as one source has it. probability: 0 to 100, 0 for derived values."""

    source: str
    value: str = field(repr=False)
    page: int
    validity: Check
    probability: float


@dataclass(frozen=True, slots=True)
class TextField:
    """One field in one script. value: the server's choice among the readings."""

    code: int
    lcid: int
    value: str = field(repr=False)
    status: Check
    validity: Check
    comparison: Check
    readings: tuple[Reading, ...] = field(repr=False)

    @property
    def disagrees(self) -> bool:
        """Sources differ, or two pages of one source do."""
        return self.comparison is Check.FAILED or any(
            len({_comparable(reading.value) for reading in self._of(source)}) > 1
            for source in {reading.source for reading in self.readings}
        )

    @property
    def has_failed(self) -> bool:
        return Check.FAILED in {self.status, self.validity, self.comparison}

    @property
    def is_unknown(self) -> bool:
        return Check.UNKNOWN in {self.status, self.validity, self.comparison}

    def reading(self, source: str) -> Reading | None:
        """Of several pages the first wins."""
        return min(self._of(source), key=lambda reading: reading.page, default=None)

    def _of(self, source: str) -> list[Reading]:
        return [reading for reading in self.readings if reading.source == source]


@dataclass(frozen=True, slots=True)
class Text:
    """All fields. date_format: what the server says it wrote dates in, "" if it does not."""

    validity: Check
    comparison: Check
    date_format: str
    fields: tuple[TextField, ...]

    def latin(self, code: int) -> TextField | None:
        return next((f for f in self.fields if f.code == code and f.lcid == LATIN), None)

    def national(self, code: int) -> TextField | None:
        return next((f for f in self.fields if f.code == code and f.lcid != LATIN), None)

    def has_source(self, *sources: str) -> bool:
        return any(
            reading.value and reading.source in sources
            for f in self.fields
            for reading in f.readings
        )

    @property
    def disagreeing(self) -> frozenset[int]:
        return frozenset(f.code for f in self.fields if f.disagrees)

    @property
    def is_specimen(self) -> bool:
        """Current servers write SPECIMEN into the document status of sample documents."""
        return any(
            "SPECIMEN" in value.upper()
            for f in self.fields
            if f.code == Field.DOCUMENT_STATUS
            for value in (f.value, *(reading.value for reading in f.readings))
        )

    @property
    def has_wrong_check_digit(self) -> bool:
        return Check.FAILED in self.check_digits

    @property
    def check_digits(self) -> frozenset[Check]:
        return frozenset(f.validity for f in self.fields if f.code in CHECK_DIGIT_FIELDS)


@dataclass(frozen=True, slots=True)
class Trust:
    """What may be believed where sources disagree.

    chip: passive authentication held. mrz: the check digits of the zone held.
    barcode_before_print: driving licences and North American identity cards.
    """

    chip: bool
    mrz: bool
    barcode_before_print: bool


def read_text(payloads: Iterable[dict[str, Any]]) -> Text:
    """One Text: the roll-ups of the first container, the fields of all."""
    parts = list(payloads)
    first = parts[0] if parts else {}
    return Text(
        validity=check(first.get("validityStatus")),
        comparison=check(first.get("comparisonStatus")),
        date_format=text(first.get("dateFormat")),
        fields=tuple(
            text_field
            for part in parts
            for item in objects(part.get("fieldList"))
            if (text_field := _text_field(item)) is not None
        ),
    )


def _text_field(item: dict[str, Any]) -> TextField | None:
    code = whole(item.get("fieldType"))
    if code is None:
        return None
    valid = {
        text(entry.get("source")): check(entry.get("status"))
        for entry in objects(item.get("validityList"))
    }
    return TextField(
        code=code,
        lcid=whole(item.get("lcid")) or LATIN,
        value=text(item.get("value")),
        status=check(item.get("status")),
        validity=check(item.get("validityStatus")),
        comparison=check(item.get("comparisonStatus")),
        readings=tuple(_reading(value, valid) for value in objects(item.get("valueList"))),
    )


def _reading(item: dict[str, Any], valid: dict[str, Check]) -> Reading:
    source = text(item.get("source"))
    own = check(item.get("originalValidity"))
    return Reading(
        source=source,
        value=text(item.get("value")),
        page=whole(item.get("pageIndex")) or 0,
        validity=valid.get(source, own) if own is Check.NOT_DONE else own,
        probability=number(item.get("probability")) or 0.0,
    )


def working_reading(text_field: TextField, trust: Trust) -> Reading | None:
    """The reading to show: the server's own choice unless sources disagree."""
    filled = [reading for reading in text_field.readings if reading.value]
    if text_field.disagrees:
        for source in _sources_by_trust(text_field, trust):
            reading = text_field.reading(source)
            if reading is not None and reading.value:
                return reading
    chosen = next((reading for reading in filled if reading.value == text_field.value), None)
    if chosen is None and text_field.value:
        return Reading("", text_field.value, 0, Check.NOT_DONE, 0.0)
    return chosen or next(iter(filled), None)


def _sources_by_trust(text_field: TextField, trust: Trust) -> Iterator[str]:
    if trust.chip:
        yield "RFID"
    if _trusts_mrz(text_field, trust):
        yield "MRZ"
    if trust.barcode_before_print:
        yield "BARCODE"
    yield "VISUAL"


def _trusts_mrz(text_field: TextField, trust: Trust) -> bool:
    """The zone truncates and transliterates names, so print wins unless it is hardly legible."""
    if text_field.code in MRZ_FIRST_FIELDS:
        zone = text_field.reading("MRZ")
        return zone is not None and zone.validity is Check.PASSED
    if text_field.code in NAME_FIELDS:
        printed = text_field.reading("VISUAL")
        return trust.mrz and (printed is None or printed.probability < LOW_PROBABILITY_PERCENT)
    return False


def one_line(value: str) -> str:
    """Joined names and addresses may come with line breaks."""
    return " ".join(value.replace(LINE_SEPARATOR, " ").split())


def zone_lines(value: str) -> str:
    """The machine readable zone, one line each, without blanks."""
    lines = value.replace(LINE_SEPARATOR, "\n").split()
    return "\n".join(lines)


def _comparable(value: str) -> str:
    return one_line(value).upper()
