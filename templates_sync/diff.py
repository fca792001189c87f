"""What a fresh copy changes in the one we hold. Pure: keys and plain field values."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Keys (vendor's ids or codes), each in one group. added: new ones, and those that are back."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "withdrawn": len(self.withdrawn),
            "unchanged": len(self.unchanged),
        }


def difference(
    held: Mapping[str, Fields], active: AbstractSet[str], wanted: Mapping[str, Fields]
) -> Difference:
    """held: everything we have, by key, withdrawn ones too. active: the keys not withdrawn."""
    groups: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    for key, fields in wanted.items():
        if key not in active:
            groups["added"].append(key)
        elif held[key] != fields:
            groups["changed"].append(key)
        else:
            groups["unchanged"].append(key)
    return Difference(
        added=tuple(groups["added"]),
        changed=tuple(groups["changed"]),
        withdrawn=tuple(key for key in active if key not in wanted),
        unchanged=tuple(groups["unchanged"]),
    )
