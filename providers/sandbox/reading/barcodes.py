"""PDF417 and QR codes: their text, and the fields of AAMVA licences or key=value lists.

Source: zxing-cpp; AAMVA DL/ID Card Design Standard, annex D (element ids).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import zxingcpp

from providers.sandbox.reading.fields import DATE_FIELDS, Field, Rect
from providers.sandbox.reading.pictures import Pixels

KEYS = {
    "doc": Field.DOCUMENT_NUMBER,
    "surname": Field.SURNAME,
    "given": Field.GIVEN_NAMES,
    "dob": Field.DATE_OF_BIRTH,
    "sex": Field.SEX,
    "exp": Field.DATE_OF_EXPIRY,
    "state": Field.ISSUING_STATE,
    "address": Field.ADDRESS,
}
AAMVA_ELEMENTS = {
    "DAQ": Field.DOCUMENT_NUMBER,
    "DCS": Field.SURNAME,
    "DAC": Field.GIVEN_NAMES,
    "DAD": Field.MIDDLE_NAME,
    "DBB": Field.DATE_OF_BIRTH,
    "DBD": Field.DATE_OF_ISSUE,
    "DBA": Field.DATE_OF_EXPIRY,
    "DBC": Field.SEX,
    "DCG": Field.ISSUING_STATE,
    "DAG": Field.ADDRESS,
}
AAMVA_SEXES = {"1": "M", "2": "F"}


@dataclass(frozen=True)
class Barcode:
    """A code on the page. `fields` is empty when the text is in no form that is known here."""

    symbology: str
    text: str
    rect: Rect
    fields: dict[Field, str]


def read_barcodes(pixels: Pixels) -> list[Barcode]:
    """The PDF417 and QR codes of a picture. Bytes that are not UTF-8 are read as Latin-1."""
    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.PDF417, zxingcpp.BarcodeFormat.QRCode])
    return [
        Barcode(code.format.name, text, _rect(code.position), barcode_fields(text))
        for code in zxingcpp.read_barcodes(pixels, formats=wanted)
        for text in [_text(code.bytes)]
    ]


def barcode_fields(text: str) -> dict[Field, str]:
    if "ANSI " in text[:40]:
        return _aamva_fields(text)
    pairs = (part.partition("=") for part in re.split(r"[;\n]", text))
    return {KEYS[key.strip()]: value for key, _, value in pairs if key.strip() in KEYS and value}


def _aamva_fields(text: str) -> dict[Field, str]:
    fields: dict[Field, str] = {}
    for line in re.split(r"[\r\n]+", text):
        match = re.search(r"(?:^|DL|ID)(D[A-Z]{2})(.+)$", line)
        if match and match.group(1) in AAMVA_ELEMENTS:
            fields[AAMVA_ELEMENTS[match.group(1)]] = match.group(2).strip()
    for field in DATE_FIELDS & fields.keys():
        fields[field] = _aamva_date(fields[field])
    if Field.SEX in fields:
        fields[Field.SEX] = AAMVA_SEXES.get(fields[Field.SEX], fields[Field.SEX])
    return fields


def _aamva_date(digits: str) -> str:
    """MMDDCCYY (United States) or CCYYMMDD (Canada)."""
    if digits[:2] in ("19", "20"):
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    return f"{digits[4:8]}-{digits[:2]}-{digits[2:4]}"


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _rect(position: zxingcpp.Position) -> Rect:
    corners = (position.top_left, position.top_right, position.bottom_left, position.bottom_right)
    columns, lines = [corner.x for corner in corners], [corner.y for corner in corners]
    return min(columns), min(lines), max(columns), max(lines)
