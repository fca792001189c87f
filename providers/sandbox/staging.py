"""Scenarios acted out on what was read, so that both vendors see the same document."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from providers.sandbox.faults import Scenario
from providers.sandbox.reading.fields import Field, Value
from providers.sandbox.reading.mrz import Mrz
from providers.sandbox.reading.page import Page

LONG_PAST = "2019-12-31"
TEST_NUMBER_PREFIX = "SBX"  # on a document; the numbers of registry checks need no prefix
# Endings of test numbers and what they stand for; any other ending passes.
NUMBER_ENDINGS = {
    "1": Scenario.PASSED,
    "2": Scenario.REVIEW,
    "3": Scenario.DECLINED,
    "4": Scenario.NOT_FOUND,
    "5": Scenario.LOGICAL_FAILURE,
    "6": Scenario.MISMATCH,
    "7": Scenario.EXPIRED,
    "9": Scenario.STATUS_500,
}
SURNAMES = {"DECLINED": Scenario.DECLINED, "REVIEW": Scenario.REVIEW}


def staged(page: Page, scenarios: Collection[Scenario]) -> Page:
    """The page with an expiry date in the past, or with a printed number unlike the zone's."""
    if Scenario.EXPIRED in scenarios:
        page = _with_expiry(page, LONG_PAST)
    if Scenario.MISMATCH in scenarios:
        page = _with_other_printed_number(page)
    return page


def marks(page: Page) -> list[Scenario]:
    """The scenarios that a document's surname and, if it starts with SBX, its number stand for."""
    number = first_text(page, Field.DOCUMENT_NUMBER)
    ending = number[-1:] if number.startswith(TEST_NUMBER_PREFIX) else ""
    found = (
        SURNAMES.get(first_text(page, Field.SURNAME).upper()),
        NUMBER_ENDINGS.get(ending),
    )
    return [scenario for scenario in found if scenario]


def first_text(page: Page, field: Field) -> str:
    """The most trusted value of a field on one page, or an empty text."""
    found = (values[field].text for values in page.values().values() if field in values)
    return next(found, "")


def _with_expiry(page: Page, expiry: str) -> Page:
    visual = page.visual
    if Field.DATE_OF_EXPIRY in visual:
        changed = replace(visual[Field.DATE_OF_EXPIRY], text=expiry, printed=expiry)
        visual = visual | {Field.DATE_OF_EXPIRY: changed}
    codes = tuple(
        replace(code, fields=code.fields | {Field.DATE_OF_EXPIRY: expiry}) if code.fields else code
        for code in page.barcodes
    )
    return replace(page, visual=visual, mrz=_zone_with_expiry(page.mrz, expiry), barcodes=codes)


def _zone_with_expiry(zone: Mrz | None, expiry: str) -> Mrz | None:
    if zone is None:
        return None
    return replace(zone, fields=zone.fields | {Field.DATE_OF_EXPIRY: expiry})


def _with_other_printed_number(page: Page) -> Page:
    """Where only the zone has a number, a printed one is invented beside it."""
    number = first_text(page, Field.DOCUMENT_NUMBER)
    if not number:
        return page
    other = number[:-1] + ("0" if number[-1] != "0" else "1")
    printed = page.visual.get(Field.DOCUMENT_NUMBER) or Value(other, other, (0, 0, 0, 0), 0.95)
    changed = replace(printed, text=other, printed=other)
    return replace(page, visual=page.visual | {Field.DOCUMENT_NUMBER: changed})
