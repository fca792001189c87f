"""Draw the faces of invented people for scripts/draw_specimens.py (Pillow only, deterministic)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

SUPERSAMPLING = 3


@dataclass(frozen=True)
class Person:
    """The features that tell one drawn person from another; lengths in units of the face width."""

    skin: Colour
    hair: Colour
    iris: Colour
    lips: Colour
    jaw: float
    eye_distance: float
    eye_height: float
    brow_slant: float
    nose_length: float
    mouth_width: float
    hair_is_long: bool
    fringe: float
    has_beard: bool = False
    has_glasses: bool = False


ANNA = Person(
    skin=(238, 200, 172), hair=(122, 74, 40), iris=(70, 120, 140), lips=(190, 92, 92),
    jaw=0.72, eye_distance=0.44, eye_height=0.47, brow_slant=-0.005, nose_length=0.20,
    mouth_width=0.30, hair_is_long=True, fringe=0.25,
)  # fmt: skip
BERTIL = Person(
    skin=(226, 182, 150), hair=(58, 46, 40), iris=(92, 66, 40), lips=(168, 96, 84),
    jaw=0.90, eye_distance=0.38, eye_height=0.44, brow_slant=0.012, nose_length=0.25,
    mouth_width=0.38, hair_is_long=False, fringe=0.12, has_beard=True, has_glasses=True,
)  # fmt: skip
JUAN = Person(
    skin=(214, 164, 122), hair=(28, 24, 24), iris=(60, 40, 28), lips=(166, 90, 80),
    jaw=0.9, eye_distance=0.42, eye_height=0.46, brow_slant=0.0, nose_length=0.18,
    mouth_width=0.34, hair_is_long=False, fringe=0.30,
)  # fmt: skip


def draw_portrait(
    person: Person,
    size: tuple[int, int],
    background: Colour,
    clothes: Colour,
    face_width: float = 0.50,
    face_centre: Point = (0.5, 0.46),
) -> Image.Image:
    """Head and shoulders of `person`; face_width is a fraction of the picture's width."""
    width, height = size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING
    picture = Image.new("RGB", (width, height), background)
    _shade(picture, (0, 0, width, height), 40, lighten=True)
    face = _Face(picture, person, face_width * width, face_centre[0] * width,
                 face_centre[1] * height)  # fmt: skip
    face.draw(clothes)
    return picture.resize(size, Image.Resampling.LANCZOS)


def _darker(colour: Colour, factor: float) -> Colour:
    red, green, blue = (max(0, min(255, round(part * factor))) for part in colour)
    return red, green, blue


def _shade(
    picture: Image.Image, box: tuple[float, ...], strength: int, *, lighten: bool = False,
    clip: Image.Image | None = None,
) -> None:  # fmt: skip
    """Blend a soft ellipse of light or shadow into the picture, only where `clip` is white."""
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).ellipse(box, fill=strength)
    mask = mask.filter(ImageFilter.GaussianBlur(max(2.0, (box[2] - box[0]) / 7)))
    if clip is not None:
        mask = ImageChops.multiply(mask, clip)
    picture.paste((255, 255, 255) if lighten else (70, 30, 20), (0, 0), mask)


class _Face:
    """One face on one picture; `at` turns face units (face width 1, centre 0,0) into pixels."""

    def __init__(
        self, picture: Image.Image, person: Person, unit: float, centre_x: float, centre_y: float
    ) -> None:
        self.picture, self.person, self.unit = picture, person, unit
        self.centre = (centre_x, centre_y)
        self.pen = ImageDraw.Draw(picture)

    def at(self, x: float, y: float) -> Point:
        return self.centre[0] + x * self.unit, self.centre[1] + y * self.unit

    def box(self, left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
        return (*self.at(left, top), *self.at(right, bottom))

    def width(self, part: float) -> int:
        return max(1, round(part * self.unit))

    def draw(self, clothes: Colour) -> None:
        if self.person.hair_is_long:
            self._long_hair()
        self._body(clothes)
        outline = self._outline()
        self._ears()
        self.pen.polygon(outline, fill=self.person.skin)
        self._shadows(outline)
        if self.person.has_beard:
            self._beard()
        self._eyes()
        self._nose()
        self._mouth()
        self._hair()
        if self.person.has_glasses:
            self._glasses()

    def _outline(self) -> list[Point]:
        """A skull that is round above and narrows to the chin by the person's jaw."""
        points = []
        for step in range(180):
            angle = math.tau * step / 180
            x, y = math.cos(angle) * 0.5, math.sin(angle)
            if y > 0:
                x *= 1 - (1 - self.person.jaw) * y**1.6
            points.append(self.at(x, y * (0.72 if y > 0 else 0.64)))
        return points

    def _long_hair(self) -> None:
        hair = self.person.hair
        self.pen.rounded_rectangle(
            self.box(-0.66, -0.55, 0.66, 1.0), self.width(0.42), fill=_darker(hair, 0.75)
        )
        self.pen.ellipse(self.box(-0.62, -0.82, 0.62, 0.5), fill=hair)

    def _body(self, clothes: Colour) -> None:
        skin = self.person.skin
        self.pen.rounded_rectangle(self.box(-1.15, 0.98, 1.15, 3.0), self.width(0.45), fill=clothes)
        self.pen.polygon(
            [self.at(*p) for p in ((-0.27, 0.35), (0.27, 0.35), (0.36, 1.02), (0, 1.28),
                                   (-0.36, 1.02))],
            fill=_darker(skin, 0.86),
        )  # fmt: skip
        collar = _darker(clothes, 0.72)
        for side in (-1, 1):
            self.pen.polygon(
                [self.at(side * x, y) for x, y in ((0.32, 0.92), (0.5, 1.02), (0.12, 1.5),
                                                   (0, 1.27))],
                fill=collar,
            )  # fmt: skip

    def _ears(self) -> None:
        for side in (-1, 1):
            left, right = sorted((side * 0.43, side * 0.57))
            self.pen.ellipse(
                self.box(left, -0.14, right, 0.16), fill=_darker(self.person.skin, 0.9)
            )

    def _shadows(self, outline: list[Point]) -> None:
        clip = Image.new("L", self.picture.size, 0)
        ImageDraw.Draw(clip).polygon(outline, fill=255)
        _shade(self.picture, self.box(0.24, -0.5, 0.7, 0.75), 60, clip=clip)
        _shade(self.picture, self.box(-0.34, -0.55, 0.2, -0.1), 60, lighten=True, clip=clip)
        for side in (-1, 1):
            left, right = sorted((side * 0.14, side * 0.4))
            self._blush(self.box(left, 0.12, right, 0.32), clip)

    def _blush(self, box: tuple[float, ...], clip: Image.Image) -> None:
        mask = Image.new("L", self.picture.size, 0)
        ImageDraw.Draw(mask).ellipse(box, fill=70)
        mask = mask.filter(ImageFilter.GaussianBlur(self.unit * 0.05))
        self.picture.paste((222, 120, 110), (0, 0), ImageChops.multiply(mask, clip))

    def _eyes(self) -> None:
        person, y = self.person, self.person.eye_height - 0.47
        for side in (-1, 1):
            x = side * person.eye_distance / 2
            self.pen.ellipse(self.box(x - 0.1, y - 0.045, x + 0.1, y + 0.055), fill=(250, 248, 245))
            self.pen.ellipse(self.box(x - 0.05, y - 0.045, x + 0.05, y + 0.055), fill=person.iris)
            self.pen.ellipse(self.box(x - 0.024, y - 0.02, x + 0.024, y + 0.03), fill=(20, 16, 16))
            self.pen.ellipse(
                self.box(x - 0.025, y - 0.03, x - 0.005, y - 0.01), fill=(255, 255, 255)
            )
            self.pen.arc(self.box(x - 0.105, y - 0.055, x + 0.105, y + 0.075), 190, 350,
                         fill=(60, 38, 30), width=self.width(0.018))  # fmt: skip
            self._brow(side, x, y)

    def _brow(self, side: int, x: float, y: float) -> None:
        slant = self.person.brow_slant
        inner, outer = x - side * 0.12, x + side * 0.14
        self.pen.polygon(
            [self.at(inner, y - 0.158 + slant), self.at(x + side * 0.05, y - 0.178),
             self.at(outer, y - 0.115 - slant), self.at(x + side * 0.05, y - 0.145),
             self.at(inner, y - 0.122 + slant)],
            fill=_darker(self.person.hair, 0.8),
        )  # fmt: skip

    def _nose(self) -> None:
        tip = 0.06 + self.person.nose_length
        tone = _darker(self.person.skin, 0.78)
        self.pen.line(
            [self.at(-0.035, 0.02), self.at(-0.06, tip - 0.05), self.at(-0.065, tip)],
            fill=_darker(self.person.skin, 0.88), width=self.width(0.02), joint="curve",
        )  # fmt: skip
        self.pen.arc(self.box(-0.09, tip - 0.07, 0.09, tip + 0.03), 20, 160, fill=tone,
                     width=self.width(0.022))  # fmt: skip

    def _mouth(self) -> None:
        half, y = self.person.mouth_width / 2, 0.44
        upper = [(-half, y), (-half * 0.4, y - 0.045), (0, y - 0.028), (half * 0.4, y - 0.045),
                 (half, y), (0, y + 0.012)]  # fmt: skip
        self.pen.polygon([self.at(*p) for p in upper], fill=_darker(self.person.lips, 0.88))
        lower = [(-half, y), (0, y + 0.012), (half, y), (half * 0.45, y + 0.062),
                 (-half * 0.45, y + 0.062)]  # fmt: skip
        self.pen.polygon([self.at(*p) for p in lower], fill=self.person.lips)
        self.pen.line([self.at(-half, y), self.at(0, y + 0.012), self.at(half, y)],
                      fill=(110, 50, 50), width=self.width(0.012), joint="curve")  # fmt: skip

    def _beard(self) -> None:
        beard = Image.new("L", self.picture.size, 0)
        pen = ImageDraw.Draw(beard)
        pen.polygon(self._outline(), fill=190)
        pen.ellipse(self.box(-0.43, -1.0, 0.43, 0.33), fill=0)
        pen.ellipse(self.box(-0.24, 0.37, 0.24, 0.54), fill=0)
        beard = beard.filter(ImageFilter.GaussianBlur(self.unit * 0.015))
        self.picture.paste(_darker(self.person.hair, 1.25), (0, 0), beard)

    def _hair(self) -> None:
        """The cap of hair: everything of the skull above the fringe line."""
        mask = Image.new("L", self.picture.size, 0)
        pen = ImageDraw.Draw(mask)
        pen.ellipse(self.box(-0.55, -0.78, 0.55, 0.55), fill=255)
        part = -0.62 + self.person.fringe
        cut = [(-0.47, 0.7), (-0.46, part + 0.34), (-0.3, part + 0.12), (0.06, part),
               (0.34, part + 0.14), (0.46, part + 0.34), (0.47, 0.7)]  # fmt: skip
        pen.polygon([self.at(*p) for p in cut], fill=0)
        if not self.person.hair_is_long:
            pen.rectangle(self.box(-0.7, 0.02, 0.7, 0.9), fill=0)
        mask = mask.filter(ImageFilter.GaussianBlur(self.unit * 0.006))
        self.picture.paste(self.person.hair, (0, 0), mask)
        _shade(self.picture, self.box(-0.34, -0.74, 0.1, -0.5), 55, lighten=True, clip=mask)

    def _glasses(self) -> None:
        y = self.person.eye_height - 0.47
        for side in (-1, 1):
            x = side * self.person.eye_distance / 2
            self.pen.rounded_rectangle(
                self.box(x - 0.16, y - 0.1, x + 0.16, y + 0.13), self.width(0.07),
                outline=(40, 40, 48), width=self.width(0.024),
            )  # fmt: skip
        self.pen.line([self.at(-0.05, y), self.at(0.05, y)], fill=(40, 40, 48),
                      width=self.width(0.022))  # fmt: skip
