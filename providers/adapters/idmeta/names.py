"""Names of people: composing them from what is known, and comparing them with a record's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

PARTS = ("firstName", "middleName", "lastName")


def composed(person: Mapping[str, str]) -> str:
    """First, middle and last name, as far as given."""
    return " ".join(person[part].strip() for part in PARTS if person.get(part, "").strip())


def best_known(subject: Mapping[str, str], document: Mapping[str, str]) -> str:
    """The tenant's word if it names the person fully, else the document's, else what there is."""
    if subject.get("fullName"):
        return subject["fullName"]
    if subject.get("firstName") and subject.get("lastName"):
        return composed(subject)
    return document.get("fullName") or composed(document) or composed(subject)


def agrees(record_name: str, subject: Mapping[str, str]) -> bool:
    """Whether first and last name are both in a record's full name, in any order.

    IDMeta's own NBI example has them swapped. True if either side gives no name to compare.
    """
    given = _words(f"{subject.get('firstName', '')} {subject.get('lastName', '')}")
    recorded = _words(record_name)
    return not recorded or given <= recorded


def _words(name: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return set(re.findall(r"\w+", letters))
