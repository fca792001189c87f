"""What commands show on a terminal: a table, and a bar while they wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

BAR_WIDTH = 30


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Left-aligned columns, two spaces apart."""
    lines = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


class ProgressBar:
    """Templates read so far, on one line that is written over; silent unless on a terminal."""

    def __init__(self, stream: TextIO, label: str) -> None:
        self._stream = stream
        self._label = label
        self._is_shown = stream.isatty()

    def show(self, done: int, total: int | None) -> None:
        if not self._is_shown:
            return
        filled = BAR_WIDTH * done // total if total else 0
        bar = "#" * min(filled, BAR_WIDTH)
        # The cursor goes back, so that a line of the log takes the bar's place.
        self._stream.write(f"\r{self._label} [{bar:{BAR_WIDTH}}] {done}/{total or '?'}\r")
        self._stream.flush()

    def clear(self) -> None:
        if self._is_shown:
            self._stream.write("\r\033[K")
            self._stream.flush()
