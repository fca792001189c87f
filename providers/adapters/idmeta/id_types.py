"""The registries IDMeta can ask, what they want to know, and under which names it is sent.

Sources: IDMeta API reference, "Government data", and IDMeta's Flutter SDK, read 2026. Where two
sources spell a field differently both spellings are sent. Examples are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

from providers.types import IdField, IdType

ISO_DATE_PATTERN = r"\d{4}-\d{2}-\d{2}"
MONTH_PATTERN = r"\d{4}-\d{2}"
STATE_PATTERN = "NSW|VIC|QLD|SA|WA|TAS|NT|ACT"


@dataclass(frozen=True, slots=True)
class Input:
    """One input. sent_as: the vendor's names for it. is_local_date: in the registry's format."""

    field: IdField
    sent_as: tuple[str, ...]
    is_local_date: bool = False


@dataclass(frozen=True, slots=True)
class IdCheck:
    """One registry. needs_selfie: it compares a face too, so a number alone is not enough.

    speaks_v3: its endpoint is of the third API generation.
    """

    plan_code: str
    name: str
    country: str
    inputs: tuple[Input, ...]
    needs_selfie: bool = False
    speaks_v3: bool = False

    def as_id_type(self) -> IdType:
        fields = tuple(given.field for given in self.inputs)
        return IdType(self.plan_code, self.name, self.country, self.plan_code, fields)


def _number(label: str, *sent_as: str, pattern: str | None = None, example: str) -> Input:
    return Input(IdField("idNumber", label, True, pattern, example), sent_as)


def _needed(
    name: str, label: str, *sent_as: str, pattern: str | None = None, example: str
) -> Input:
    return Input(IdField(name, label, True, pattern, example), sent_as)


def _optional(
    name: str, label: str, *sent_as: str, pattern: str | None = None, example: str
) -> Input:
    return Input(IdField(name, label, False, pattern, example), sent_as)


def _birth_date(*sent_as: str) -> Input:
    return _needed(
        "dateOfBirth", "Date of birth", *sent_as, pattern=ISO_DATE_PATTERN, example="1994-05-17"
    )


_PHILIPPINES = (
    IdCheck(
        "philippines_nbi_clearance",
        "NBI clearance",
        "PH",
        (_number("Clearance number", "clearanceNo", example="H000AAAA00-AA00000000"),),
    ),
    IdCheck(
        "philippines_driving_license",
        "LTO driving licence",
        "PH",
        (
            _number(
                "Licence number",
                "licenseNumber",
                "licenseNo",
                pattern=r"[A-Z]\d{2}-\d{2}-\d{6}",
                example="N01-23-456789",
            ),
            _needed(
                "expirationDate",
                "Expiration date",
                "expirationDate",
                pattern=ISO_DATE_PATTERN,
                example="2031-05-17",
            ),
            _optional("serialNumber", "Serial number", "serialNumber", example="0000001"),
        ),
    ),
    IdCheck(
        "philippines_prc",
        "PRC licence",
        "PH",
        (
            _number("Licence number", "licenseNo", example="0000001"),
            _needed("profession", "Profession", "profession", example="NURSE"),
            _birth_date("dateOfBirth", "dateofBirth"),
            _optional("firstName", "First name", "firstName", example="MAYUMI"),
            _optional("lastName", "Last name", "lastName", example="HALIMBAWA"),
        ),
    ),
    IdCheck(
        "philippines_national_police",
        "National police clearance",
        "PH",
        (
            _number("Clearance number", "clearanceNo", example="NPC-0000001"),
            _needed("lastName", "Surname", "surname", example="HALIMBAWA"),
        ),
    ),
    IdCheck(
        "philippines_social_security",
        "SSS number",
        "PH",
        (
            _number(
                "CRN or SS number",
                "crnSsNumber",
                pattern=r"\d{2}-\d{7}-\d|\d{10}|\d{12}",
                example="34-1234567-8",
            ),
        ),
    ),
    IdCheck(
        "scan_qr",
        "PhilSys number",
        "PH",
        (
            _number(
                "PhilSys card number",
                "pcn",
                pattern=r"(\d{4}[ -]?){3}\d{4}",
                example="0000-0000-0000-0001",
            ),
            _needed(
                "faceLivenessSessionId",
                "Session of the PhilSys liveness page",
                "face_liveness_session_id",
                example="liveness-session-0001",
            ),
        ),
    ),
)

_NIK = _number("NIK", "nik", pattern=r"\d{16}", example="3200000000000001")
_FULL_NAME = _needed("fullName", "Full name", "name", example="BUDI CONTOH")
_LOCAL_BIRTH_DATE = Input(_birth_date().field, ("date_of_birth",), is_local_date=True)

_INDONESIA = (
    IdCheck("dukcapil", "Dukcapil", "ID", (_NIK, _FULL_NAME, _LOCAL_BIRTH_DATE)),
    IdCheck(
        "dukcapil_facematch",
        "Dukcapil with face",
        "ID",
        (_NIK, _FULL_NAME, _LOCAL_BIRTH_DATE),
        needs_selfie=True,
    ),
    IdCheck(
        "dukcapil_full",
        "Dukcapil full",
        "ID",
        (
            _NIK,
            _FULL_NAME,
            _LOCAL_BIRTH_DATE,
            _needed("gender", "Gender", "gender", example="male"),
        ),
        speaks_v3=True,
    ),
)

_FAMILY_NAME = _needed("lastName", "Family name", "family_name", example="EXAMPLE")
_GIVEN_NAME = _needed("firstName", "Given name", "given_name", example="ALEX")

_AUSTRALIA = (
    IdCheck(
        "australia_passport",
        "Australian passport",
        "AU",
        (
            _number("Passport number", "travel_document_number", example="N0000001"),
            _FAMILY_NAME,
            _GIVEN_NAME,
            _birth_date("dob"),
            _needed("gender", "Gender", "gender", example="F"),
        ),
    ),
    IdCheck(
        "australia_driver_license",
        "Australian driver licence",
        "AU",
        (
            _number("Licence number", "licence_number", example="00000001"),
            _FAMILY_NAME,
            _GIVEN_NAME,
            _optional("middleName", "Middle name", "middle_name", example="SAM"),
            _birth_date("dob"),
            _optional("cardNumber", "Card number", "card_number", example="P0000001"),
            _needed(
                "stateOfIssue",
                "State of issue",
                "state_of_issue",
                pattern=STATE_PATTERN,
                example="NSW",
            ),
        ),
        speaks_v3=True,
    ),
    IdCheck(
        "australia_medicare_card",
        "Medicare card",
        "AU",
        (
            _number("Card number", "card_number", pattern=r"\d{10}", example="2000000001"),
            _needed("fullName", "Name on the card", "name1", example="ALEX EXAMPLE"),
            _needed("cardType", "Card type", "card_type", pattern="[GBY]", example="G"),
            _needed(
                "cardExpiry", "Expiry", "card_expiry", pattern=MONTH_PATTERN, example="2031-05"
            ),
            _needed(
                "individualReferenceNumber",
                "Individual reference number",
                "individual_reference_number",
                pattern="[1-9]",
                example="1",
            ),
            _optional(
                "dateOfBirth",
                "Date of birth",
                "dob",
                pattern=ISO_DATE_PATTERN,
                example="1994-05-17",
            ),
        ),
    ),
    IdCheck(
        "australia_visa",
        "Australian visa",
        "AU",
        (
            _number("Passport number", "passport_number", example="P0000001"),
            _FAMILY_NAME,
            _GIVEN_NAME,
            _birth_date("dob"),
            _needed("countryOfIssue", "Passport country", "country_of_issue", example="PHL"),
        ),
    ),
    IdCheck(
        "australia_immigration",
        "Australian immigration card",
        "AU",
        (
            _number("Immigration card number", "immigration_card_number", example="IMM000001"),
            _FAMILY_NAME,
            _GIVEN_NAME,
            _birth_date("dob"),
        ),
    ),
)

ID_CHECKS: dict[str, IdCheck] = {
    check.plan_code: check for check in (*_PHILIPPINES, *_INDONESIA, *_AUSTRALIA)
}

ID_TYPES: tuple[IdType, ...] = tuple(
    check.as_id_type() for check in ID_CHECKS.values() if not check.needs_selfie
)
