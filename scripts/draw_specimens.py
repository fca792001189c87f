"""Draw the specimen pictures in docs/specimens: invented people, invented documents.

Run from the repository root: `python -m scripts.draw_specimens`. The drawing is deterministic.
It needs Pillow, zxing-cpp and the fonts OCR-B and DejaVu (Debian: fonts-ocr-b, fonts-dejavu).
Holder and numbers of the Utopian documents are those of the examples in ICAO Doc 9303, parts 4
and 5, with other dates of expiry, so that they stay valid (or expired) for years.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from providers.sandbox.reading.mrz import check_digit
from scripts.draw_specimen_faces import ANNA, BERTIL, JUAN, Colour, Person, draw_portrait

TARGET = Path(__file__).resolve().parent.parent / "docs" / "specimens"
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
PASSPORT_SIZE = (1250, 880)  # 125 x 88 mm, 10 pixels a millimetre
CARD_SIZE = (1284, 810)  # 85.6 x 54 mm, 15 pixels a millimetre
INK = (28, 32, 54)
FAINT_INK = (88, 96, 128)
SPECIMEN_INK = (150, 60, 70)
PLAIN, BOLD, OCR_B = "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "OCRB.otf"
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True)
class Holder:
    """What is printed; dates are ISO."""

    surname: str = "ERIKSSON"
    given_names: str = "ANNA MARIA"
    born: str = "1974-08-12"
    sex: str = "F"
    expires: str = "2032-04-15"
    issued: str = "2022-04-16"
    passport_number: str = "L898902C3"
    printed_passport_number: str = "L898902C3"
    card_number: str = "D23145890"
    personal_number: str = "ZE184226B"


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    for folder in FONT_FOLDERS:
        for path in sorted(folder.rglob(name)):
            return ImageFont.truetype(path, size)
    sys.exit(f"Font {name} is not installed (Debian: apt-get install fonts-ocr-b fonts-dejavu).")


def printed_date(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{day} {MONTHS[int(month) - 1]} {year}"


def yymmdd(iso: str) -> str:
    return iso[2:].replace("-", "")


def checked(text: str) -> str:
    return text + check_digit(text)


def passport_lines(holder: Holder) -> list[str]:
    names = f"{holder.surname}<<{holder.given_names}".replace(" ", "<")
    number = checked(holder.passport_number.ljust(9, "<"))
    born, expires = checked(yymmdd(holder.born)), checked(yymmdd(holder.expires))
    personal = checked(holder.personal_number.ljust(14, "<"))
    whole = check_digit(number + born + expires + personal)
    return [
        f"P<UTO{names}".ljust(44, "<"),
        f"{number}UTO{born}{holder.sex}{expires}{personal}{whole}",
    ]


def card_lines(holder: Holder) -> list[str]:
    first = f"I<UTO{checked(holder.card_number.ljust(9, '<'))}".ljust(30, "<")
    born, expires = checked(yymmdd(holder.born)), checked(yymmdd(holder.expires))
    filler = "<" * 11
    whole = check_digit(first[5:] + born + expires + filler)
    names = f"{holder.surname}<<{holder.given_names}".replace(" ", "<").ljust(30, "<")
    return [first, f"{born}{holder.sex}{expires}UTO{filler}{whole}", names]


def security_print(size: tuple[int, int], top: Colour, bottom: Colour, line: Colour) -> Image.Image:
    """Paper with a gradient, waves of fine lines and two rosettes, as on real documents."""
    strip = Image.new("RGB", (1, 2))
    strip.putdata([top, bottom])
    paper = strip.resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(paper)
    width, height = size
    for row in range(-60, height + 60, 11):
        for phase in (0.0, math.pi):
            wave = [(x, row + 16 * math.sin(x / 62 + row / 90 + phase)) for x in
                    range(0, width + 9, 9)]  # fmt: skip
            pen.line(wave, fill=line, width=1)
    ornaments = (((width * 0.78, height * 0.4), 210), ((width * 0.42, height * 0.7), 120))
    for centre, radius in ornaments:
        pen.line(rosette(centre, radius), fill=tuple(part - 14 for part in line), width=1)
    return paper.filter(ImageFilter.GaussianBlur(0.6))


def rosette(centre: tuple[float, float], radius: float) -> list[tuple[float, float]]:
    turns = (math.tau * step / 720 for step in range(721))
    return [
        (centre[0] + r * math.cos(turn), centre[1] + r * math.sin(turn))
        for turn in turns
        for r in [radius * (0.62 + 0.38 * math.sin(14 * turn) * math.cos(3 * turn))]
    ]


def entry(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], label: str, value: str, size: int = 28
) -> None:
    """A printed field: small label, value below it."""
    pen.text(at, label, font=font(PLAIN, 17), fill=FAINT_INK)
    pen.text((at[0], at[1] + 24), value, font=font(BOLD, size), fill=INK)


def paste_portrait(page: Image.Image, person: Person, box: tuple[int, int, int, int]) -> None:
    size = (box[2] - box[0], box[3] - box[1])
    portrait = draw_portrait(person, size, (206, 216, 222), (84, 96, 118))
    page.paste(portrait, box[:2])
    ImageDraw.Draw(page).rectangle(box, outline=(150, 160, 176), width=2)


def paste_ghost(page: Image.Image, person: Person, box: tuple[int, int, int, int]) -> None:
    """The small pale second portrait."""
    size = (box[2] - box[0], box[3] - box[1])
    ghost = draw_portrait(person, size, (255, 255, 255), (120, 130, 160)).convert("L")
    mask = ghost.point(lambda tone: round((255 - tone) * 0.38))
    page.paste((72, 92, 150), box[:2], mask)


def paste_signature(page: Image.Image, at: tuple[int, int], text: str) -> None:
    """A slanted line of handwriting-like italics."""
    layer = Image.new("L", (460, 90), 0)
    script = font("DejaVuSerif-BoldItalic.ttf", 44)
    ImageDraw.Draw(layer).text((40, 14), text, font=script, fill=225)
    layer = layer.transform(layer.size, Image.Transform.AFFINE, (1, 0.35, -22, 0.04, 1, -6))
    page.paste((34, 42, 110), at, layer.resize((368, 72), Image.Resampling.LANCZOS))


def paste_mrz(page: Image.Image, lines: list[str], top: int, margin: int) -> None:
    """The zone on its pale strip, set to fill the page's width."""
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, top - 26, page.width, page.height), fill=(246, 246, 240))
    room = page.width - 2 * margin
    size = int(100 * room / font(OCR_B, 100).getlength(lines[0]))
    advance = room / len(lines[0])
    for number, line in enumerate(lines):
        for column, char in enumerate(line):
            at = (margin + column * advance, top + number * size * 1.5)
            pen.text(at, char, font=font(OCR_B, size), fill=(16, 16, 20))


def specimen_mark(pen: ImageDraw.ImageDraw, at: tuple[int, int]) -> None:
    pen.text(at, "SPECIMEN", font=font(BOLD, 26), fill=SPECIMEN_INK)


def draw_passport(holder: Holder) -> Image.Image:
    page = security_print(PASSPORT_SIZE, (236, 240, 248), (246, 236, 226), (206, 214, 232))
    pen = ImageDraw.Draw(page)
    pen.text((60, 34), "UTOPIA", font=font(BOLD, 44), fill=(40, 60, 120))
    pen.text((300, 46), "PASSPORT", font=font(BOLD, 30), fill=(40, 60, 120))
    specimen_mark(pen, (1020, 50))
    paste_portrait(page, ANNA, (60, 140, 385, 570))
    paste_ghost(page, ANNA, (1020, 420, 1180, 620))
    entry(pen, (430, 130), "Type", "P")
    entry(pen, (620, 130), "Code of issuing State", "UTO")
    entry(pen, (900, 130), "Passport No.", holder.printed_passport_number)
    entry(pen, (430, 210), "Surname", holder.surname)
    entry(pen, (430, 290), "Given names", holder.given_names)
    entry(pen, (430, 370), "Nationality", "UTO")
    entry(pen, (720, 370), "Personal No.", holder.personal_number)
    entry(pen, (430, 450), "Date of birth", printed_date(holder.born))
    entry(pen, (720, 450), "Sex", holder.sex)
    entry(pen, (430, 530), "Date of issue", printed_date(holder.issued))
    entry(pen, (720, 530), "Place of birth", "ZENITH")
    entry(pen, (430, 610), "Date of expiry", printed_date(holder.expires))
    entry(pen, (720, 610), "Authority", "PASSPORT OFFICE")
    paste_signature(page, (50, 590), "A. Eriksson")
    paste_mrz(page, passport_lines(holder), 738, 50)
    return page


def draw_card_front(holder: Holder) -> Image.Image:
    page = security_print(CARD_SIZE, (226, 242, 238), (242, 240, 222), (196, 218, 212))
    pen = ImageDraw.Draw(page)
    pen.text((60, 36), "UTOPIA", font=font(BOLD, 46), fill=(24, 90, 84))
    pen.text((310, 48), "IDENTITY CARD", font=font(BOLD, 32), fill=(24, 90, 84))
    specimen_mark(pen, (1050, 54))
    paste_portrait(page, ANNA, (60, 150, 420, 630))
    paste_ghost(page, ANNA, (1060, 500, 1220, 710))
    entry(pen, (470, 150), "Surname", holder.surname, 32)
    entry(pen, (470, 245), "Given names", holder.given_names, 32)
    entry(pen, (470, 340), "Date of birth", printed_date(holder.born), 32)
    entry(pen, (860, 340), "Sex", holder.sex, 32)
    entry(pen, (470, 435), "Nationality", "UTO", 32)
    entry(pen, (860, 435), "Code of issuing State", "UTO", 32)
    entry(pen, (470, 530), "Document No.", holder.card_number, 32)
    entry(pen, (470, 625), "Date of expiry", printed_date(holder.expires), 32)
    paste_signature(page, (60, 690), "A. Eriksson")
    return page


def draw_card_back(holder: Holder) -> Image.Image:
    page = security_print(CARD_SIZE, (242, 240, 222), (226, 242, 238), (206, 218, 206))
    pen = ImageDraw.Draw(page)
    entry(pen, (60, 50), "Address", "1 HARBOUR STREET, ZENITH", 28)
    entry(pen, (60, 140), "Authority", "CIVIL REGISTRY", 28)
    entry(pen, (460, 140), "Date of issue", printed_date(holder.issued), 28)
    specimen_mark(pen, (1050, 54))
    data = (
        f"doc={holder.card_number};surname={holder.surname};given={holder.given_names};"
        f"dob={holder.born};sex={holder.sex};exp={holder.expires};state=UTO"
    )
    code = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.PDF417)
    picture = Image.fromarray(code.to_image(scale=3, add_quiet_zones=True))
    page.paste(picture, (60, 250))
    paste_mrz(page, card_lines(holder), 570, 50)
    return page


def draw_licence() -> Image.Image:
    """A driving licence in the Philippine manner: no machine-readable zone, only labels."""
    page = security_print(CARD_SIZE, (250, 238, 226), (226, 232, 248), (232, 214, 204))
    pen = ImageDraw.Draw(page)
    pen.text((60, 30), "REPUBLIC OF THE PHILIPPINES", font=font(BOLD, 28), fill=(150, 40, 40))
    pen.text((60, 76), "DRIVER'S LICENSE", font=font(BOLD, 36), fill=(30, 50, 120))
    specimen_mark(pen, (1050, 50))
    paste_portrait(page, JUAN, (60, 160, 420, 640))
    name = "Last Name, First Name, Middle Name"
    entry(pen, (470, 160), name, "DELA CRUZ, JUAN SANTOS", 32)
    entry(pen, (470, 260), "Nationality", "PHL", 30)
    entry(pen, (700, 260), "Sex", "M", 30)
    entry(pen, (860, 260), "Date of Birth", "1990/05/17", 30)
    entry(pen, (470, 360), "Address", "1 SAMPLE ST, BARANGAY UNA, QUEZON CITY", 26)
    entry(pen, (470, 460), "License No.", "N01-23-456781", 30)
    entry(pen, (860, 460), "Expiration Date", "2033/05/17", 30)
    entry(pen, (470, 560), "Agency Code", "N01", 30)
    paste_signature(page, (60, 690), "J. Dela Cruz")
    return page


def draw_selfie(person: Person, background: Colour, clothes: Colour) -> Image.Image:
    """A face as a phone sees it: other size, place, light and clothes than on the document."""
    selfie = draw_portrait(
        person, (720, 960), background, clothes, face_width=0.46, face_centre=(0.52, 0.44)
    )
    light = Image.linear_gradient("L").resize(selfie.size).point(lambda tone: round(tone * 0.10))
    selfie.paste((40, 34, 30), (0, 0), light)
    return selfie


def draw_landscape() -> Image.Image:
    """Hills under a sky: a picture without a document and without a face."""
    picture = security_print((900, 680), (150, 190, 226), (224, 236, 244), (176, 206, 232))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((650, 70, 770, 190), fill=(255, 246, 205))
    for top, colour in ((380, (122, 160, 130)), (460, (92, 138, 104)), (560, (66, 108, 82))):
        hill = [(x, top + 46 * math.sin(x / 130 + top)) for x in range(0, 901, 10)]
        pen.polygon([*hill, (900, 680), (0, 680)], fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(1.0))


def main() -> None:
    holder = Holder()
    pictures = {
        "passport-td3": draw_passport(holder),
        "passport-expired": draw_passport(
            replace(holder, expires="2022-04-15", issued="2012-04-16")
        ),
        "passport-mismatch": draw_passport(replace(holder, printed_passport_number="L898902C8")),
        "id-card-td1-front": draw_card_front(holder),
        "id-card-td1-back": draw_card_back(holder),
        "driving-licence-ph": draw_licence(),
        "selfie": draw_selfie(ANNA, (226, 220, 206), (150, 70, 80)),
        "selfie-driving-licence-ph": draw_selfie(JUAN, (222, 222, 214), (70, 110, 150)),
        "selfie-other": draw_selfie(BERTIL, (206, 216, 206), (66, 84, 70)),
        "not-a-document": draw_landscape(),
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        picture.save(TARGET / f"{name}.jpg", quality=86, optimize=True)


if __name__ == "__main__":
    main()
