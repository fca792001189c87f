"""Which pictures are usable; the bytes decide."""

from __future__ import annotations

import pytest

from common import images
from common.images import ImageFacts, ImageRefused, inspect_image
from tests.verifications_support import blank_picture, png_claiming


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")],
)
def test_a_whole_picture_is_accepted(kind, mime_type):
    assert inspect_image(blank_picture(300, 451, kind)) == ImageFacts(mime_type, 300, 451)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_cut_off_picture_is_refused(kind, kept, noise):
    whole = noise(kind)

    with pytest.raises(ImageRefused) as refusal:
        inspect_image(whole[: int(len(whole) * kept)])

    assert refusal.value.code == "broken"
    assert str(refusal.value) == "is damaged or cut off; send the whole file"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gif", blank_picture(kind="GIF")),
        ("bmp", blank_picture(kind="BMP")),
        ("tiff", blank_picture(kind="TIFF")),
        ("pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
        ("svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"/>'),
        ("html", b"<!doctype html><title>x</title>"),
        ("empty", b""),
    ],
)
def test_another_type_is_refused(name, data):
    with pytest.raises(ImageRefused) as refusal:
        inspect_image(data)

    assert (refusal.value.code, str(refusal.value)) == (
        "wrong_type",
        "is not a JPEG, PNG or WebP picture",
    )


@pytest.mark.parametrize("side", [8_000, 20_000, 60_000], ids=lambda side: f"{side}px")
def test_a_decompression_bomb_is_refused_by_its_header(side):
    with pytest.raises(ImageRefused) as refusal:
        inspect_image(png_claiming(side, side))

    assert (refusal.value.code, str(refusal.value)) == (
        "too_many_pixels",
        "has more than 40 megapixels",
    )


@pytest.mark.parametrize("size", [(299, 600), (600, 299), (1, 1)])
def test_a_small_picture_is_refused_with_its_size(size):
    with pytest.raises(ImageRefused) as refusal:
        inspect_image(blank_picture(*size))

    assert refusal.value.code == "too_small"
    assert str(refusal.value) == (
        f"is {size[0]}x{size[1]} px; the shorter side needs at least 300 px"
    )


def test_a_file_over_10_mb_is_refused_whatever_it_is():
    with pytest.raises(ImageRefused) as refusal:
        inspect_image(b"\0" * (images.MAX_BYTES + 1))

    assert (refusal.value.code, str(refusal.value)) == ("too_big", "is larger than 10 MB")


def test_a_file_of_exactly_10_mb_is_accepted():
    picture = blank_picture()

    assert inspect_image(picture.ljust(images.MAX_BYTES, b"\0")).width == 400
