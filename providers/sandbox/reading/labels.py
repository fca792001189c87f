"""The printed (visual) zone: values found below the labels of the specimens' languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from providers.sandbox.reading.fields import DATE_FIELDS, Field, Value
from providers.sandbox.reading.ocr import TextLine

ALL_NAMES_LABEL = "lastnamefirstnamemiddlename"
LABELS = {
    "type": Field.DOCUMENT_CLASS,
    "codeofissuingstate": Field.ISSUING_STATE,
    "passportno": Field.DOCUMENT_NUMBER,
    "documentno": Field.DOCUMENT_NUMBER,
    "licenseno": Field.DOCUMENT_NUMBER,
    "surname": Field.SURNAME,
    "lastname": Field.SURNAME,
    "givennames": Field.GIVEN_NAMES,
    "firstname": Field.GIVEN_NAMES,
    "middlename": Field.MIDDLE_NAME,
    ALL_NAMES_LABEL: Field.FULL_NAME,
    "nationality": Field.NATIONALITY,
    "dateofbirth": Field.DATE_OF_BIRTH,
    "sex": Field.SEX,
    "placeofbirth": Field.PLACE_OF_BIRTH,
    "dateofissue": Field.DATE_OF_ISSUE,
    "dateofexpiry": Field.DATE_OF_EXPIRY,
    "expirationdate": Field.DATE_OF_EXPIRY,
    "personalno": Field.PERSONAL_NUMBER,
    "address": Field.ADDRESS,
    "authority": Field.AUTHORITY,
}
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
LABEL_LIKENESS = 0.85  # "Sumname" is still "Surname"


def visual_fields(lines: Sequence[TextLine]) -> dict[Field, Value]:
    """What stands below each label; a label without a value is left out."""
    labelled = [(line, label_of(line.text)) for line in lines]
    values = [line for line, label in labelled if label is None]
    fields: dict[Field, Value] = {}
    for line, label in labelled:
        below = _value_below(line, values)
        if label is not None and below is not None:
            fields.setdefault(LABELS[label], _value(LABELS[label], below))
    return fields | _split_names(fields)


def label_of(text: str) -> str | None:
    """The known label this text is, forgiving a misread character or two."""
    key = re.sub(r"[^a-z]", "", text.lower())
    if len(key) < 3 or text.isupper():
        return None
    likeness = {label: SequenceMatcher(None, key, label).ratio() for label in LABELS}
    best = max(likeness, key=lambda label: likeness[label])
    return best if likeness[best] >= LABEL_LIKENESS else None


def printed_date_iso(text: str) -> str | None:
    """`12 AUG 1974`, `1974/08/12` or `12.08.1974` as YYYY-MM-DD; None if it is neither."""
    if match := re.fullmatch(r"(\d{2})\W*([A-Z]{3})\W*(\d{4})", text.upper().strip()):
        day, month, year = match.groups()
        return f"{year}-{MONTHS.index(month) + 1:02}-{day}" if month in MONTHS else None
    if match := re.fullmatch(r"(\d{4})[/.-](\d{2})[/.-](\d{2})", text.strip()):
        return "-".join(match.groups())
    if match := re.fullmatch(r"(\d{2})[/.-](\d{2})[/.-](\d{4})", text.strip()):
        return "-".join(reversed(match.groups()))
    return None


def _value_below(label: TextLine, values: Sequence[TextLine]) -> TextLine | None:
    """The nearest text that starts at the label's left edge, at most two lines below it."""
    below = [
        line
        for line in values
        if 0 < line.middle - label.middle < 3 * label.height
        and abs(line.rect[0] - label.rect[0]) < 1.2 * label.height
    ]
    return min(below, key=lambda line: line.middle, default=None)


def _value(field: Field, line: TextLine) -> Value:
    printed = line.text.strip()
    text = (printed_date_iso(printed) or printed) if field in DATE_FIELDS else printed
    return Value(text, printed, line.rect, line.confidence)


def _split_names(fields: dict[Field, Value]) -> dict[Field, Value]:
    """`DELA CRUZ, JUAN SANTOS`, printed under one label, into its three names."""
    whole = fields.get(Field.FULL_NAME)
    if whole is None or "," not in whole.text:
        return {}
    surname, _, rest = whole.text.partition(",")
    *given, middle = rest.split()
    names = {Field.SURNAME: surname.strip(), Field.GIVEN_NAMES: " ".join(given) or middle}
    if given:
        names[Field.MIDDLE_NAME] = middle
    return {field: Value(name, name, whole.rect, whole.confidence) for field, name in names.items()}
