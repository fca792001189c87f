"""Reading the specimens gives exactly what is printed on them."""

import io

import pytest
from PIL import Image, PngImagePlugin

from providers.sandbox.reading.barcodes import barcode_fields
from providers.sandbox.reading.faces import similarity
from providers.sandbox.reading.fields import Field, Source
from providers.sandbox.reading.labels import label_of, printed_date_iso
from providers.sandbox.reading.page import Kind
from providers.sandbox.reading.pictures import UnreadablePicture, decode, scenario_comment

PASSPORT_ZONE = {
    "document_class": "P",
    "issuing_state": "UTO",
    "document_number": "L898902C3",
    "nationality": "UTO",
    "date_of_birth": "1974-08-12",
    "sex": "F",
    "date_of_expiry": "2032-04-15",
    "personal_number": "ZE184226B",
    "surname": "ERIKSSON",
    "given_names": "ANNA MARIA",
}
PASSPORT_PRINT = PASSPORT_ZONE | {
    "place_of_birth": "ZENITH",
    "date_of_issue": "2022-04-16",
    "authority": "PASSPORT OFFICE",
}
CARD_FRONT = {
    "surname": "ERIKSSON",
    "given_names": "ANNA MARIA",
    "date_of_birth": "1974-08-12",
    "sex": "F",
    "nationality": "UTO",
    "issuing_state": "UTO",
    "document_number": "D23145890",
    "date_of_expiry": "2032-04-15",
}
CARD_CODE = {key: value for key, value in CARD_FRONT.items() if key != "nationality"}
LICENCE = {
    "full_name": "DELA CRUZ, JUAN SANTOS",
    "surname": "DELA CRUZ",
    "given_names": "JUAN",
    "middle_name": "SANTOS",
    "nationality": "PHL",
    "sex": "M",
    "date_of_birth": "1990-05-17",
    "address": "1 SAMPLE ST, BARANGAY UNA, QUEZON CITY",
    "document_number": "N01-23-456781",
    "date_of_expiry": "2033-05-17",
    "issuing_state": "PHL",
}
EXPIRED = {"date_of_expiry": "2022-04-15"}


def as_text(page):
    return {
        source: {field.value: value.text for field, value in values.items()}
        for source, values in page.values().items()
    }


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        (
            "passport-td3",
            Kind.PASSPORT,
            {Source.MRZ: PASSPORT_ZONE, Source.VISUAL: PASSPORT_PRINT},
        ),
        (
            "passport-expired",
            Kind.PASSPORT,
            {
                Source.MRZ: PASSPORT_ZONE | EXPIRED,
                Source.VISUAL: PASSPORT_PRINT | EXPIRED | {"date_of_issue": "2012-04-16"},
            },
        ),
        (
            "passport-mismatch",
            Kind.PASSPORT,
            {
                Source.MRZ: PASSPORT_ZONE,
                Source.VISUAL: PASSPORT_PRINT | {"document_number": "L898902C8"},
            },
        ),
        ("id-card-td1-front", Kind.ID_CARD, {Source.VISUAL: CARD_FRONT}),
        (
            "id-card-td1-back",
            Kind.ID_CARD,
            {
                Source.MRZ: CARD_FRONT | {"document_class": "I"},
                Source.BARCODE: CARD_CODE,
                Source.VISUAL: {
                    "address": "1 HARBOUR STREET, ZENITH",
                    "authority": "CIVIL REGISTRY",
                    "date_of_issue": "2022-04-16",
                },
            },
        ),
        ("driving-licence-ph", Kind.DRIVING_LICENCE, {Source.VISUAL: LICENCE}),
    ],
)
def test_document(pages, specimen, name, kind, values):
    page = pages.read(specimen(name))
    assert page.kind is kind
    assert as_text(page) == values
    assert page.is_specimen
    assert page.mrz is None or page.mrz.holds
    assert bool(page.portrait) == (name != "id-card-td1-back")


def test_no_document(pages, specimen):
    page = pages.read(specimen("not-a-document"))
    assert not page.is_document
    assert page.values() == {}


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_passport_is_read(pages, specimen, degrees):
    lower_part = Image.open(io.BytesIO(specimen("passport-td3"))).crop((0, 600, 1250, 880))
    turned = io.BytesIO()
    # Lossless, so that turning it back gives the same picture every time, which is read once.
    lower_part.rotate(degrees, expand=True).save(turned, "PNG")
    page = pages.read(turned.getvalue())
    assert as_text(page)[Source.MRZ] == PASSPORT_ZONE
    assert page.mrz.holds
    assert page.pixels.shape == (280, 1250, 3)


def test_a_picture_is_read_once(pages, specimen):
    assert pages.read(specimen("passport-td3")) is pages.read(specimen("passport-td3"))


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("passport-td3", "selfie", True),
        ("id-card-td1-front", "selfie", True),
        ("passport-td3", "id-card-td1-front", True),
        ("driving-licence-ph", "selfie-driving-licence-ph", True),
        ("passport-td3", "selfie-other", False),
        ("selfie", "selfie-driving-licence-ph", False),
        ("selfie-other", "driving-licence-ph", False),
    ],
)
def test_faces(pages, specimen, first, second, is_same):
    (left,) = pages.read_faces(specimen(first)).faces
    (right,) = pages.read_faces(specimen(second)).faces
    alike = similarity(left, right)
    assert alike > 0.9 if is_same else alike < 0.4


def test_a_cropped_portrait_is_recognised(pages, specimen):
    (portrait,) = pages.read_faces(pages.read(specimen("passport-td3")).portrait).faces
    (selfie,) = pages.read_faces(specimen("selfie")).faces
    assert similarity(portrait, selfie) > 0.9


def test_no_face(pages, specimen):
    assert pages.read_faces(specimen("not-a-document")).faces == []


def test_unreadable_bytes():
    with pytest.raises(UnreadablePicture):
        decode(b"%PDF-1.7")


def test_comments_name_scenarios(specimen):
    picture, jpeg, png = Image.new("RGB", (9, 9)), io.BytesIO(), io.BytesIO()
    picture.save(jpeg, "JPEG", comment="kyc-sandbox:declined")
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "kyc-sandbox:review")
    picture.save(png, "PNG", pnginfo=note)
    assert scenario_comment(jpeg.getvalue()) == "declined"
    assert scenario_comment(png.getvalue()) == "review"
    assert scenario_comment(specimen("selfie")) is None


def test_aamva_barcode():
    text = (
        "@\n\x1e\rANSI 636014040002DL00410288ZC03290034DLDAQD1234562\nDCSSAMPLE\nDACMAYUMI\n"
        "DADSUBOK\nDBB05171994\nDBA05172031\nDBC2\nDCGUSA\nDAG1 SAMPLE ST\r"
    )
    assert barcode_fields(text) == {
        Field.DOCUMENT_NUMBER: "D1234562",
        Field.SURNAME: "SAMPLE",
        Field.GIVEN_NAMES: "MAYUMI",
        Field.MIDDLE_NAME: "SUBOK",
        Field.DATE_OF_BIRTH: "1994-05-17",
        Field.DATE_OF_EXPIRY: "2031-05-17",
        Field.SEX: "F",
        Field.ISSUING_STATE: "USA",
        Field.ADDRESS: "1 SAMPLE ST",
    }


def test_other_barcodes_have_no_fields():
    assert barcode_fields("https://example.invalid/?a=b") == {}


@pytest.mark.parametrize(
    ("text", "label"),
    [("Sumname", "surname"), ("License No.", "licenseno"), ("UTOPIA", None), ("Agency Code", None)],
)
def test_labels(text, label):
    assert label_of(text) == label


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("12 AUG 1974", "1974-08-12"),
        ("12AUG1974", "1974-08-12"),
        ("1990/05/17", "1990-05-17"),
        ("17.05.1990", "1990-05-17"),
        ("12 XXX 1974", None),
        ("ZENITH", None),
    ],
)
def test_printed_dates(text, iso):
    assert printed_date_iso(text) == iso
