"""camelCase on the wire, snake_case inside."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


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
