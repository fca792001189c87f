"""camelCase on the wire, snake_case inside."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rest_framework import serializers
from rest_framework.utils.serializer_helpers import BindingDict


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


class CamelFields(serializers.Serializer[Any]):
    """A serializer whose fields are written in snake_case and named in camelCase.

    Field validators are then named after the wire (`validate_documentNumber`).
    """

    def get_fields(self) -> dict[str, Any]:
        named = {}
        for name, field in super().get_fields().items():
            wire_name = camel(name)
            if wire_name != name and field.source is None:
                field.source = name
            named[wire_name] = field
        return named


class FixedFields(CamelFields):
    """One whose fields are made once, where DRF copies them for each object; for what many requests
    use.

    They must not depend on `context` or `partial`, which are those of the first object.
    """

    @property
    def fields(self) -> BindingDict:
        return _fields_of(type(self))


@lru_cache(maxsize=64)
def _fields_of(kind: type[FixedFields]) -> BindingDict:
    first = kind()
    fields = BindingDict(first)
    for name, field in first.get_fields().items():
        fields[name] = field
    return fields
