"""Document Reader: /api/process and its health calls.

Source: DocumentReader-web-openapi, p-process.yml, p-healthcheck.yml, p-ping.yml.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus

from providers.sandbox.calls import Call, JsonObject, decoded
from providers.sandbox.faults import Scenario
from providers.sandbox.reading.page import Page
from providers.sandbox.reading.pictures import UnreadablePicture
from providers.sandbox.regula import assumed, containers
from providers.sandbox.regula.numbers import ResultType
from providers.sandbox.regula.text import SERVER_LOCALE, Texts, texts_of
from providers.sandbox.regula.text_bodies import lexical_body, text_body
from providers.sandbox.staging import marks, staged

FINISHED, TIMED_OUT = 1, 2


class Answer(Exception):
    """Raised to answer at once: nothing is processed or billed."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


def process(call: Call) -> JsonObject:
    """Read the posted pages and answer with the containers that were asked for."""
    started = time.monotonic()
    require_licence(call)
    param = call.body.get("processParam")
    if not isinstance(param, dict) or not param.get("scenario"):
        raise Answer(HTTPStatus.BAD_REQUEST)
    pages = _pages(call)
    for _, page in pages:
        for mark in marks(page):
            call.note(mark)
    pages = [(index, staged(page, call.scenarios)) for index, page in pages]
    if Scenario.NOT_FOUND in call.scenarios:
        pages = [(index, Page(page.pixels)) for index, page in pages]
    call.sandbox.bills.charge_regula(
        account=call.text("tenant") or "default",
        kind="process",
        tag=call.text("tag"),
        correlation_id=call.correlation_id,
    )
    return _answer(call, param, pages, started)


def health(call: Call) -> JsonObject:
    settings = call.sandbox.settings
    database, exported = assumed.DATABASES[settings.regulaGeneration]
    return {
        "app": "Document Reader Web API",
        **licence_body(call),
        "licenseType": "Transaction",
        "scenarios": assumed.SCENARIOS,
        "version": assumed.VERSIONS[settings.regulaGeneration],
        "documentsDatabase": {
            "id": "FullAuth",
            "version": database,
            "exportDate": exported,
            "description": "Sandbox: the specimens of docs/specimens",
        },
        "metadata": {},
    }


def ping(call: Call) -> JsonObject:
    """Deprecated in the specification, but still served; its keys have dashes."""
    licence = licence_body(call)
    return {
        "app-name": "Document Reader Web API",
        "license-id": licence["licenseId"],
        "valid-until": licence["licenseValidUntil"],
        "server-time": datetime.now(UTC).isoformat(),
    }


def licence_body(call: Call) -> JsonObject:
    is_valid = call.sandbox.settings.licence == "valid"
    return {
        "licenseId": "00000000-0000-4000-8000-00000000dead",
        "licenseSerial": "SANDBOX",
        "licenseValidUntil": "2036-01-01T00:00:00Z" if is_valid else "2020-01-01T00:00:00Z",
    }


def require_licence(call: Call) -> None:
    """Raises Answer 403 while the licence is switched to expired."""
    if call.sandbox.settings.licence == "expired":
        raise Answer(HTTPStatus.FORBIDDEN)


def _pages(call: Call) -> list[tuple[int, Page]]:
    """One page for each page_idx, read from its first picture (ordinary light comes first)."""
    items = call.body.get("List")
    if not isinstance(items, list) or not items:
        raise Answer(HTTPStatus.BAD_REQUEST)
    pages: dict[int, Page] = {}
    for item in items:
        index, data = _image(item, len(pages))
        if index not in pages:
            pages[index] = _read(call, data)
    return sorted(pages.items(), key=lambda numbered: numbered[0])


def _image(item: object, next_index: int) -> tuple[int, bytes]:
    """The page_idx of an item of `List`, and its picture. Raises Answer 400."""
    fields = item if isinstance(item, dict) else {}
    holder, index = fields.get("ImageData"), fields.get("page_idx", next_index)
    image = holder.get("image") if isinstance(holder, dict) else None
    data = decoded(image) if isinstance(image, str) else None
    if data is None or not isinstance(index, int):
        raise Answer(HTTPStatus.BAD_REQUEST)
    return index, data


def _read(call: Call, data: bytes) -> Page:
    try:
        page = call.sandbox.pages.read(data)
    except UnreadablePicture as error:
        raise Answer(HTTPStatus.BAD_REQUEST) from error
    call.note(page.scenario)
    return page


def _answer(
    call: Call, param: JsonObject, pages: list[tuple[int, Page]], started: float
) -> JsonObject:
    settings = call.sandbox.settings
    date_format = param.get("dateFormat")
    documents = [(index, page) for index, page in pages if page.is_document]
    texts = texts_of(
        documents,
        date_format=date_format if isinstance(date_format, str) else SERVER_LOCALE,
        with_alpha2=param.get("generateAlpha2Codes") is True,
        with_specimen=settings.recogniseSpecimens,
    )
    found = [
        {**payload, "buf_length": 8, "light": 0, "list_idx": 0, "page_idx": index,
         "result_type": kind}
        for kind, index, payload in _containers(call, param, pages, texts)
        if _is_wanted(kind, param.get("resultTypeOutput"))
    ]  # fmt: skip
    unfinished = Scenario.NOT_FINISHED in call.scenarios
    return {
        "ChipPage": 0,
        "CoreLibResultCode": 0,
        "ProcessingFinished": TIMED_OUT if unfinished else FINISHED,
        "ContainerList": {"Count": len(found), "List": found},
        "TransactionInfo": _transaction(call),
        "elapsedTime": round(1000 * (time.monotonic() - started)),
        "morePagesAvailable": containers.more_pages_expected(documents),
        "passBackObject": call.body.get("passBackObject"),
        "metadata": {
            "serverTime": datetime.now(UTC).isoformat(),
            "ctx": {"userIp": call.request.remote_addr},
        },
    }


def _containers(
    call: Call, param: JsonObject, pages: list[tuple[int, Page]], texts: Texts
) -> Iterator[tuple[ResultType, int, JsonObject]]:
    """(type, page index, payload) of every container, wanted or not."""
    scenarios, generation = call.scenarios, call.sandbox.settings.regulaGeneration
    with_authenticity = param.get("scenario") == "FullAuth" or param.get("checkAuth") is True
    documents = [(index, page) for index, page in pages if page.is_document]
    for index, page in documents:
        kind = containers.document_type_body(page, index)
        yield ResultType.DOCUMENT_TYPE, index, {"OneCandidate": kind}
    for index, page in documents:
        quality = containers.quality_body(page)
        yield ResultType.IMAGE_QUALITY, index, {"ImageQualityCheckList": quality}
    if with_authenticity:
        for index, _ in documents:
            authenticity = containers.authenticity_body(scenarios)
            yield ResultType.AUTHENTICITY, index, {"AuthenticityCheckList": authenticity}
    yield ResultType.LEXICAL_ANALYSIS, 0, {"ListVerifiedFields": lexical_body(texts)}
    yield ResultType.TEXT, 0, {"Text": text_body(texts)}
    width = param.get("imageOutputMaxWidth")
    images = containers.images_body(pages, width if isinstance(width, int) else None)
    yield ResultType.IMAGES, 0, {"Images": images}
    yield ResultType.NO_PAYLOAD, 0, {}
    status = containers.status_body(
        pages, texts, scenarios, with_authenticity=with_authenticity, generation=generation
    )
    yield ResultType.STATUS, 0, {"Status": status}


def _is_wanted(kind: ResultType, wanted: object) -> bool:
    """Type 97 comes even unasked, so that readers learn to skip a container without payload."""
    if not isinstance(wanted, list) or not wanted:
        return True
    return kind in wanted or kind is ResultType.NO_PAYLOAD


def _transaction(call: Call) -> JsonObject:
    generation = call.sandbox.settings.regulaGeneration
    database, exported = assumed.DATABASES[generation]
    return {
        "TransactionID": str(uuid.uuid4()),
        "DateTime": datetime.now(UTC).isoformat(),
        "Tag": call.text("tag"),
        "Version": assumed.VERSIONS[generation],
        "ComputerName": "sandbox-host",
        "SystemInfo": "Linux, sandbox-host, x86_64",
        "UserName": "",
        "DocumentsDatabase": {
            "ID": "FullAuth",
            "Version": database,
            "ExportDate": exported,
            "Description": "Sandbox",
        },
    }
