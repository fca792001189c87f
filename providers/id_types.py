"""ID numbers a provider can check, and the inputs a check needs: plain data and its rules.

An ID type is one entry in its adapter's table. Everything else follows from it: what a request
must hold, what is refused before the vendor is asked, what `GET /api/v1/id-types` shows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from providers.types import ImageRole

ID_NUMBER = "idNumber"
LIVENESS_SESSION = "faceLivenessSessionId"
FULL_NAME = "fullName"
NAME_PARTS = ("firstName", "middleName", "lastName")
ISO_DATE_PATTERN = r"\d{4}-\d{2}-\d{2}"


@dataclass(frozen=True, slots=True)
class IdField:
    """One input of an ID check.

    name: `idNumber` or a key of the request's `userData`. pattern: a regular expression the whole
    value must match, None where the source documents no format. example: invented.
    """

    name: str
    label: str
    is_required: bool = True
    pattern: str | None = None
    example: str = ""

    @property
    def path(self) -> str:
        """Where the request holds it."""
        return request_path(self.name)

    @property
    def is_date(self) -> bool:
        return self.pattern == ISO_DATE_PATTERN

    def accepts(self, value: str) -> bool:
        """Digits are ASCII digits: a registry knows no others."""
        if self.pattern is None:
            return True
        has_form = re.fullmatch(self.pattern, value, re.ASCII) is not None
        return has_form and (not self.is_date or _is_day(value))


@dataclass(frozen=True, slots=True)
class IdType:
    """An ID number a provider can check. country: ISO alpha-2. plan_code: the vendor's.

    alternatives: besides what is required, one of these sets of fields must be given in full; ()
    if there is nothing to choose. images: pictures the check compares the record with.
    """

    code: str
    name: str
    country: str
    plan_code: str
    fields: tuple[IdField, ...]
    alternatives: tuple[tuple[str, ...], ...] = ()
    images: tuple[ImageRole, ...] = ()

    @property
    def needs_liveness(self) -> bool:
        """Whether the person has to prove to be alive first."""
        return any(field.name == LIVENESS_SESSION for field in self.fields)

    def missing(self, given: Collection[str], images: Collection[ImageRole] = ()) -> list[str]:
        """Request paths that are still needed; of several ways, those of the nearest one.

        given: names of the fields that are there. A full name may be put together from its parts. A
        number that is given is searched for: a way without it would leave it unchecked.
        """
        known = {*given, FULL_NAME} if set(NAME_PARTS) & set(given) else set(given)
        needed = [field.name for field in self.fields if field.is_required]
        lacking = [name for name in needed if name not in known]
        by_number = [way for way in self.alternatives if ID_NUMBER in way and ID_NUMBER in known]
        possible = by_number or self.alternatives
        ways = [[name for name in way if name not in known] for way in possible]
        nearest = min(ways, key=len) if ways else []
        pictures = [f"documentImages.{role.value}" for role in self.images if role not in images]
        return [request_path(name) for name in dict.fromkeys([*lacking, *nearest])] + pictures

    def malformed(self, given: Mapping[str, str]) -> list[IdField]:
        """The fields whose value has not the documented form."""
        return [
            field
            for field in self.fields
            if field.name in given and not field.accepts(given[field.name])
        ]


def request_path(name: str) -> str:
    return name if name == ID_NUMBER else f"userData.{name}"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
