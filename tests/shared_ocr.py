"""Reading each picture once, although every test process of every run has a sandbox of its own."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
from importlib.metadata import version
from pathlib import Path

from providers.sandbox.reading import ocr
from providers.sandbox.reading.ocr import Ocr, TextLine
from providers.sandbox.reading.pictures import Pixels

# Whatever decides what is read; a change of it makes all that was read before worthless.
READER = repr([*map(version, ("rapidocr", "onnxruntime")), Path(ocr.__file__).read_text()])


class SharedOcr(Ocr):
    """The real engine; what it has read is kept in a directory, for later runs as well.

    A reading takes a second or two, and the same few specimens go through hundreds of tests.
    """

    def __init__(self, directory: Path) -> None:
        # The test processes keep every core busy: more threads would only wait for each other.
        super().__init__(threads=1)
        self._directory = directory

    def warm_up(self) -> None:
        """Most test processes read nothing new, and the engine takes long to load."""

    def lines(self, pixels: Pixels) -> list[TextLine]:
        picture = repr(pixels.shape).encode() + pixels.tobytes()
        name = hashlib.sha256(READER.encode() + picture).hexdigest()
        with (self._directory / name).open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # who comes second waits for the first one's reading
            file.seek(0)
            known = file.read()
            if known:
                return list(pickle.loads(known))
            lines = super().lines(pixels)
            file.write(pickle.dumps(lines))
            return lines
