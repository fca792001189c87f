"""docs/id-checks.md lists exactly the ID types of the tables."""

from __future__ import annotations

import re

from providers.adapters.idmeta.id_types import ID_TYPES
from scripts.write_id_types import DOCUMENT, with_types


def test_the_document_lists_the_types_as_they_are():
    """If this fails: python -m scripts.write_id_types"""
    document = DOCUMENT.read_text()

    assert with_types(document) == document
    assert re.findall(r"^#### (\w+)$", document, re.MULTILINE) == [known.code for known in ID_TYPES]


def test_every_field_stands_in_its_types_section():
    sections = re.split(r"^#### ", DOCUMENT.read_text(), flags=re.MULTILINE)[1:]

    for id_type, section in zip(ID_TYPES, sections, strict=True):
        rows = re.findall(r"^\| `(\w[\w.]*)`", section, re.MULTILINE)
        assert rows == [field.path for field in id_type.fields]
        assert all(f"| {field.example} |" in section for field in id_type.fields)


def test_what_stands_above_the_list_is_kept():
    assert with_types("# Title\n\n## The types\nold\n").startswith("# Title\n\n## The types\n\n###")
