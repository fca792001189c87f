"""Regula's numbers: check results, result types, text fields, document types.

Source: DocumentReader-web-openapi (published bundle 9.2.731), e-*.yml and rt*.yml.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from providers.sandbox.reading.fields import Field, Source
from providers.sandbox.reading.page import Kind


class Check(IntEnum):
    """0 is a failure: this is no exit code."""

    FAILED = 0
    OK = 1
    NOT_DONE = 2


class ResultType(IntEnum):
    """Kinds of containers."""

    DOCUMENT_TYPE = 9
    LEXICAL_ANALYSIS = 15
    AUTHENTICITY = 20
    IMAGE_QUALITY = 30
    STATUS = 33
    TEXT = 36
    IMAGES = 37
    NO_PAYLOAD = 97


TEXT_FIELDS = {
    Field.DOCUMENT_CLASS: (0, "Document Class Code"),
    Field.ISSUING_STATE: (1, "Issuing State Code"),
    Field.DOCUMENT_NUMBER: (2, "Document Number"),
    Field.DATE_OF_EXPIRY: (3, "Date of Expiry"),
    Field.DATE_OF_ISSUE: (4, "Date of Issue"),
    Field.DATE_OF_BIRTH: (5, "Date of Birth"),
    Field.PLACE_OF_BIRTH: (6, "Place of Birth"),
    Field.PERSONAL_NUMBER: (7, "Personal Number"),
    Field.SURNAME: (8, "Surname"),
    Field.GIVEN_NAMES: (9, "Given Names"),
    Field.SEX: (12, "Sex"),
    Field.ADDRESS: (17, "Address"),
    Field.AUTHORITY: (24, "Authority"),
    Field.FULL_NAME: (25, "Surname And Given Names"),
    Field.NATIONALITY: (26, "Nationality Code"),
    Field.MIDDLE_NAME: (146, "Middle Name"),
}
MRZ_LINES = (51, "MRZ Strings")
DOCUMENT_NUMBER_CHECK_DIGIT = (80, "Document Number Checkdigit")
AGE = (185, "Age")
STATE_NAME = (38, "Issuing State Name")
DOCUMENT_STATUS = (682, "Document Status")
ALPHA2 = {
    Field.ISSUING_STATE: (696, "Issuing State Code Alpha-2"),
    Field.NATIONALITY: (697, "Nationality Code Alpha-2"),
}
CONTAINER_OF = {Source.MRZ: 3, Source.VISUAL: 17, Source.BARCODE: 18}
GRAPHICS_CONTAINER, PAGE_CONTAINER = 6, 1
PORTRAIT, DOCUMENT_SIDE = (201, "Portrait"), (207, "Document front side")
WHITE_LIGHT = 6

DOCUMENT_TYPES = {Kind.PASSPORT: 11, Kind.ID_CARD: 12, Kind.DRIVING_LICENCE: 49}
DOCUMENT_DESCRIPTIONS = {
    Kind.PASSPORT: "Passport",
    Kind.ID_CARD: "Identity Card",
    Kind.DRIVING_LICENCE: "Driving License",
}
DOCUMENT_FORMATS = {Kind.PASSPORT: 2, Kind.ID_CARD: 0, Kind.DRIVING_LICENCE: 0}  # ID3, ID1, ID1

DOCUMENT_LIVENESS, EXTENDED_OCR = 2097152, 4194304  # authenticity types
PASSED, SOURCES_DIFFER, NOT_LIVE = 1, 13, 238  # element diagnoses


def rolled_up(checks: Iterable[Check]) -> Check:
    """Any failure fails; otherwise any success succeeds; otherwise nothing was done."""
    found = set(checks)
    if Check.FAILED in found:
        return Check.FAILED
    return Check.OK if Check.OK in found else Check.NOT_DONE


def check(passed: bool | None) -> Check:
    return Check.NOT_DONE if passed is None else Check.OK if passed else Check.FAILED
