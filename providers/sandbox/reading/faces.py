"""Finding and comparing faces by colour and shape.

Made for the drawn people of docs/specimens: the same drawn person is recognised at another size,
in other light and other clothes. It is no biometric engine and knows nothing of real people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from providers.sandbox.reading.fields import Rect
from providers.sandbox.reading.pictures import Pixels

WORKING_SIDE = 640
SMALLEST_SHARE = 0.004  # of the picture's area; smaller patches of skin colour are noise
FACE_SHAPE = 1.25  # height to width of the compared part: hairline to chin
DESCRIPTOR_SIZE = (32, 40)
# Correlations measured on the specimens: above 0.98 for one person, below 0.45 for two.
HALF_SIMILAR_CORRELATION = 0.65
STEEPNESS = 12.0


@dataclass(frozen=True)
class Face:
    """A face in a picture: its box in pixels and what it is compared by."""

    rect: Rect
    descriptor: tuple[float, ...]
    touches_border: bool

    @property
    def width(self) -> int:
        return self.rect[2] - self.rect[0]


def find_faces(pixels: Pixels) -> list[Face]:
    """The faces of an RGB picture, the largest first; a twentieth of the largest is not one."""
    scale = WORKING_SIDE / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    count, _, stats, _ = cv2.connectedComponentsWithStats(_skin(np.asarray(small, np.uint8)))
    found = []
    for left, top, width, height, area in stats[1:count].tolist():
        if area >= SMALLEST_SHARE * small.shape[0] * small.shape[1] and height >= width:
            bottom = top + min(height, int(FACE_SHAPE * width))
            box = (left, top, left + width, bottom)
            found.append((area, box))
    found.sort(reverse=True)
    return [_face(pixels, box, scale) for area, box in found if area * 20 > found[0][0]]


def similarity(first: Face, second: Face) -> float:
    """How alike two faces are, from 0.0 to 1.0; one person scores above 0.9, two below 0.4."""
    correlation = float(np.dot(first.descriptor, second.descriptor))
    return 1 / (1 + math.exp(STEEPNESS * (HALF_SIMILAR_CORRELATION - correlation)))


def portrait_rect(face: Face, pixels: Pixels) -> Rect:
    """Head and shoulders around a face, within the picture."""
    left, top, right, _ = face.rect
    height, width = pixels.shape[:2]
    return (
        max(0, left - int(0.45 * face.width)),
        max(0, top - int(0.60 * face.width)),
        min(width, right + int(0.45 * face.width)),
        min(height, top + int(1.80 * face.width)),
    )


def _skin(small: Pixels) -> Pixels:
    """255 where the colour is one of skin: red over green over blue, neither grey nor vivid."""
    red, green, blue = (small[..., channel].astype(np.int32) for channel in range(3))
    spread = 100 * (red - blue)
    mask = (red > 70) & (red - green > 20) & (green - blue > 8)
    mask &= (spread > 15 * red) & (spread < 58 * red)
    kernel = np.ones((3, 3), np.uint8)
    opened = cv2.morphologyEx(mask.astype(np.uint8) * 255, cv2.MORPH_OPEN, kernel)
    return np.asarray(opened, np.uint8)


def _face(pixels: Pixels, box: Rect, scale: float) -> Face:
    left, top, right, bottom = (round(side / scale) for side in box)
    height, width = pixels.shape[:2]
    border = left <= 2 or top <= 2 or right >= width - 2
    rect = (left, top, min(right, width), min(bottom, height))
    return Face(rect, _descriptor(pixels, rect), border)


def _descriptor(pixels: Pixels, rect: Rect) -> tuple[float, ...]:
    """The face in a small, slightly blurred grey picture of zero mean and unit length."""
    left, top, right, bottom = rect
    grey = cv2.cvtColor(pixels[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, DESCRIPTOR_SIZE, interpolation=cv2.INTER_AREA)
    values = cv2.GaussianBlur(small.astype(np.float32), (0, 0), 1.0).ravel()
    centred = values - values.mean()
    return tuple((centred / (np.linalg.norm(centred) or 1.0)).tolist())
