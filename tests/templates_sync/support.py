"""What vendors list, for tests that write the list themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.types import VendorPlan, VendorTemplate, VendorTemplatePage
from templates_sync.models import ProviderTemplate

DOCUMENT = VendorPlan("166", "document_verification", "Document Verification", {"amount": "0.50"})
LIVENESS = VendorPlan("162", "biometrics_verification", "Biometrics Verification")
PLANS = (DOCUMENT, LIVENESS)

Listed = VendorTemplatePage | BaseException


def template(external_id: str, name: str = "", *plan_ids: str) -> VendorTemplate:
    return VendorTemplate(external_id, name or f"T{external_id}", plan_ids or ("166",))


class Vendor:
    """What the vendor lists. pages: the same in every reading; an exception is raised.

    answers: what the next readings give instead, pages or a function that yields them.
    readings: how many there were.
    """

    def __init__(self) -> None:
        self.pages: Sequence[Listed] = []
        self.answers: list[Iterable[Listed] | Callable[[IdmetaAdapter], Iterable[Listed]]] = []
        self.readings = 0

    def lists(
        self,
        *templates: VendorTemplate,
        plans: Sequence[VendorPlan] = PLANS,
        total: int | None = None,
    ) -> None:
        self.pages = [VendorTemplatePage(templates, tuple(plans), 1, True, total)]

    def read(self, adapter: IdmetaAdapter) -> Iterator[VendorTemplatePage]:
        self.readings += 1
        answer = self.answers.pop(0) if self.answers else self.pages
        for page in answer(adapter) if callable(answer) else answer:
            if isinstance(page, BaseException):
                raise page
            yield page


def counts(added=0, changed=0, withdrawn=0, unchanged=0):
    return {"added": added, "changed": changed, "withdrawn": withdrawn, "unchanged": unchanged}


def rows():
    """`(name, version, is_active)` of all templates, by the vendor's id."""
    return {
        row.external_template_id: (row.name, row.version, row.is_active)
        for row in ProviderTemplate.objects.all()
    }


def page(number, *templates, is_last=False, total=None, left_out=0):
    return VendorTemplatePage(templates, PLANS, number, is_last, total, left_out)
