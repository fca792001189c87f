"""What tests may switch while the sandbox runs (POST /control/settings)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum


class Switch(StrEnum):
    """What may go wrong with IDMeta's webhooks."""

    FORGED = "forged"
    DOUBLED = "doubled"
    LATE = "late"
    EARLY = "early"
    REORDERED = "reordered"
    MISSING = "missing"


@dataclass
class Settings:
    """The switches under their JSON names; the defaults are the vendors' current behaviour."""

    documentShape: str = "A"  # noqa: N815  IDMeta document answers: "A" (current) or "B" (SDK era)
    unknownTemplateStatus: int = 422  # noqa: N815  IDMeta create with an unknown template: or 404
    templates: int = 0  # IDMeta: pad each account's list to this many (0 = only its own)
    numbersAsText: bool = False  # noqa: N815  IDMeta scores as text, which clients have seen
    regulaGeneration: int = 9  # noqa: N815  8 leaves out age, detailsAge and mDL
    recogniseSpecimens: bool = True  # noqa: N815  Regula field 682; older servers lack it
    licence: str = "valid"  # Regula: "expired" makes process and match 403, readyz 400
    faceMatchCode: int = 0  # noqa: N815  Regula: a code for every match answer (0 = as found)
    decidesLater: bool = False  # noqa: N815  IDMeta: finalize says 5 until /control/decisions
    webhookUrl: str = ""  # noqa: N815  IDMeta's webhooks go there; none without
    webhookSecret: str = ""  # noqa: N815  signs them; unsigned without
    webhookHeader: str = "Idmeta-Signature"  # noqa: N815  where the signature stands
    webhookPrefix: str = ""  # noqa: N815  before the signature
    webhookFormat: str = "typed"  # noqa: N815  "legacy" is the flat format, "both" are both
    webhookSwitches: str = ""  # noqa: N815  what goes wrong with them, separated by commas
    webhookLateSeconds: float = 5.0  # noqa: N815  for the switch "late"

    def has(self, switch: Switch) -> bool:
        return switch in _words(self.webhookSwitches)


CHOICES: dict[str, tuple[object, ...]] = {
    "documentShape": ("A", "B"),
    "unknownTemplateStatus": (404, 422),
    "regulaGeneration": (8, 9),
    "licence": ("valid", "expired"),
    "webhookPrefix": ("", "sha256="),
    "webhookFormat": ("typed", "legacy", "both"),
}
MOST_TEMPLATES = 10_000


def change(settings: Settings, changes: dict[str, object]) -> list[str]:
    """Apply `changes` if all are valid; otherwise change nothing and say what is wrong."""
    kinds = {field.name: type(getattr(settings, field.name)) for field in fields(settings)}
    problems = [
        f"{name}: unknown or not allowed: {value!r}"
        for name, value in changes.items()
        if name not in kinds
        or not _fits(value, kinds[name])
        or (name in CHOICES and value not in CHOICES[name])
    ]
    wanted = changes.get("templates", 0)
    if isinstance(wanted, int) and not 0 <= wanted <= MOST_TEMPLATES:
        problems.append(f"templates: 0 to {MOST_TEMPLATES}")
    if unknown := _words(str(changes.get("webhookSwitches", ""))) - set(Switch):
        problems.append(f"webhookSwitches: unknown: {', '.join(sorted(unknown))}")
    if not problems:
        for name, value in changes.items():
            setattr(settings, name, value)
    return problems


def _fits(value: object, kind: type) -> bool:
    return type(value) is kind or (kind is float and type(value) is int)


def _words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",") if word.strip()}


def reset(settings: Settings) -> None:
    for name, value in vars(Settings()).items():
        setattr(settings, name, value)
