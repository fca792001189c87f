"""What can be read from a page: the names of the fields, and a value with its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Rect = tuple[int, int, int, int]  # left, top, right, bottom in pixels of the posted picture


class Field(StrEnum):
    """The fields the sandbox knows. Values in dates are ISO (YYYY-MM-DD) wherever they parse."""

    DOCUMENT_CLASS = "document_class"
    ISSUING_STATE = "issuing_state"
    DOCUMENT_NUMBER = "document_number"
    SURNAME = "surname"
    GIVEN_NAMES = "given_names"
    MIDDLE_NAME = "middle_name"
    FULL_NAME = "full_name"
    NATIONALITY = "nationality"
    DATE_OF_BIRTH = "date_of_birth"
    SEX = "sex"
    PLACE_OF_BIRTH = "place_of_birth"
    DATE_OF_ISSUE = "date_of_issue"
    DATE_OF_EXPIRY = "date_of_expiry"
    PERSONAL_NUMBER = "personal_number"
    ADDRESS = "address"
    AUTHORITY = "authority"


DATE_FIELDS = frozenset({Field.DATE_OF_BIRTH, Field.DATE_OF_ISSUE, Field.DATE_OF_EXPIRY})


class Source(StrEnum):
    """Where a value was read, in Regula's words ("Source", Document Reader OpenAPI)."""

    MRZ = "MRZ"
    VISUAL = "VISUAL"
    BARCODE = "BARCODE"


@dataclass(frozen=True)
class Value:
    """A field as read: `text` in the form above, `printed` as on the page, and its place."""

    text: str
    printed: str
    rect: Rect
    confidence: float
