"""The Philippine registries.

Sources: IDMeta API reference, "Government data", and IDMeta's Flutter SDK, read 2026. Where two
sources spell a field differently both spellings are sent. Examples are invented.
"""

from __future__ import annotations

from providers.adapters.idmeta.id_inputs import (
    ANY_NUMBER_PATTERN,
    IdCheck,
    birth_date,
    needed,
    needed_date,
    number,
    optional,
)
from providers.id_types import LIVENESS_SESSION

_PATH = "/v1/verification/philippines"
# These registries are asked by number alone; a name that is given is compared with the record's.
_COMPARED_NAMES = (
    optional("firstName", "First name", example="MAYUMI"),
    optional("middleName", "Middle name", example="SUBOK"),
    optional("lastName", "Last name", example="HALIMBAWA"),
)

PHILIPPINES = (
    IdCheck(
        "philippines_nbi_clearance",
        "NBI clearance",
        "PH",
        f"{_PATH}/nbiclearance",
        (
            number(
                "Clearance number",
                "clearanceNo",
                pattern=ANY_NUMBER_PATTERN,
                example="H000AAAA00-AA00000000",
            ),
            *_COMPARED_NAMES,
        ),
    ),
    IdCheck(
        "philippines_driving_license",
        "LTO driving licence",
        "PH",
        f"{_PATH}/drivinglicense",
        (
            number(
                "Licence number",
                "licenseNumber",
                "licenseNo",
                pattern=r"[A-Z]\d{2}-\d{2}-\d{6}",
                example="N01-23-456780",
            ),
            needed_date(
                "expirationDate", "Expiration date", "expirationDate", example="2035-05-17"
            ),
            optional("serialNumber", "Serial number", "serialNumber", example="0000001"),
            *_COMPARED_NAMES,
        ),
    ),
    IdCheck(
        "philippines_prc",
        "PRC licence",
        "PH",
        f"{_PATH}/prc",
        (needed("profession", "Profession", "profession", example="NURSE"),),
        ways=(
            (
                number(
                    "Licence number", "licenseNo", pattern=ANY_NUMBER_PATTERN, example="0000001"
                ),
                birth_date("dateOfBirth", "dateofBirth"),
            ),
            (
                needed("firstName", "First name", "firstName", example="MAYUMI"),
                needed("lastName", "Last name", "lastName", example="HALIMBAWA"),
            ),
        ),
    ),
    IdCheck(
        "philippines_national_police",
        "National police clearance",
        "PH",
        f"{_PATH}/nationalpolice",
        (
            number(
                "Clearance number",
                "clearanceNo",
                pattern=ANY_NUMBER_PATTERN,
                example="NPC-0000001",
            ),
            needed("lastName", "Surname", "surname", example="HALIMBAWA"),
        ),
    ),
    IdCheck(
        "philippines_social_security",
        "SSS number",
        "PH",
        f"{_PATH}/socialsecurity",
        (
            number(
                "CRN or SS number",
                "crnSsNumber",
                pattern=r"\d{2}-\d{7}-\d|\d{10}|\d{12}",
                example="34-1234567-8",
            ),
            *_COMPARED_NAMES,
        ),
    ),
    IdCheck(
        "philippines_philsys",
        "PhilSys number",
        "PH",
        f"{_PATH}/philsys",
        (
            needed(
                LIVENESS_SESSION,
                "Session of the PhilSys liveness page",
                "face_liveness_session_id",
                example="liveness-session-0001",
            ),
        ),
        ways=(
            (
                number(
                    "PhilSys card number",
                    "pcn",
                    pattern=r"(\d{4}[ -]?){3}\d{4}",
                    example="0000-0000-0000-0001",
                ),
            ),
            (needed("qrData", "Text of the QR code", "qr_data", example="PHILSYS-QR-TEXT"),),
            (
                needed("firstName", "First name", "pcnFormData.first_name", example="MAYUMI"),
                optional("middleName", "Middle name", "pcnFormData.middle_name", example="SUBOK"),
                needed("lastName", "Last name", "pcnFormData.last_name", example="HALIMBAWA"),
                optional(
                    "suffix",
                    "Suffix",
                    "pcnFormData.suffix",
                    pattern="JR|SR|I{1,3}|IV|VI{0,3}|IX|X|XI{1,3}|XIV|XV",
                    example="JR",
                ),
                birth_date("pcnFormData.birth_date"),
            ),
        ),
        plan_code="scan_qr",
    ),
)
