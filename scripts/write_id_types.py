"""Write the list of ID types in docs/id-checks.md, below its last heading, from the tables."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from providers.adapters.idmeta.id_types import ID_TYPES
from providers.id_types import IdField, IdType, request_path

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "id-checks.md"
HEADING = "## The types"
COUNTRIES = {"PH": "Philippines", "ID": "Indonesia", "AU": "Australia"}


def main() -> None:
    DOCUMENT.write_text(with_types(DOCUMENT.read_text()))


def with_types(document: str) -> str:
    """The document with everything below the heading written anew."""
    above, heading, _ = document.partition(f"\n{HEADING}\n")
    return above + heading + "\n" + "\n".join(lines())


def lines() -> Iterator[str]:
    for country, id_types in groupby(ID_TYPES, key=lambda id_type: id_type.country):
        yield f"### {COUNTRIES[country]}\n"
        for id_type in id_types:
            yield from section(id_type)


def section(id_type: IdType) -> Iterator[str]:
    yield f"#### {id_type.code}\n"
    yield f"{id_type.name}; plan `{id_type.plan_code}`.{_besides(id_type)}\n"
    yield "| field | needed | form | example |"
    yield "|---|---|---|---|"
    for field in id_type.fields:
        form = f"`{_in_table(field.pattern)}`" if field.pattern else "any"
        needed = _needed(field, id_type)
        yield f"| `{field.path}` | {needed} | {form} | {field.example} |"
    yield ""


def _needed(field: IdField, id_type: IdType) -> str:
    if field.is_required:
        return "yes"
    return "in one way" if any(field.name in way for way in id_type.alternatives) else "no"


def _besides(id_type: IdType) -> str:
    """What the rows of the table cannot tell: ways to search, and pictures."""
    ways = [" and ".join(_code(request_path(name)) for name in way) for way in id_type.alternatives]
    pictures = [_code(f"documentImages.{role.value}") for role in id_type.images]
    sentences = [f"One of: {'; '.join(ways)}." if ways else ""]
    sentences.append(f"Needs {' and '.join(pictures)}." if pictures else "")
    return "".join(f" {sentence}" for sentence in sentences if sentence)


def _code(text: str) -> str:
    return f"`{text}`"


def _in_table(pattern: str) -> str:
    """A bar would end the cell."""
    return pattern.replace("|", r"\|")


if __name__ == "__main__":
    main()
