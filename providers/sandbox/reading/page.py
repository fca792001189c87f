"""Everything the sandbox can say about one posted picture."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, TypeVar

import numpy as np

from providers.sandbox.reading.barcodes import Barcode, read_barcodes
from providers.sandbox.reading.faces import Face, find_faces, portrait_rect
from providers.sandbox.reading.fields import Field, Rect, Source, Value
from providers.sandbox.reading.labels import visual_fields
from providers.sandbox.reading.mrz import Mrz, find_mrz
from providers.sandbox.reading.ocr import Ocr, TextLine, is_sideways, rows
from providers.sandbox.reading.pictures import (
    Pixels,
    UnreadablePicture,
    decode,
    jpeg,
    scenario_comment,
)

NOWHERE: Rect = (0, 0, 0, 0)
FEWEST_LINES_OF_TEXT = 3  # below that, a picture is not turned round in search of a document
UPSIDE_DOWN_TURNS, SIDEWAYS_TURNS = (2,), (3, 1)  # quarter turns anticlockwise, likeliest first
Result = TypeVar("Result")
COUNTRIES_IN_TITLES = {"UTOPIA": "UTO", "PHILIPPINES": "PHL"}


class Kind(StrEnum):
    """What sort of document a page belongs to."""

    PASSPORT = "passport"
    ID_CARD = "id_card"
    DRIVING_LICENCE = "driving_licence"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Page:
    """One picture as read. `pixels` is upright; rects are in its pixels."""

    pixels: Pixels
    kind: Kind = Kind.UNKNOWN
    mrz: Mrz | None = None
    visual: dict[Field, Value] = field(default_factory=dict)
    barcodes: Sequence[Barcode] = ()
    faces: Sequence[Face] = ()
    is_specimen: bool = False
    scenario: str | None = None

    @property
    def is_document(self) -> bool:
        """Whether anything on the page says so: its title, a zone, or a barcode with fields."""
        has_data = any(code.fields for code in self.barcodes)
        return self.kind is not Kind.UNKNOWN or self.mrz is not None or has_data

    @property
    def portrait(self) -> bytes | None:
        """Head and shoulders as JPEG, from a page that shows a face."""
        rect = self.portrait_rect
        return jpeg(self.pixels, rect) if rect else None

    @property
    def portrait_rect(self) -> Rect | None:
        return portrait_rect(self.faces[0], self.pixels) if self.faces else None

    def values(self) -> dict[Source, dict[Field, Value]]:
        """Every field by source, in Regula's order of trust (MRZ, BARCODE, VISUAL)."""
        mrz_fields = self.mrz.fields if self.mrz else {}
        zone = {name: Value(text, text, NOWHERE, 0.98) for name, text in mrz_fields.items()}
        coded = {
            name: Value(text, text, code.rect, 1.0)
            for code in self.barcodes
            for name, text in code.fields.items()
        }
        found = {Source.MRZ: zone, Source.BARCODE: coded, Source.VISUAL: self.visual}
        return {source: values for source, values in found.items() if values}


@dataclass(frozen=True)
class FacePicture:
    """A picture of which only the faces were looked for; sizes in pixels."""

    width: int
    height: int
    faces: Sequence[Face]
    scenario: str | None


class Pages:
    """Reads pictures, each only once: results are kept by the SHA-256 of the picture's bytes."""

    def __init__(self, ocr: Ocr, capacity: int = 32) -> None:
        self.ocr = ocr
        self.is_prepared = False
        self._documents = _Memory[Page](capacity)
        self._faces = _Memory[FacePicture](capacity * 8)

    def prepare(self, pictures: Iterable[bytes] = ()) -> None:
        """Load the engine and read these pictures, so that whoever posts them need not wait."""
        self.ocr.warm_up()
        for data in pictures:
            with suppress(UnreadablePicture):
                self.read(data)
        self.is_prepared = True

    def read(self, data: bytes) -> Page:
        """The whole page, in a second or two. Raises UnreadablePicture."""
        return self._documents.remembered(data, self._read_document)

    def read_faces(self, data: bytes) -> FacePicture:
        """Only the faces of a picture, in milliseconds. Raises UnreadablePicture."""
        return self._faces.remembered(data, _read_faces)

    def _read_document(self, data: bytes) -> Page:
        pixels = decode(data)
        lines = self.ocr.lines(pixels)
        page = _page(pixels, lines, data)
        is_turned = is_sideways(lines)
        if len(lines) < FEWEST_LINES_OF_TEXT or (page.is_document and not is_turned):
            return page
        for turns in SIDEWAYS_TURNS if is_turned else UPSIDE_DOWN_TURNS:
            turned = np.ascontiguousarray(np.rot90(pixels, turns))
            other = _page(turned, self.ocr.lines(turned), data)
            if other.is_document:
                return other
        return page


class _Memory(Generic[Result]):
    """The last results; two threads that ask for the same picture wait for one reading."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._results: dict[str, Result] = {}
        self._lock = threading.Lock()

    def remembered(self, data: bytes, read: Callable[[bytes], Result]) -> Result:
        key = hashlib.sha256(data).hexdigest()
        if key in self._results:
            return self._results[key]
        with self._lock:
            if key not in self._results:
                result = read(data)
                while len(self._results) >= self._capacity:
                    del self._results[next(iter(self._results))]
                self._results[key] = result
            return self._results[key]


def _read_faces(data: bytes) -> FacePicture:
    pixels = decode(data)
    height, width = pixels.shape[:2]
    return FacePicture(width, height, find_faces(pixels), scenario_comment(data))


def _page(pixels: Pixels, lines: Sequence[TextLine], data: bytes) -> Page:
    mrz = find_mrz(rows(lines), datetime.now(UTC).date())
    visual = visual_fields(lines)
    titles = " ".join(line.text.upper() for line in lines)
    kind = _kind(mrz, titles) if mrz or len(visual) > 1 else Kind.UNKNOWN
    if kind is not Kind.UNKNOWN and Field.ISSUING_STATE not in visual and mrz is None:
        visual |= _state_in_title(lines)
    return Page(
        pixels=pixels,
        kind=kind,
        mrz=mrz,
        visual=visual if kind is not Kind.UNKNOWN else {},
        barcodes=read_barcodes(pixels),
        faces=find_faces(pixels),
        is_specimen="SPECIMEN" in titles,
        scenario=scenario_comment(data),
    )


def _kind(mrz: Mrz | None, titles: str) -> Kind:
    if mrz is not None:
        return Kind.PASSPORT if mrz.format == "TD3" else Kind.ID_CARD
    if "PASSPORT" in titles:
        return Kind.PASSPORT
    if "DRIVER" in titles or "DRIVING" in titles:
        return Kind.DRIVING_LICENCE
    return Kind.ID_CARD if "IDENTITY CARD" in titles else Kind.UNKNOWN


def _state_in_title(lines: Sequence[TextLine]) -> dict[Field, Value]:
    for line in lines:
        for name, code in COUNTRIES_IN_TITLES.items():
            if name in line.text.upper():
                value = Value(code, line.text, line.rect, line.confidence)
                return {Field.ISSUING_STATE: value}
    return {}
