"""The numbers of Regula's enumerations, restated here: a typing error shows as a difference."""

from __future__ import annotations

import pytest

from providers.adapters.regula import field_codes

FEATURES = {
    1: "uv_luminescence",
    2: "ir_b900",
    4: "image_pattern",
    8: "axial_protection",
    16: "uv_fibers",
    32: "ir_visibility",
    64: "ocr_security_text",
    128: "ipi",
    512: "photo_embedding",
    1024: "ovi",
    4096: "holograms",
    8192: "photo_area",
    32768: "portrait_comparison",
    65536: "barcode_format",
    131072: "kinegram",
    262144: "letter_screen",
    524288: "hologram_detection",
    1048576: "fingerprint_comparison",
    2097152: "document_liveness",
    4194304: "extended_ocr",
    8388608: "extended_mrz",
    16777216: "encrypted_ipi",
    33554432: "property",
}
QUALITY = {
    0: "glare",
    1: "focus",
    2: "resolution",
    3: "colour",
    4: "perspective",
    5: "bounds",
    7: "portrait",
    8: "handwritten",
    9: "brightness",
    10: "occlusion",
}
DIAGNOSES = {
    2: "invalid_input",
    10: "checksum",
    11: "syntax",
    12: "logic",
    13: "sources_differ",
    15: "field_format",
    150: "portraits_differ",
    151: "face_service_silent",
    152: "face_service_error",
    153: "not_enough_images",
    154: "no_live_photo",
    155: "face_licence_missing",
    156: "no_portrait",
    238: "document_not_live",
    239: "black_and_white_copy",
    240: "electronic_device",
    241: "barcode_background",
    242: "virtual_camera",
}


def test_names_of_checks():
    assert field_codes.FEATURE_NAMES == FEATURES
    assert field_codes.QUALITY_NAMES == QUALITY
    assert field_codes.DIAGNOSES == DIAGNOSES


def test_text_fields():
    assert {field.value: field.name for field in field_codes.Field} == {
        0: "CLASS_CODE",
        1: "ISSUING_STATE",
        2: "NUMBER",
        3: "EXPIRY",
        4: "ISSUE",
        5: "BIRTH",
        6: "BIRTH_PLACE",
        7: "PERSONAL_NUMBER",
        8: "SURNAME",
        9: "GIVEN_NAMES",
        12: "SEX",
        17: "ADDRESS",
        24: "AUTHORITY",
        25: "FULL_NAME",
        26: "NATIONALITY",
        51: "MRZ_LINES",
        145: "SECOND_SURNAME",
        146: "MIDDLE_NAME",
        185: "AGE",
        645: "FIRST_NAME",
        650: "LAST_NAME",
        670: "FIRST_SURNAME",
        682: "DOCUMENT_STATUS",
        696: "ISSUING_STATE_ALPHA2",
        697: "NATIONALITY_ALPHA2",
    }
    assert {80, 81, 82, 83, 84, 195} == field_codes.CHECK_DIGIT_FIELDS


# The driving licences and permits lie between these numbers; each pair is one run of them.
LICENCE_RUNS = [
    (33, 33),
    (35, 43),
    (46, 46),
    (48, 74),
    (78, 78),
    (80, 82),
    (84, 89),
    (102, 105),
    (107, 117),
    (120, 120),
    (126, 127),
    (129, 132),
    (134, 136),
    (138, 144),
    (148, 150),
    (156, 158),
    (160, 165),
    (169, 171),
    (175, 176),
    (230, 230),
    (234, 236),
]


@pytest.mark.parametrize(("first", "last"), LICENCE_RUNS)
def test_driving_licences(first, last):
    licences = field_codes.DOCUMENT_TYPES["drivers_license"]
    assert {first, last} <= licences
    assert not {first - 1, last + 1} & licences


def test_other_document_types():
    types = field_codes.DOCUMENT_TYPES
    passports = {11, 13, 14, 26, 27, 179, 198, 199, 200, 201, 202, 203, 204, 218, 222, 240}
    assert types["passport"] == passports
    assert types["visa"] == {29, 30, 101, 178}
    assert types["residence_permit"] == {16, 24, 173, 215}
    assert sorted(types["id_card"]) == [
        *(12, 15, 20, 21, 22, 23, 28, 47, 75, 76, 77, 83, 91, 92, 93, 94, 95, 96, 97, 98),
        *(106, 121, 128, 152, 153, 159, 166, 172, 177, 212, 213, 216, 223, 224, 225),
    ]
