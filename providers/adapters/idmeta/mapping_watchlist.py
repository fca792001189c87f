"""What a watchlist search says (IDMeta API reference, "Watchlist and AML screening", read 2026)."""

from __future__ import annotations

from providers.adapters.idmeta import reasons
from providers.adapters.idmeta.failures import failed_step, failure_texts, unknown_step
from providers.adapters.idmeta.reading import (
    Object,
    as_list,
    as_number,
    as_object,
    as_score,
    as_text,
)
from providers.types import Json, StepResult, Verdict


def watchlist_step(plan_code: str, body: Object) -> StepResult:
    """A hit is no rejection: a person looks whether it is the same person."""
    if (failed := failure_texts(body)) is not None:
        return failed_step(plan_code, failed)
    results = as_object(as_object(body.get("result")).get("results"))
    matches = [as_object(match) for match in as_list(results.get("matches"))]
    count = as_number(results.get("matchCount"))
    if count is None and "matches" not in results:
        return unknown_step(plan_code)
    hits = max(int(count or 0), len(matches))
    vendor: dict[str, Json] = {
        "aml": {"matchCount": hits, "matches": [_match(match) for match in matches]}
    }
    if hits:
        return StepResult(Verdict.REVIEW, (reasons.WATCHLIST_MATCH,), vendor=vendor)
    return StepResult(Verdict.PASSED, vendor=vendor)


def _match(match: Object) -> Json:
    """What tells a reviewer which entry to open; names and addresses stay at IDMeta."""
    return {
        "resourceId": as_text(match.get("resourceId")),
        "score": as_score(match.get("score"), 1),
        "matchedBy": as_text(match.get("match")),
        "datasets": [as_text(dataset) for dataset in as_list(match.get("datasets"))],
        "countries": [as_text(country) for country in as_list(match.get("countries"))],
    }
