"""The vendor's templates and plans as the fields of our rows, by the vendor's id or code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.base import OffersTemplates
from providers.types import VendorPlan, VendorTemplate
from templates_sync.diff import Fields

LONGEST_TEMPLATE_ID = 255
LONGEST_PLAN_CODE = 100
LONGEST_PLAN_ID = 100
LONGEST_NAME = 255


def wanted_plans(
    plans: Mapping[str, VendorPlan], adapter: OffersTemplates
) -> dict[str, dict[str, Any]]:
    return {
        code: {
            "external_plan_id": _text(plan.external_id, LONGEST_PLAN_ID),
            "plan_name": _text(plan.name, LONGEST_NAME),
            "category": adapter.plan_step(code).kind.value,
            "pricing": {name: _text(value, LONGEST_NAME) for name, value in plan.pricing.items()},
        }
        for code, plan in plans.items()
        if _fits(code, LONGEST_PLAN_CODE)
    }


def wanted_templates(
    templates: Mapping[str, VendorTemplate], plans: Mapping[str, Fields]
) -> dict[str, dict[str, Any]]:
    """plans: the fields of every plan known, by code; they give the steps their names."""
    codes = {fields["external_plan_id"]: code for code, fields in plans.items()}
    return {
        external_id: {
            "name": _text(template.name, LONGEST_NAME),
            "steps": _steps(template.plan_ids, codes, plans),
            "metadata": {
                key: _text(value, LONGEST_NAME) if isinstance(value, str) else value
                for key, value in template.metadata.items()
            },
        }
        for external_id, template in templates.items()
        if _fits(external_id, LONGEST_TEMPLATE_ID)
    }


def _steps(
    plan_ids: Sequence[str], codes: Mapping[str, str], plans: Mapping[str, Fields]
) -> list[dict[str, Any]]:
    """A plan that no catalogue names keeps its id and has no code."""
    steps = []
    for order, plan_id in enumerate(plan_ids, start=1):
        code = codes.get(plan_id)
        name = plans[code]["plan_name"] if code else f"Plan {_text(plan_id, LONGEST_PLAN_ID)}"
        steps.append({"order": order, "planCode": code, "planId": plan_id, "name": name})
    return steps


def _fits(key: str, longest: int) -> bool:
    """A key that the column cannot hold as it is could not be found again; it is left out."""
    return len(key) <= longest and key.isprintable()


def _text(value: str, longest: int) -> str:
    """What a column can hold: PostgreSQL refuses NUL, and a label needs no control characters."""
    return "".join(character for character in value if character.isprintable())[:longest]
