"""Regula's numbers that we give a meaning to.

Source: Regula Document Reader OpenAPI 9.2, enumerations Result, TextFieldType, GraphicFieldType,
DocumentType, AuthenticityResultType, ImageQualityCheckType, SecurityFeatureType.
"""

from __future__ import annotations

from enum import IntEnum


class Container(IntEnum):
    """`result_type` of a container, for those we ask for."""

    DOCUMENT_TYPE = 9
    LEXICAL_ANALYSIS = 15
    AUTHENTICITY = 20
    IMAGE_QUALITY = 30
    STATUS = 33
    TEXT = 36
    IMAGES = 37


class Field(IntEnum):
    """`fieldType` of a text field."""

    CLASS_CODE = 0
    ISSUING_STATE = 1
    NUMBER = 2
    EXPIRY = 3
    ISSUE = 4
    BIRTH = 5
    BIRTH_PLACE = 6
    PERSONAL_NUMBER = 7
    SURNAME = 8
    GIVEN_NAMES = 9
    SEX = 12
    ADDRESS = 17
    AUTHORITY = 24
    FULL_NAME = 25
    NATIONALITY = 26
    MRZ_LINES = 51
    SECOND_SURNAME = 145
    MIDDLE_NAME = 146
    AGE = 185
    FIRST_NAME = 645
    LAST_NAME = 650
    FIRST_SURNAME = 670
    DOCUMENT_STATUS = 682
    ISSUING_STATE_ALPHA2 = 696
    NATIONALITY_ALPHA2 = 697


def field_name(code: int) -> str:
    """Our own name of a text field, so that no vendor text is needed to understand it."""
    return Field(code).name.lower() if code in {field.value for field in Field} else f"field_{code}"


PORTRAIT_IMAGE = 201

NAME_FIELDS = frozenset(
    {
        Field.SURNAME,
        Field.GIVEN_NAMES,
        Field.FULL_NAME,
        Field.SECOND_SURNAME,
        Field.MIDDLE_NAME,
        Field.FIRST_NAME,
        Field.LAST_NAME,
        Field.FIRST_SURNAME,
    }
)
COMPARED_FIELDS = NAME_FIELDS | {Field.NUMBER, Field.BIRTH, Field.EXPIRY}
MRZ_FIRST_FIELDS = frozenset(
    {
        Field.NUMBER,
        Field.BIRTH,
        Field.EXPIRY,
        Field.SEX,
        Field.NATIONALITY,
        Field.ISSUING_STATE,
    }
)
# Number, birth, expiry, personal number and final check digit; optional data.
CHECK_DIGIT_FIELDS = frozenset({80, 81, 82, 83, 84, 195})


class Feature(IntEnum):
    """`Type` of an authenticity check, one bit each."""

    UV_LUMINESCENCE = 1
    IR_B900 = 2
    IMAGE_PATTERN = 4
    AXIAL_PROTECTION = 8
    UV_FIBERS = 16
    IR_VISIBILITY = 32
    OCR_SECURITY_TEXT = 64
    IPI = 128
    PHOTO_EMBEDDING = 512
    OVI = 1024
    HOLOGRAMS = 4096
    PHOTO_AREA = 8192
    PORTRAIT_COMPARISON = 32768
    BARCODE_FORMAT = 65536
    KINEGRAM = 131072
    LETTER_SCREEN = 262144
    HOLOGRAM_DETECTION = 524288
    FINGERPRINT_COMPARISON = 1048576
    DOCUMENT_LIVENESS = 2097152
    EXTENDED_OCR = 4194304
    EXTENDED_MRZ = 8388608
    ENCRYPTED_IPI = 16777216
    PROPERTY = 33554432


FEATURE_NAMES: dict[int, str] = {feature.value: feature.name.lower() for feature in Feature}
# A failed one means a copy, a screen or an exchanged picture, not merely a doubt.
FORGERY_FEATURES = frozenset(
    {
        Feature.DOCUMENT_LIVENESS,
        Feature.PHOTO_EMBEDDING,
        Feature.PHOTO_AREA,
        Feature.IMAGE_PATTERN,
    }
)
LIVENESS_OVI_ELEMENT = 41
LIVENESS_MLI_ELEMENT = 44

QUALITY_NAMES: dict[int, str] = {
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

DIAGNOSES: dict[int, str] = {
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


def _numbers(*spans: tuple[int, int]) -> frozenset[int]:
    return frozenset(number for first, last in spans for number in range(first, last + 1))


DOCUMENT_TYPES: dict[str, frozenset[int]] = {
    "passport": frozenset({11, 13, 14, 26, 27, 179, 218, 222, 240}) | _numbers((198, 204)),
    "visa": frozenset({29, 30, 101, 178}),
    "residence_permit": frozenset({16, 24, 173, 215}),
    "id_card": frozenset({12, 15, 28, 47, 83, 106, 121, 128, 159, 166, 172, 177, 212, 213})
    | frozenset({216, 223, 224, 225})
    | _numbers((20, 23), (75, 77), (91, 98), (152, 153)),
    # Licences of every class and age group, with their learner and instruction permits.
    "drivers_license": frozenset({33, 46, 78, 120, 230})
    | _numbers((35, 43), (48, 74), (80, 82), (84, 89), (102, 105), (107, 117), (126, 127))
    | _numbers((129, 132), (134, 136), (138, 144), (148, 150), (156, 158), (160, 165))
    | _numbers((169, 171), (175, 176), (234, 236)),
}
CLASS_CODES: dict[str, str] = {
    "P": "passport",
    "V": "visa",
    "ID": "id_card",
    "I": "id_card",
    "A": "id_card",
    "C": "id_card",
    "IR": "residence_permit",
    "AR": "residence_permit",
    "CR": "residence_permit",
    "DL": "drivers_license",
}
