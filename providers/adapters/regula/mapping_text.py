"""Container 36, the text fields, and which source of a field counts.

`fieldType` repeats once per script: lcid 0 is Latin, others are national scripts. Validity is
about a value itself (check digit, date logic), comparison about the agreement of sources.
Source: Regula Document Reader OpenAPI 9.2, Text, TextField, TextFieldValue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from providers.adapters.regula.field_codes import (
    CHECK_DIGIT_FIELDS,
    MRZ_FIRST_FIELDS,
    NAME_FIELDS,
    Field,
)
from providers.adapters.regula.mapping_numbers import Check, check
from providers.adapters.regula.mapping_wire import members, number, objects, text, whole

LATIN = 0
LOW_PROBABILITY_PERCENT = 60
LINE_SEPARATOR = "^"  # some servers join the lines of a value with it


@dataclass(frozen=True, slots=True)
class Reading:
    """A field as one source has it. probability: 0 to 100, 0 for derived values."""

    source: str
    value: str
    page: int
    validity: Check
    probability: float


@dataclass(frozen=True, slots=True)
class TextField:
    """One field in one script. value: the server's choice among the readings."""

    code: int
    lcid: int
    name: str
    value: str
    status: Check
    validity: Check
    comparison: Check
    readings: tuple[Reading, ...]

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
        return frozenset(field.code for field in self.fields if field.disagrees)

    @property
    def has_wrong_check_digit(self) -> bool:
        return Check.FAILED in self.check_digits

    @property
    def check_digits(self) -> frozenset[Check]:
        return frozenset(
            field.validity for field in self.fields if field.code in CHECK_DIGIT_FIELDS
        )


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
    """One Text; a server that sends several is read as if they were one."""
    parts = list(payloads)
    return Text(
        validity=_strictest(part.get("validityStatus") for part in parts),
        comparison=_strictest(part.get("comparisonStatus") for part in parts),
        date_format=next((text(part.get("dateFormat")) for part in parts), ""),
        fields=tuple(
            field
            for part in parts
            for item in objects(part.get("fieldList"))
            if (field := _text_field(item)) is not None
        ),
    )


def _strictest(values: Iterable[Any]) -> Check:
    checks = [check(value) for value in values]
    for result in (Check.FAILED, Check.UNKNOWN, Check.PASSED):
        if result in checks:
            return result
    return Check.NOT_DONE


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
        name=text(item.get("fieldName")),
        value=text(item.get("value")),
        status=check(item.get("status")),
        validity=check(item.get("validityStatus")),
        comparison=check(item.get("comparisonStatus")),
        readings=tuple(_reading(value, valid) for value in objects(item.get("valueList"))),
    )


def _reading(item: dict[str, Any], valid: dict[str, Check]) -> Reading:
    source = text(item.get("source"))
    own = check(members(item).get("originalValidity"))
    return Reading(
        source=source,
        value=text(item.get("value")),
        page=whole(item.get("pageIndex")) or 0,
        validity=valid.get(source, own) if own is Check.NOT_DONE else own,
        probability=number(item.get("probability")) or 0.0,
    )


def working_reading(field: TextField, trust: Trust) -> Reading | None:
    """The reading to show: the server's own choice unless sources disagree."""
    filled = [reading for reading in field.readings if reading.value]
    if field.disagrees:
        for source in _sources_by_trust(field, trust):
            reading = field.reading(source)
            if reading is not None and reading.value:
                return reading
    chosen = next((reading for reading in filled if reading.value == field.value), None)
    if chosen is None and field.value:
        return Reading("", field.value, 0, Check.NOT_DONE, 0.0)
    return chosen or next(iter(filled), None)


def _sources_by_trust(field: TextField, trust: Trust) -> Iterator[str]:
    if trust.chip:
        yield "RFID"
    if _trusts_mrz(field, trust):
        yield "MRZ"
    if trust.barcode_before_print:
        yield "BARCODE"
    yield "VISUAL"


def _trusts_mrz(field: TextField, trust: Trust) -> bool:
    """The zone truncates and transliterates names, so print wins unless it is hardly legible."""
    if field.code in MRZ_FIRST_FIELDS:
        zone = field.reading("MRZ")
        return zone is not None and zone.validity is Check.PASSED
    if field.code in NAME_FIELDS:
        printed = field.reading("VISUAL")
        return trust.mrz and (printed is None or printed.probability < LOW_PROBABILITY_PERCENT)
    return False


def one_line(value: str) -> str:
    """Joined names and addresses may come with line breaks."""
    return " ".join(value.replace(LINE_SEPARATOR, " ").split())


def zone_lines(value: str) -> str:
    """The machine readable zone, one line each, without blanks."""
    lines = value.replace(LINE_SEPARATOR, "\n").split()
    return "\n".join(lines)


def is_specimen(text_: Text) -> bool:
    """Current servers write SPECIMEN into the document status of sample documents."""
    return any(
        "SPECIMEN" in value.upper()
        for field in text_.fields
        if field.code == Field.DOCUMENT_STATUS
        for value in (field.value, *(reading.value for reading in field.readings))
    )


def _comparable(value: str) -> str:
    return one_line(value).upper()
