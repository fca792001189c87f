"""The vendor's whole list, read before anything of ours is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from providers.base import OffersTemplates
from providers.models import ProviderAccount
from providers.services import adapter_for
from providers.types import VendorPlan, VendorTemplate, VendorTemplatePage
from templates_sync.errors import SyncFailed

READINGS = 3

# Called after each page with the templates read so far and how many there are, if that is known.
Progress = Callable[[int, int | None], None]


def no_progress(done: int, total: int | None) -> None:
    """For callers who don't watch."""


@dataclass(slots=True)
class VendorCatalogue:
    """What the vendor has, by its ids and codes. total: how many templates it says there are."""

    templates: dict[str, VendorTemplate] = field(default_factory=dict)
    plans: dict[str, VendorPlan] = field(default_factory=dict)
    total: int | None = None
    left_out: int = 0

    @property
    def is_surely_empty(self) -> bool:
        """The vendor says itself that there is nothing; a bare empty list may be an outage."""
        return not self.templates and self.total == 0

    @property
    def is_short(self) -> bool:
        """Fewer templates were listed than the vendor says there are."""
        return len(self.templates) + self.left_out < (self.total or 0)


class _ListMoved(Exception):
    """The pages don't add up: a template may have slipped between two, or a page was empty."""


def read_catalogue(
    account: ProviderAccount, on_page: Progress = no_progress
) -> tuple[VendorCatalogue, OffersTemplates]:
    """Every page, and the adapter that read them. Raises ProviderError, or SyncFailed.

    A list that changes while it is read, or is shorter than the vendor says, is read again, up to
    three times.
    """
    adapter = adapter_for(account)
    if not isinstance(adapter, OffersTemplates):
        raise SyncFailed("templates_not_supported", "The provider has no templates")
    for _ in range(READINGS):
        try:
            return _catalogue(adapter.template_pages(), on_page), adapter
        except _ListMoved:
            continue
    raise SyncFailed("list_unstable", "The vendor's template list did not add up in any reading")


def _catalogue(pages: Iterable[VendorTemplatePage], on_page: Progress) -> VendorCatalogue:
    found = VendorCatalogue()
    for page in pages:
        if found.total is not None and page.total not in (None, found.total):
            raise _ListMoved
        found.total = page.total if found.total is None else found.total
        found.templates.update((template.external_id, template) for template in page.templates)
        found.plans.update((plan.code, plan) for plan in page.plans)
        found.left_out += page.left_out
        on_page(len(found.templates), found.total)
    if found.is_short:
        raise _ListMoved
    return found
