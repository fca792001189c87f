"""What a vendor tells of itself: its templates, its notices, its health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.types.vocabulary import Json, Verdict


@dataclass(frozen=True, slots=True)
class VendorTemplate:
    """A template as the vendor lists it. plan_ids: the vendor's plan ids, in order, as text."""

    external_id: str
    name: str
    plan_ids: tuple[str, ...]
    metadata: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VendorPlan:
    """A plan of the vendor's catalogue. pricing: {amount, currency} as text, empty if unknown."""

    external_id: str
    code: str
    name: str
    pricing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VendorTemplatePage:
    """total: how many templates the vendor says there are on all pages, None if it does not.

    left_out: entries of this page that count in the total and give no template of their own,
    because they have no id or repeat one of the same page.
    """

    templates: tuple[VendorTemplate, ...]
    plans: tuple[VendorPlan, ...]
    page: int
    is_last: bool
    total: int | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class InboundNotice:
    """What a vendor's callback says. is_signed False: anyone could have sent it.

    verdict: the vendor's overall status as ours, None if the notice carries none.
    dedupe_key: equal for two deliveries of the same notice.
    """

    kind: str
    external_id: str | None
    verdict: Verdict | None
    is_terminal: bool
    is_signed: bool
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class Health:
    """How the provider is, and what it says about itself.

    latency_ms: of the slowest service. is_reachable: it answered, whatever the answer was.
    """

    is_healthy: bool
    detail: str
    latency_ms: int | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    is_reachable: bool = True
