"""How an ID check is described: its inputs, and the names IDMeta gives them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from providers.id_types import ID_NUMBER, ISO_DATE_PATTERN, IdField, IdType
from providers.types import ImageRole

MONTH_PATTERN = r"\d{4}-(0[1-9]|1[0-2])"
# For numbers whose form no source documents.
ANY_NUMBER_PATTERN = r"[A-Za-z0-9-]{4,40}"


@dataclass(frozen=True, slots=True)
class Input:
    """One input.

    sent_as: the vendor's names for it, a dot leading into an object; () for what is only compared
    with the record. is_local_date: written in the registry's own format.
    """

    field: IdField
    sent_as: tuple[str, ...]
    is_local_date: bool = False


@dataclass(frozen=True, slots=True)
class IdCheck:
    """One registry.

    path: of its endpoint. inputs: what every search takes. ways: the ways to search, where there
    are several; the first one whose required inputs are all given is taken, and only it is sent.
    plan_code: if IDMeta's differs from our code. needs_selfie: the registry compares a face too.
    speaks_v3: its endpoint is of the third API generation.
    """

    code: str
    name: str
    country: str
    path: str
    inputs: tuple[Input, ...] = ()
    ways: tuple[tuple[Input, ...], ...] = ()
    plan_code: str = ""
    needs_selfie: bool = False
    speaks_v3: bool = False

    @property
    def plan(self) -> str:
        return self.plan_code or self.code

    def taken(self, known: Collection[str]) -> tuple[Input, ...]:
        """The inputs to send, knowing these fields."""
        way = next((way for way in self.ways if _needs(way) <= set(known)), ())
        return (*self.inputs, *way)

    def as_id_type(self) -> IdType:
        fields = {given.field.name: given.field for given in self.inputs}
        for way in self.ways:
            for given in way:
                fields.setdefault(given.field.name, replace(given.field, is_required=False))
        return IdType(
            code=self.code,
            name=self.name,
            country=self.country,
            plan_code=self.plan,
            fields=tuple(sorted(fields.values(), key=lambda field: field.name != ID_NUMBER)),
            alternatives=tuple(
                tuple(given.field.name for given in way if given.field.is_required)
                for way in self.ways
            ),
            images=(ImageRole.SELFIE,) if self.needs_selfie else (),
        )


def number(label: str, *sent_as: str, pattern: str | None = None, example: str) -> Input:
    return needed(ID_NUMBER, label, *sent_as, pattern=pattern, example=example)


def needed(name: str, label: str, *sent_as: str, pattern: str | None = None, example: str) -> Input:
    return Input(IdField(name, label, True, pattern, example), sent_as)


def optional(
    name: str, label: str, *sent_as: str, pattern: str | None = None, example: str
) -> Input:
    return Input(IdField(name, label, False, pattern, example), sent_as)


def needed_date(name: str, label: str, *sent_as: str, example: str) -> Input:
    return needed(name, label, *sent_as, pattern=ISO_DATE_PATTERN, example=example)


def optional_date(name: str, label: str, *sent_as: str, example: str) -> Input:
    return optional(name, label, *sent_as, pattern=ISO_DATE_PATTERN, example=example)


def birth_date(*sent_as: str) -> Input:
    return needed_date("dateOfBirth", "Date of birth", *sent_as, example="1994-05-17")


def _needs(way: tuple[Input, ...]) -> set[str]:
    return {given.field.name for given in way if given.field.is_required}
