"""Names of people: composing them from what is known, and comparing them with a record's."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from providers.id_types import NAME_PARTS

FULL_MATCH = 100.0
LEAST_LIKENESS = 0.6  # below, two words have only letters in common
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def composed(person: Mapping[str, str]) -> str:
    """First, middle and last name, as far as given."""
    return " ".join(person[part].strip() for part in NAME_PARTS if person.get(part, "").strip())


def best_known(subject: Mapping[str, str], document: Mapping[str, str]) -> str:
    """The tenant's word if it names the person fully, else the document's, else what there is."""
    if subject.get("fullName"):
        return subject["fullName"]
    if subject.get("firstName") and subject.get("lastName"):
        return composed(subject)
    return document.get("fullName") or composed(document) or composed(subject)


@dataclass(frozen=True, slots=True)
class RecordName:
    """A name as a registry's record writes it. is_surname_only: it shows no given name."""

    text: str
    is_surname_only: bool = False


def match_score(record: RecordName, subject: Mapping[str, str]) -> float | None:
    """0 to 100: how much of the name given is in the record's; None if either side has none.

    100 means that every part the record can confirm is in it, whatever the order, the accents and
    the case (IDMeta's own NBI example has first and last name swapped). A middle name or a suffix
    counts only where the record has one too. Below 100 it is, to us, another person.
    """
    recorded = _words(record.text)
    if record.is_surname_only:
        return _surname_score(recorded, subject)
    return _likeness(_comparable(recorded, subject), recorded)


def _surname_score(recorded: list[str], subject: Mapping[str, str]) -> float | None:
    """Within a full name nobody knows which word is the surname, so the record's is looked for."""
    if surname := _words(subject.get("lastName", "")):
        return _likeness(surname, recorded)
    return _likeness(recorded, _words(subject.get("fullName", "")))


def _comparable(recorded: list[str], subject: Mapping[str, str]) -> list[str]:
    """The words of the name given that the record can confirm or contradict."""
    middle, suffix = _words(subject.get("middleName", "")), _words(subject.get("suffix", ""))
    parts = [*_words(subject.get("firstName", "")), *_words(subject.get("lastName", ""))]
    full = [word for word in _words(subject.get("fullName", "")) if word not in middle + suffix]
    # A full name beside its parts must hold too; each word counts once.
    wanted = [*parts, *(word for word in full if word not in parts)]
    left = [word for word in recorded if word not in wanted]
    if set(left) - SUFFIXES:
        wanted = [*wanted, *(word for word in middle if not _is_initial(word, left))]
    if SUFFIXES & set(left):
        wanted = [*wanted, *suffix]
    return wanted


def _likeness(wanted: list[str], there: list[str]) -> float | None:
    """0 to 100: how much of some words is among others; None if there are none to compare."""
    if not wanted or not there:
        return None
    found = sum(len(word) * _best(word, there) for word in wanted)
    # Rounded down, so that only a full match is 100.
    return math.floor(1000 * found / sum(map(len, wanted))) / 10


def _is_initial(word: str, others: list[str]) -> bool:
    """Whether it is the initial of one of the others, or one of them is its initial."""
    return any(word[0] == other[0] and 1 in (len(word), len(other)) for other in others)


def _best(word: str, others: list[str]) -> float:
    """How like the most similar other word it is, 0 to 1; 0 if none is much alike."""
    likeness = max(SequenceMatcher(None, word, other).ratio() for other in others)
    return likeness if likeness >= LEAST_LIKENESS else 0.0


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return re.findall(r"\w+", letters)
