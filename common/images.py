"""Is this really a picture we can use? Pillow decides type, size, truncation and bombs."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MIN_SHORTER_SIDE = 300


class ImageRefused(ValueError):
    """The picture cannot be used; the message says why and what would do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ImageFacts:
    mime_type: str
    width: int
    height: int


def inspect_image(data: bytes) -> ImageFacts:
    """Type and size of a whole, decodable picture.

    The declared type is not asked: the bytes decide. Raises ImageRefused for anything that is not
    a JPEG, PNG or WebP of at most 10 MB and 40 megapixels, at least 300 px on the shorter side.
    """
    if len(data) > MAX_BYTES:
        raise ImageRefused("too_big", f"is larger than {MAX_BYTES // 1024**2} MB")
    facts = _facts(data)
    if min(facts.width, facts.height) < MIN_SHORTER_SIDE:
        raise ImageRefused(
            "too_small",
            f"is {facts.width}x{facts.height} px; the shorter side needs at least "
            f"{MIN_SHORTER_SIDE} px",
        )
    return facts


def _facts(data: bytes) -> ImageFacts:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise ImageRefused(
                        "too_many_pixels", f"has more than {MAX_PIXELS // 10**6} megapixels"
                    )
                facts = ImageFacts(FORMATS[picture.format or ""], picture.width, picture.height)
                # A scaled JPEG decode reads the whole file at a fraction of the cost.
                picture.draft(None, (picture.width // 8 or 1, picture.height // 8 or 1))
                picture.load()
                return facts
    except UnidentifiedImageError:
        raise ImageRefused("wrong_type", "is not a JPEG, PNG or WebP picture") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefused(
            "too_many_pixels", f"has more than {MAX_PIXELS // 10**6} megapixels"
        ) from None
    except (OSError, SyntaxError, ValueError, IndexError, EOFError) as error:
        if isinstance(error, ImageRefused):
            raise
        raise ImageRefused("broken", "is damaged or cut off; send the whole file") from None
