"""IDMeta's template list and plan catalogue.

The list is known from one client's capture only, so it is read with tolerance: pages may lack the
paginator's fields, the list may be bare, and a template's plans are a list or a list as JSON text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from providers.adapters.idmeta.reading import Object, as_list, as_number, as_object, as_text
from providers.errors import UnreadableAnswer
from providers.types import Json, VendorPlan, VendorTemplate, VendorTemplatePage

PER_PAGE = 100
MAX_PAGES = 2000


def pages(fetch: Callable[[int], Object]) -> Iterator[VendorTemplatePage]:
    """Every page until the vendor says it is the last, or the list is over.

    A page with nothing new ends the list too, unless the vendor says that it is the page we asked
    for: templates added meanwhile move others to the next page.
    fetch: gives the page with a number, counted from 1. Raises UnreadableAnswer if a page is no
    template list, or the list does not end; the caller must then not take it for complete.
    """
    seen: set[str] = set()
    for number in range(1, MAX_PAGES + 1):
        body = fetch(number)
        entries = _entries(body)
        listed = {found.external_id: found for found in map(_template, entries) if found}
        new = {key: found for key, found in listed.items() if key not in seen}
        seen.update(new)
        paginator = as_object(body.get("templates"))
        is_last = not entries or _is_last(paginator, number, bool(new))
        total = as_number(paginator.get("total"))
        yield VendorTemplatePage(
            templates=tuple(new.values()),
            plans=_plans(body),
            page=number,
            is_last=is_last,
            total=None if total is None else int(total),
            left_out=len(entries) - len(listed),
        )
        if is_last:
            return
    raise UnreadableAnswer(f"IDMeta's template list has more than {MAX_PAGES} pages")


def _entries(body: Object) -> list[Object]:
    listed = body.get("templates")
    items = as_object(listed).get("data") if as_object(listed) else listed
    if not isinstance(items, list):
        raise UnreadableAnswer("IDMeta's answer holds no template list")
    return [as_object(item) for item in items]


def _template(entry: Object) -> VendorTemplate | None:
    """None if it has no id."""
    external_id = as_text(entry.get("id"))
    if not external_id:
        return None
    plan_ids = (as_text(plan_id) for plan_id in as_list(entry.get("dropzone_plans")))
    workflow_id = as_text(entry.get("workflow_id"))
    metadata: dict[str, Json] = {"workflowId": workflow_id} if workflow_id else {}
    return VendorTemplate(
        external_id=external_id,
        name=as_text(entry.get("name")),
        plan_ids=tuple(plan_id for plan_id in plan_ids if plan_id),
        metadata=metadata,
    )


def _is_last(paginator: Object, number: int, has_new: bool) -> bool:
    current, last = as_number(paginator.get("current_page")), as_number(paginator.get("last_page"))
    if paginator.get("next_page_url", "") is None:
        return True
    if last is not None and (current or number) >= last:
        return True
    return not has_new and current != number


def _plans(body: Object) -> tuple[VendorPlan, ...]:
    """The catalogue; where it lacks a plan, the choices list has at least its name."""
    options = [as_object(option) for option in as_list(body.get("verificationTypeOptions"))]
    entries = [as_object(plan) for plan in as_list(body.get("plans"))]
    catalogue = [
        *(_plan({**option, "id": option.get("value")}) for option in options),
        *(_plan(entry) for entry in entries),
    ]
    return tuple({plan.code: plan for plan in catalogue if plan.code}.values())


def _plan(entry: Object) -> VendorPlan:
    code, rate = as_text(entry.get("plan")), as_text(entry.get("rate"))
    if not rate and (number := as_number(entry.get("rate"))) is not None:
        rate = str(number)
    currency = as_text(entry.get("currency"))
    return VendorPlan(
        external_id=as_text(entry.get("id")),
        code=code,
        name=as_text(entry.get("label")) or code,
        pricing={"amount": rate, "currency": currency} if rate else {},
    )
