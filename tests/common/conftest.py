from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from PIL import Image


@pytest.fixture(scope="session")
def noise() -> Callable[[str], bytes]:
    """A picture whose data do not compress to a few bytes, so that cutting it takes pixels away."""
    pixels = random.Random(1).randbytes(400 * 400 * 3)

    def make(kind: str) -> bytes:
        buffer = io.BytesIO()
        Image.frombytes("RGB", (400, 400), pixels).save(buffer, kind)
        return buffer.getvalue()

    return make
