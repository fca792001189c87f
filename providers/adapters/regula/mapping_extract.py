"""What stands on the document, under the unified keys.

Personal data leaves this module in two places only: `extracted` and the `parsed` part of the
machine readable zone; `readings` adds what a reviewer needs where sources disagree or a date
could not be understood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from providers.adapters.regula.field_codes import (
    CLASS_CODES,
    DOCUMENT_TYPES,
    Field,
    field_name,
)
from providers.adapters.regula.mapping_answer import Answer, DocumentPage
from providers.adapters.regula.mapping_numbers import Check
from providers.adapters.regula.mapping_text import (
    Reading,
    TextField,
    Trust,
    one_line,
    working_reading,
    zone_lines,
)
from providers.adapters.regula.mapping_values import ICAO_ONLY, alpha3, iso_date, sex
from providers.types import Json

NORTH_AMERICA = frozenset({"USA", "CAN"})
BARCODE_CARDS = frozenset({"id_card", "drivers_license"})
OTHER_DOCUMENT = "other"

DATES = {"dateOfBirth": Field.BIRTH, "expiryDate": Field.EXPIRY, "issueDate": Field.ISSUE}
COUNTRIES = {
    "issuingCountry": (Field.ISSUING_STATE, Field.ISSUING_STATE_ALPHA2),
    "nationality": (Field.NATIONALITY, Field.NATIONALITY_ALPHA2),
}
# Fields in the order of preference; a joined name is never split into its parts.
PLAIN = {
    "firstName": (Field.GIVEN_NAMES, Field.FIRST_NAME),
    "middleName": (Field.MIDDLE_NAME,),
    "documentNumber": (Field.NUMBER,),
    "personalNumber": (Field.PERSONAL_NUMBER,),
    "fullName": (Field.FULL_NAME,),
}
# Some documents carry these in a national script only.
ANY_SCRIPT = {
    "placeOfBirth": Field.BIRTH_PLACE,
    "address": Field.ADDRESS,
    "authority": Field.AUTHORITY,
}
NATIVE_NAMES = {
    "nativeFirstName": (Field.GIVEN_NAMES, "firstName"),
    "nativeLastName": (Field.SURNAME, "lastName"),
    "nativeFullName": (Field.FULL_NAME, "fullName"),
}
ZONE_KEYS = {
    "documentCode": Field.CLASS_CODE,
    "issuingCountry": Field.ISSUING_STATE,
    "documentNumber": Field.NUMBER,
    "expiryDate": Field.EXPIRY,
    "dateOfBirth": Field.BIRTH,
    "lastName": Field.SURNAME,
    "firstName": Field.GIVEN_NAMES,
    "sex": Field.SEX,
    "nationality": Field.NATIONALITY,
    "personalNumber": Field.PERSONAL_NUMBER,
}


@dataclass(frozen=True, slots=True)
class Extraction:
    """unread_dates: raw values by unified key. probabilities: 0 to 100, of the readings used."""

    values: Mapping[str, str] = field(repr=False)
    zone: Mapping[str, str] = field(repr=False)
    unread_dates: Mapping[str, str] = field(repr=False)
    disagreements: tuple[Mapping[str, Json], ...] = field(repr=False)
    probabilities: tuple[float, ...]

    @property
    def icao_only_countries(self) -> list[str]:
        """Codes that no ISO list knows, such as the specimen country UTO."""
        found = {self.values.get(key, "") for key in COUNTRIES}
        return sorted(found & ICAO_ONLY)


class Extractor:
    """Reads the fields of one answer; remembers which readings it used."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._text = answer.text
        self._trust = _trust(answer)
        self._used: dict[TextField, Reading] = {}

    def extraction(self) -> Extraction:
        raw_dates = {key: self._latin(code) for key, code in DATES.items()}
        dates = {key: self._date(value) for key, value in raw_dates.items()}
        values = {
            **{key: self._first(codes) for key, codes in PLAIN.items()},
            "lastName": self._last_name(),
            **dates,
            "issuingCountry": self._country("issuingCountry") or _page_country(self._answer),
            "nationality": self._country("nationality"),
            "sex": _if_filled(sex, self._latin(Field.SEX)),
            **{key: self._any_script(code) for key, code in ANY_SCRIPT.items()},
            "documentType": document_type(self._answer),
            "documentName": next((p.name for p in self._answer.pages if p.name), ""),
            "mrz": zone_lines(self._latin(Field.MRZ_LINES, keep_lines=True)),
        }
        values |= self._native_names(values)
        return Extraction(
            values={key: value for key, value in values.items() if value},
            zone=self._zone(),
            unread_dates={k: raw for k, raw in raw_dates.items() if raw and not dates[k]},
            disagreements=self._disagreements(),
            probabilities=tuple(r.probability for r in self._used.values() if r.probability > 0),
        )

    def _latin(self, code: int, *, keep_lines: bool = False) -> str:
        return self._value(self._text.latin(code), keep_lines=keep_lines)

    def _value(self, text_field: TextField | None, *, keep_lines: bool = False) -> str:
        reading = working_reading(text_field, self._trust) if text_field else None
        if text_field is None or reading is None:
            return ""
        self._used[text_field] = reading
        return reading.value if keep_lines else one_line(reading.value)

    def _first(self, codes: tuple[Field, ...]) -> str:
        return next((value for code in codes if (value := self._latin(code))), "")

    def _last_name(self) -> str:
        surnames = (self._latin(Field.FIRST_SURNAME), self._latin(Field.SECOND_SURNAME))
        both = " ".join(name for name in surnames if name)
        return self._latin(Field.SURNAME) or both or self._latin(Field.LAST_NAME)

    def _any_script(self, code: Field) -> str:
        return self._latin(code) or self._value(self._text.national(code))

    def _date(self, value: str) -> str:
        return iso_date(value, self._text.date_format) or ""

    def _country(self, key: str) -> str:
        codes = (alpha3(self._latin(code)) for code in COUNTRIES[key])
        return next((code for code in codes if code), "")

    def _native_names(self, values: Mapping[str, str]) -> dict[str, str]:
        """National-script names; some servers repeat the Latin one there, which says nothing."""
        names = {
            key: (self._value(self._text.national(code)), values.get(latin_key, ""))
            for key, (code, latin_key) in NATIVE_NAMES.items()
        }
        return {key: native for key, (native, latin) in names.items() if native != latin}

    def _zone(self) -> dict[str, str]:
        readings = {
            key: text_field.reading("MRZ")
            for key, code in ZONE_KEYS.items()
            if (text_field := self._text.latin(code)) is not None
        }
        parsed = {key: one_line(r.value) for key, r in readings.items() if r is not None}
        for key in DATES:
            if key in parsed:
                parsed[key] = self._date(parsed[key]) or parsed[key]
        return {key: value for key, value in parsed.items() if value}

    def _disagreements(self) -> tuple[Mapping[str, Json], ...]:
        return tuple(
            {
                "field": field_name(text_field.code),
                "usedSource": used.source if used else None,
                "values": [
                    {"source": r.source, "page": r.page, "value": one_line(r.value)}
                    for r in text_field.readings
                ],
            }
            for text_field in self._text.fields
            if text_field.disagrees
            for used in [working_reading(text_field, self._trust)]
        )


def document_type(answer: Answer) -> str:
    """The unified type by the recognised document, else by the class code of the zone."""
    for page in answer.pages:
        if page.type_number:
            return _type_of(page)
    class_code = answer.text.latin(Field.CLASS_CODE)
    letters = class_code.value.replace("<", "").upper() if class_code else ""
    return CLASS_CODES.get(letters) or CLASS_CODES.get(letters[:1], OTHER_DOCUMENT)


def _type_of(page: DocumentPage) -> str:
    return next(
        (name for name, numbers in DOCUMENT_TYPES.items() if page.type_number in numbers),
        OTHER_DOCUMENT,
    )


def _trust(answer: Answer) -> Trust:
    kind = document_type(answer)
    status = answer.status
    return Trust(
        chip=status is not None and status["detailsRFID.PA"] is Check.PASSED,
        mrz=status is not None and status["detailsOptical.mrz"] is Check.PASSED,
        barcode_before_print=kind == "drivers_license"
        or (kind in BARCODE_CARDS and _page_country(answer) in NORTH_AMERICA),
    )


def _page_country(answer: Answer) -> str:
    return next((code for page in answer.pages if (code := alpha3(page.country))), "")


def _if_filled(convert: Callable[[str], str], value: str) -> str:
    return convert(value) if value else ""
