"""What `/api/healthz` says. Every member may be null: operators can switch system information off.

Source: Regula Document Reader OpenAPI 9.2 and Face SDK OpenAPI 8.2, Healthcheck.
"""

from __future__ import annotations

from typing import Any

from providers.adapters.regula.mapping_wire import members, text
from providers.types import Json, JsonObject


def scenarios_of(body: Any) -> frozenset[str]:
    """The scenarios the licence covers; empty if the service does not say."""
    listed = members(body).get("scenarios")
    return frozenset(filter(None, map(text, listed))) if isinstance(listed, list) else frozenset()


def service_facts(body: Any) -> JsonObject:
    """version, licenceValidUntil (as the service writes it), databaseVersion, scenarios."""
    answer = members(body)
    facts: JsonObject = {
        "version": text(answer.get("version")),
        "licenceValidUntil": text(answer.get("licenseValidUntil")),
        "databaseVersion": text(members(answer.get("documentsDatabase")).get("version")),
        "scenarios": list[Json](sorted(scenarios_of(body))),
    }
    return {name: fact for name, fact in facts.items() if fact}
