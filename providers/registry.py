"""Which vendors there are: one line each."""

from __future__ import annotations

from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.adapters.regula.adapter import RegulaAdapter
from providers.base import KycProvider

ADAPTERS: dict[str, type[KycProvider]] = {
    adapter.slug: adapter for adapter in (RegulaAdapter, IdmetaAdapter)
}


class UnknownProvider(LookupError):
    """No adapter has this slug; the message lists those there are."""


def adapter_class(slug: str) -> type[KycProvider]:
    """Raises UnknownProvider."""
    try:
        return ADAPTERS[slug]
    except KeyError:
        known = ", ".join(sorted(ADAPTERS))
        raise UnknownProvider(f"There is no provider {slug!r}; known are: {known}") from None
