"""The text lines of a picture, by rapidocr (models inside the wheel, no network)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from providers.sandbox.reading.fields import Rect
from providers.sandbox.reading.pictures import Pixels

# The engine would enlarge flat pictures to 736 pixels of height; the words need no more than this.
ENGINE_PARAMETERS = {
    "Global.log_level": "error",
    "Det.limit_type": "max",
    "Det.limit_side_len": 960,
    "Rec.rec_batch_num": 1,  # lines of one batch are all made as long as its longest
}
SHORTEST_WORD = 4  # letters; the box of a shorter text says nothing of its direction


@dataclass(frozen=True)
class TextLine:
    """A piece of text on one line, its box in pixels, and the engine's confidence (0 to 1)."""

    text: str
    rect: Rect
    confidence: float

    @property
    def height(self) -> int:
        return self.rect[3] - self.rect[1]

    @property
    def middle(self) -> float:
        return (self.rect[1] + self.rect[3]) / 2


class Ocr:
    """One engine for the process; loading takes about a second, so it can be warmed up.

    threads: that work on one picture; -1 for one on each core.
    """

    def __init__(self, threads: int = -1) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._engine: Any = None

    def warm_up(self) -> None:
        with self._lock:
            self._load()

    def lines(self, pixels: Pixels) -> list[TextLine]:
        """Text lines from top to bottom, left to right in a row. One picture at a time."""
        with self._lock:
            self._load()
            found = self._engine(pixels[..., ::-1], use_cls=False)
        if found.txts is None:
            return []
        rows = zip(found.boxes.tolist(), found.txts, found.scores, strict=True)
        lines = [TextLine(text, _rect(box), float(score)) for box, text, score in rows]
        return sorted(lines, key=lambda line: (line.rect[1], line.rect[0]))

    def _load(self) -> None:
        if self._engine is None:
            from rapidocr import RapidOCR  # slow to import, and only needed here

            threads = {"EngineConfig.onnxruntime.intra_op_num_threads": self._threads}
            self._engine = RapidOCR(params=ENGINE_PARAMETERS | threads)


def is_sideways(lines: Sequence[TextLine]) -> bool:
    """Whether most words run up or down the picture (the engine reads those, too)."""
    words = [line for line in lines if len(line.text) >= SHORTEST_WORD]
    upright = sum(line.height < line.rect[2] - line.rect[0] for line in words)
    return upright * 2 < len(words)


def rows(lines: Iterable[TextLine]) -> list[str]:
    """The texts of pieces standing side by side joined, from top to bottom."""
    joined: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda line: line.middle):
        last = joined[-1][-1] if joined else None
        if last and abs(last.middle - line.middle) < 0.5 * min(last.height, line.height):
            joined[-1].append(line)
        else:
            joined.append([line])
    return ["".join(piece.text for piece in sorted(row, key=lambda p: p.rect[0])) for row in joined]


def _rect(box: list[list[float]]) -> Rect:
    columns, lines = [point[0] for point in box], [point[1] for point in box]
    return round(min(columns)), round(min(lines)), round(max(columns)), round(max(lines))
