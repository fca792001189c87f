"""What a registry's record tells of a person and a number.

Source: IDMeta API reference, "NBI clearance" and "PhilSys check via API", read 2026. The records
of LTO, PRC, police and SSS are documented nowhere; they are looked for under likely names.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from providers.adapters.idmeta.document_fields import tidy
from providers.adapters.idmeta.names import RecordName, composed
from providers.adapters.idmeta.reading import Object, as_date, as_flag, as_text

# Our keys, and the names registries give them; the first that is there counts.
TEXT_FIELDS = {
    "fullName": ("full_name", "fullName"),
    "firstName": ("first_name", "firstName"),
    "middleName": ("middle_name", "middleName"),
    "lastName": ("last_name", "lastName", "surname"),
    "sex": ("gender", "sex"),
    "documentNumber": ("ID_no", "licenseNumber", "licenseNo", "clearanceNo", "crnSsNumber"),
    "address": ("full_address", "address"),
}
DATE_FIELDS = {
    "dateOfBirth": ("birth_date", "dateOfBirth", "date_of_birth"),
    "expiryDate": ("clearance_expiry", "expirationDate", "expiryDate", "validUntil"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """fields: keys of `IdFindings.record`. says_expired: the registry's own word."""

    fields: Mapping[str, str] = field(repr=False)
    name: RecordName = field(repr=False)
    says_expired: bool

    @classmethod
    def read(cls, data: Object) -> Self:
        fields = {key: _first(data, spellings) for key, spellings in TEXT_FIELDS.items()}
        dates = {key: _date(_first(data, spellings)) for key, spellings in DATE_FIELDS.items()}
        read = tidy({**fields, **dates})
        return cls(read, _name(read), as_flag(data.get("is_expired")) is True)

    @property
    def expiry_date(self) -> str | None:
        return self.fields.get("expiryDate")

    def has_expired(self, today: date) -> bool:
        """By the registry's word or by the date, whichever is worse."""
        is_past = self.expiry_date is not None and self.expiry_date < today.isoformat()
        return self.says_expired or is_past


def _name(read: Mapping[str, str]) -> RecordName:
    """NBI's own example mixes up first and last name, so the full name comes first."""
    is_surname_only = not read.get("fullName") and not read.get("firstName")
    return RecordName(read.get("fullName") or composed(read), is_surname_only)


def _first(data: Object, spellings: tuple[str, ...]) -> str:
    return next((text for name in spellings if (text := as_text(data.get(name)))), "")


def _date(text: str) -> str:
    """YYYY-MM-DD of such a date, with or without a time, or of "July 25, 2023"; else ""."""
    if iso := re.match(r"(\d{4})-(\d{2})-(\d{2})(?!\d)", text):
        return as_date(*iso.groups())
    words = re.fullmatch(r"([A-Z][a-z]+) (\d{1,2}), (\d{4})", text)
    months = list(calendar.month_name)
    if words is None or words[1] not in months:
        return ""
    return as_date(words[3], months.index(words[1]), words[2])
