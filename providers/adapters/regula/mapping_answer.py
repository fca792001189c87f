"""The answer of `/api/process`, read by `result_type` into plain data.

Servers of all generations are accepted: missing members and nulls read as "not done" or empty,
unknown result types, members and containers without their payload are skipped.
Source: Regula Document Reader OpenAPI 9.2, ProcessResponse and the containers it holds.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.adapters.regula import mapping_text
from providers.adapters.regula.field_codes import PORTRAIT_IMAGE, Container
from providers.adapters.regula.mapping_numbers import (
    Check,
    check,
    is_finished,
    lexical_disagrees,
)
from providers.adapters.regula.mapping_wire import members, number, objects, text, whole
from providers.errors import UnreadableAnswer
from providers.types import Json

PORTRAIT_SOURCES = ("RFID", "VISUAL", "BARCODE")
STATUS_MEMBERS = ("overallStatus", "optical", "portrait", "rfid", "stopList", "age", "mDL")
STATUS_DETAILS = {
    "detailsOptical": (
        "overallStatus",
        "docType",
        "expiry",
        "imageQA",
        "mrz",
        "security",
        "text",
        "vds",
    ),
    "detailsRFID": ("overallStatus", "AA", "BAC", "CA", "PA", "PACE", "TA"),
}
RAW_DETAILS = ("detailsOptical", "detailsRFID", "detailsAge")
PAYLOAD_MEMBERS = {
    Container.DOCUMENT_TYPE: "OneCandidate",
    Container.LEXICAL_ANALYSIS: "ListVerifiedFields",
    Container.AUTHENTICITY: "AuthenticityCheckList",
    Container.IMAGE_QUALITY: "ImageQualityCheckList",
    Container.STATUS: "Status",
    Container.TEXT: "Text",
    Container.IMAGES: "Images",
}


@dataclass(frozen=True, slots=True)
class Status:
    """Container 33.

    checks: by member name, details as `detailsOptical.mrz`. raw: the numbers as they came.
    """

    checks: Mapping[str, Check]
    raw: Mapping[str, Json]

    def __getitem__(self, name: str) -> Check:
        return self.checks[name]

    @property
    def failed(self) -> frozenset[str]:
        return frozenset(name for name, result in self.checks.items() if result is Check.FAILED)


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Container 9, the recognised type of one page. probability: 0.0 to 1.0."""

    page: int
    name: str
    type_number: int | None
    country: str
    year: str
    probability: float | None
    has_chip: bool
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Element:
    """One element of an authenticity check. percent: similarity of two portraits, 0 to 100."""

    result: Check
    diagnose: int | None
    kind: int | None
    percent: float | None


@dataclass(frozen=True, slots=True)
class FeatureCheck:
    """Container 20, one check of one page; page 255 holds the checks across pages."""

    feature: int | None
    result: Check
    page: int
    elements: tuple[Element, ...]

    @property
    def overall(self) -> Check:
        """The check's own result, unless one of its elements is worse."""
        results = {self.result, *(element.result for element in self.elements)}
        worst = (result for result in (Check.FAILED, Check.UNKNOWN) if result in results)
        return next(worst, self.result)


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """Container 30, one check of one page."""

    kind: int | None
    result: Check
    page: int


@dataclass(frozen=True, slots=True)
class Answer:
    """status None: no Status container. raw: numbers of the envelope as they came."""

    is_finished: bool
    raw: Mapping[str, Json]
    has_chip_page: bool
    more_pages: int
    server_version: str
    transaction_id: str
    status: Status | None
    text: mapping_text.Text = field(repr=False)
    lexical_mismatches: frozenset[int]
    pages: tuple[DocumentPage, ...]
    features: tuple[FeatureCheck, ...]
    quality: tuple[QualityCheck, ...]
    portrait: bytes | None = field(repr=False)


def read_answer(body: Any) -> Answer:
    """Raises UnreadableAnswer for a body without ContainerList: a login page, a demo page."""
    envelope = members(body)
    if not isinstance(envelope.get("ContainerList"), dict):
        raise UnreadableAnswer("The provider's answer is not one of Regula's Document Reader")
    transaction = members(envelope.get("TransactionInfo"))
    return Answer(
        is_finished=is_finished(
            envelope.get("ProcessingFinished"), envelope.get("CoreLibResultCode")
        ),
        raw=_numbers(
            envelope, ("ProcessingFinished", "CoreLibResultCode", "ChipPage", "morePagesAvailable")
        ),
        has_chip_page=(whole(envelope.get("ChipPage")) or 0) > 0,
        more_pages=whole(envelope.get("morePagesAvailable")) or 0,
        server_version=text(transaction.get("Version")),
        transaction_id=text(transaction.get("TransactionID")),
        status=_status(envelope),
        text=mapping_text.read_text(payload for payload, _ in _payloads(envelope, Container.TEXT)),
        lexical_mismatches=_lexical_mismatches(envelope),
        pages=tuple(sorted(_pages(envelope), key=lambda page: page.page)),
        features=tuple(_features(envelope)),
        quality=tuple(_quality(envelope)),
        portrait=_portrait(envelope),
    )


def _payloads(
    envelope: dict[str, Any], container: Container
) -> Iterator[tuple[dict[str, Any], int]]:
    """Payload and page of every container of a type that has its payload."""
    for item in objects(envelope["ContainerList"].get("List")):
        payload = item.get(PAYLOAD_MEMBERS[container])
        if item.get("result_type") == container and isinstance(payload, dict):
            yield payload, whole(item.get("page_idx")) or 0


def _status(envelope: dict[str, Any]) -> Status | None:
    for payload, _ in _payloads(envelope, Container.STATUS):
        checks = {name: check(payload.get(name)) for name in STATUS_MEMBERS}
        for group, names in STATUS_DETAILS.items():
            details = members(payload.get(group))
            checks |= {f"{group}.{name}": check(details.get(name)) for name in names}
        raw: dict[str, Json] = {**_numbers(payload, STATUS_MEMBERS)}
        for group in RAW_DETAILS:
            details = members(payload.get(group))
            if details:
                raw[group] = _numbers(details, tuple(details))
        return Status(checks, raw)
    return None


def _numbers(source: dict[str, Any], names: tuple[str, ...]) -> dict[str, Json]:
    """The numbers among these members; anything else could hold text we must not keep."""
    return {name: source[name] for name in names if whole(source.get(name)) is not None}


def _lexical_mismatches(envelope: dict[str, Any]) -> frozenset[int]:
    return frozenset(
        code
        for payload, _ in _payloads(envelope, Container.LEXICAL_ANALYSIS)
        for row in objects(payload.get("pFieldMaps"))
        if (code := whole(row.get("wFieldType"))) is not None
        and lexical_disagrees(row.get("Matrix"))
    )


def _pages(envelope: dict[str, Any]) -> Iterator[DocumentPage]:
    for payload, page in _payloads(envelope, Container.DOCUMENT_TYPE):
        details = members(payload.get("FDSIDList"))
        yield DocumentPage(
            page=page,
            name=text(payload.get("DocumentName")),
            type_number=whole(details.get("dType")),
            country=text(details.get("ICAOCode")),
            year=text(details.get("dYear")),
            probability=number(payload.get("P")),
            has_chip=(whole(payload.get("RFID_Presence")) or 0) > 0,
            is_withdrawn=details.get("isDeprecated") is True,
        )


def _features(envelope: dict[str, Any]) -> Iterator[FeatureCheck]:
    for payload, page in _payloads(envelope, Container.AUTHENTICITY):
        for item in objects(payload.get("List")):
            yield FeatureCheck(
                feature=whole(item.get("Type")),
                result=check(item.get("Result")),
                page=page,
                elements=tuple(_element(element) for element in objects(item.get("List"))),
            )


def _element(element: dict[str, Any]) -> Element:
    return Element(
        result=check(element.get("ElementResult")),
        diagnose=whole(element.get("ElementDiagnose")),
        kind=whole(element.get("ElementType")),
        percent=number(element.get("PercentValue")),
    )


def _quality(envelope: dict[str, Any]) -> Iterator[QualityCheck]:
    for payload, page in _payloads(envelope, Container.IMAGE_QUALITY):
        for item in objects(payload.get("List")):
            yield QualityCheck(whole(item.get("type")), check(item.get("result")), page)


def _portrait(envelope: dict[str, Any]) -> bytes | None:
    """The holder's picture: from the chip, else the page, else the barcode."""
    found: dict[str, bytes] = {}
    for payload, _ in _payloads(envelope, Container.IMAGES):
        for image_field in objects(payload.get("fieldList")):
            if image_field.get("fieldType") == PORTRAIT_IMAGE:
                for value in objects(image_field.get("valueList")):
                    picture = _decoded(value.get("value"))
                    if picture:
                        found.setdefault(text(value.get("source")), picture)
    return next((found[source] for source in PORTRAIT_SOURCES if source in found), None)


def _decoded(value: Any) -> bytes | None:
    try:
        return base64.b64decode(text(value), validate=True)
    except binascii.Error:
        return None
