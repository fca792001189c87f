"""What a request must hold for a template to run, as request paths (`documentImages.front`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from providers.base import KycProvider, OffersTemplates, RunsSteps
from providers.types import ImageRole, StepKind

PICTURES = "documentImages."


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """What one plan needs on its own. is_supported: this service can run it."""

    required: tuple[str, ...]
    is_supported: bool


NOTHING_KNOWN = PlanInputs((), is_supported=False)


def plan_inputs(
    adapter: KycProvider, plan_code: str | None, images: frozenset[ImageRole] = frozenset()
) -> PlanInputs:
    """images: pictures that are there already."""
    if plan_code is None or not isinstance(adapter, OffersTemplates):
        return NOTHING_KNOWN
    step = adapter.plan_step(plan_code)
    if step.kind is StepKind.UNSUPPORTED or not isinstance(adapter, RunsSteps):
        return NOTHING_KNOWN
    return PlanInputs(adapter.missing_for_step(step, images, frozenset()), is_supported=True)


def template_inputs(adapter: KycProvider, steps: Sequence[dict[str, Any]]) -> list[str]:
    """What all steps need together: a picture that one step needs serves the later ones too."""
    required: dict[str, None] = {}
    for step in steps:
        images = frozenset(
            ImageRole(path.removeprefix(PICTURES)) for path in required if path.startswith(PICTURES)
        )
        required |= dict.fromkeys(plan_inputs(adapter, step["planCode"], images).required)
    return list(required)
