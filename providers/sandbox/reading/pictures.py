"""Decoding posted pictures, and the comment in them that names a scenario."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from providers.sandbox.reading.fields import Rect

Pixels = NDArray[np.uint8]  # height x width x 3, RGB

COMMENT_PREFIX = "kyc-sandbox:"
LARGEST_SIDE = 1400  # of the working copy: enough for the lines of a zone, and quick to read


class UnreadablePicture(ValueError):
    """The bytes are no picture that can be decoded."""


def decode(data: bytes) -> Pixels:
    """The picture upright (EXIF) in RGB, its longer side at most LARGEST_SIDE pixels."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise UnreadablePicture(str(error)) from error
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(picture, dtype=np.uint8)


def scenario_comment(data: bytes) -> str | None:
    """The scenario in a JPEG comment or a PNG text chunk: `kyc-sandbox:<scenario>`."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            values = list(opened.info.values())
    except (UnidentifiedImageError, OSError):
        return None
    texts = (v.decode("latin-1") if isinstance(v, bytes) else v for v in values)
    marked = (t for t in texts if isinstance(t, str) and t.startswith(COMMENT_PREFIX))
    return next((text.removeprefix(COMMENT_PREFIX).strip() for text in marked), None)


def jpeg(pixels: Pixels, rect: Rect | None = None, max_width: int | None = None) -> bytes:
    """A part of the picture (or all of it) as JPEG, at most `max_width` pixels wide."""
    picture = Image.fromarray(pixels)
    if rect is not None:
        picture = picture.crop(rect)
    if max_width:
        picture.thumbnail((max_width, picture.height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
