"""The other containers of an answer: Status, document type, authenticity, quality, images.

Source: DocumentReader-web-openapi, rt33, rt9, rt20, rt30, rt37.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence

from providers.sandbox.calls import JsonObject
from providers.sandbox.countries import country
from providers.sandbox.faults import Scenario
from providers.sandbox.reading.fields import Field, Rect
from providers.sandbox.reading.page import Kind, Page
from providers.sandbox.reading.pictures import jpeg
from providers.sandbox.regula import assumed, numbers
from providers.sandbox.regula.numbers import Check, check, rolled_up
from providers.sandbox.regula.text import Texts
from providers.sandbox.staging import first_text

NumberedPages = Sequence[tuple[int, Page]]

QUALITY_CHECKS = (1, 0, 7, 5, 4, 2)  # focus, glare, portrait, bounds, perspective, resolution
NO_IMAGE: JsonObject = {"image": "", "format": ".jpg"}


def status_body(
    pages: NumberedPages, texts: Texts, scenarios: Collection[Scenario], *,
    with_authenticity: bool, generation: int,
) -> JsonObject:  # fmt: skip
    """Container 33. Servers of generation 8 have no age, detailsAge and mDL."""
    known = any(page.is_document for _, page in pages)
    security = security_check(scenarios) if with_authenticity and known else Check.NOT_DONE
    stop_list = Check.FAILED if Scenario.DECLINED in scenarios else Check.NOT_DONE
    quality = Check.OK if known else Check.NOT_DONE
    parts = (check(known), texts.expiry, texts.mrz, security, texts.status, quality)
    optical = rolled_up(parts)
    body: JsonObject = {
        "overallStatus": rolled_up((optical, stop_list)),
        "optical": optical,
        "portrait": Check.NOT_DONE,
        "rfid": Check.NOT_DONE,
        "stopList": stop_list,
        "detailsOptical": {
            "overallStatus": optical,
            "docType": check(known),
            "expiry": texts.expiry,
            "imageQA": quality,
            "mrz": texts.mrz,
            "pagesCount": len(pages) if known else assumed.PAGES_WITHOUT_DOCUMENT,
            "security": security,
            "text": texts.status,
            "vds": Check.NOT_DONE,
        },
        "detailsRFID": dict.fromkeys(
            ("overallStatus", "AA", "BAC", "CA", "PA", "PACE", "TA"), Check.NOT_DONE
        ),
    }
    if Scenario.UNKNOWN_ENUM in scenarios:
        body["overallStatus"] = assumed.UNKNOWN_CHECK
    return body | (_age_body(texts.age_years) if generation >= 9 else {})


def document_type_body(page: Page, page_index: int) -> JsonObject:
    """Container 9: the chosen document type of one page."""
    code = first_text(page, Field.ISSUING_STATE)
    state = country(code)
    name = state.name if state else code or "Unknown"
    description = numbers.DOCUMENT_DESCRIPTIONS[page.kind]
    side = " Side B" if page_index else ""
    return {
        "DocumentName": f"{name} - {description} (2020){side}",
        "ID": 999_000_001 + page_index,
        "P": 0.98,
        "RFID_Presence": 0,
        "Rotated180": 0,
        "RotationAngle": 0,
        "NecessaryLights": numbers.WHITE_LIGHT,
        "CheckAuthenticity": numbers.DOCUMENT_LIVENESS | numbers.EXTENDED_OCR,
        "AuthenticityNecessaryLights": numbers.WHITE_LIGHT,
        "UVExp": 0,
        "OVIExp": 0,
        "FDSIDList": {
            "Count": 1,
            "ICAOCode": code,
            "List": [99_999],
            "dCountryName": name,
            "dDescription": description,
            "dFormat": numbers.DOCUMENT_FORMATS[page.kind],
            "dMRZ": page.mrz is not None,
            "dType": numbers.DOCUMENT_TYPES[page.kind],
            "dYear": "2020",
            "isDeprecated": False,
        },
    }


def authenticity_body(scenarios: Collection[Scenario]) -> JsonObject:
    """Container 20 of one page: document liveness, and text security (extended OCR)."""
    live, text = Scenario.FORGED not in scenarios, Scenario.REVIEW not in scenarios
    liveness: JsonObject = {
        "Type": numbers.DOCUMENT_LIVENESS,
        "ElementResult": check(live),
        "ElementDiagnose": numbers.PASSED if live else numbers.NOT_LIVE,
        "ElementType": 0,
        "LightIndex": numbers.WHITE_LIGHT,
        "Image": NO_IMAGE,
        "EtalonImage": NO_IMAGE,
    }
    extended: JsonObject = {
        "Type": numbers.EXTENDED_OCR,
        "ElementResult": check(text),
        "ElementDiagnose": numbers.PASSED if text else numbers.SOURCES_DIFFER,
        "ElementType": 0,
        "ElementRect": {"left": 0, "top": 0, "right": 0, "bottom": 0},
        "Visibility": 0,
        "CriticalFlag": 1,
    }
    groups = [
        {"Type": element["Type"], "Result": element["ElementResult"], "Count": 1,
         "List": [element]}
        for element in (liveness, extended)
    ]  # fmt: skip
    return {"Count": len(groups), "List": groups}


def security_check(scenarios: Collection[Scenario]) -> Check:
    return check(Scenario.FORGED not in scenarios and Scenario.REVIEW not in scenarios)


def quality_body(page: Page) -> JsonObject:
    """Container 30 of one page; a page without a face has no portrait to judge."""
    items = [
        {
            "type": kind,
            "result": Check.NOT_DONE if kind == 7 and not page.faces else Check.OK,
            "featureType": 0,
            "mean": 0,
            "std_dev": 0,
            "probability": 99 if kind in (0, 1) else 0,
        }
        for kind in QUALITY_CHECKS
    ]
    return {"Count": len(items), "List": items, "result": Check.OK}


def images_body(pages: NumberedPages, max_width: int | None) -> JsonObject:
    """Container 37: the portrait and each page; both sides of a card are of type 207."""
    known = [(index, page) for index, page in pages if page.is_document]
    portraits = [
        _image(index, jpeg(page.pixels, rect, max_width), numbers.GRAPHICS_CONTAINER, rect)
        for index, page in known
        if (rect := page.portrait_rect)
    ]
    sides = [
        _image(index, jpeg(page.pixels, None, max_width), numbers.PAGE_CONTAINER, None)
        for index, page in known
    ]
    found = ((numbers.PORTRAIT, portraits[:1]), (numbers.DOCUMENT_SIDE, sides))
    return {
        "availableSourceList": [
            {"containerType": container, "source": "VISUAL"}
            for container, images in (
                (numbers.GRAPHICS_CONTAINER, portraits), (numbers.PAGE_CONTAINER, sides)
            )
            if images
        ],
        "fieldList": [
            {"fieldType": number, "fieldName": name, "valueList": images}
            for (number, name), images in found
            if images
        ],
    }  # fmt: skip


def more_pages_expected(pages: NumberedPages) -> int:
    """A card whose back with the zone is missing needs one more page."""
    kinds = {page.kind for _, page in pages}
    has_zone = any(page.mrz for _, page in pages)
    return int(kinds == {Kind.ID_CARD} and not has_zone and len(pages) == 1)


def _age_body(age: int | None) -> JsonObject:
    details = {
        f"over{limit}": Check.NOT_DONE if age is None else check(age >= limit)
        for limit in (18, 21, 25, 65)
    }
    return {
        "age": Check.NOT_DONE if age is None else Check.OK,
        "detailsAge": {"threshold": 0, "overThreshold": Check.NOT_DONE, **details},
        "mDL": Check.NOT_DONE,
    }


def _image(page_index: int, data: bytes, container: int, rect: Rect | None) -> JsonObject:
    body: JsonObject = {
        "containerType": container,
        "source": "VISUAL",
        "value": base64.b64encode(data).decode("ascii"),
        "lightIndex": numbers.WHITE_LIGHT,
        "originalPageIndex": page_index,
        "pageIndex": page_index,
    }
    if rect is not None:
        body["fieldRect"] = dict(zip(("left", "top", "right", "bottom"), rect, strict=True))
    return body
