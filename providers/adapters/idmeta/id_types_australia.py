"""The Australian document verification service (DVS).

Sources: IDMeta API reference, "Government data", and IDMeta's Flutter SDK, read 2026. Examples are
invented.
"""

from __future__ import annotations

from providers.adapters.idmeta.id_inputs import (
    MONTH_PATTERN,
    IdCheck,
    Input,
    birth_date,
    needed,
    needed_date,
    number,
    optional,
    optional_date,
)
from providers.id_types import ISO_DATE_PATTERN

_PATH = "/v1/verification/australia"
_STATES = "NSW|VIC|QLD|SA|WA|TAS|NT|ACT"

_FAMILY_NAME = needed("lastName", "Family name", "family_name", example="EXAMPLE")
_GIVEN_NAME = needed("firstName", "Given name", "given_name", example="ALEX")
_OPTIONAL_FAMILY_NAME = optional("lastName", "Family name", "family_name", example="EXAMPLE")
_OPTIONAL_GIVEN_NAME = optional("firstName", "Given name", "given_name", example="ALEX")
_OPTIONAL_BIRTH_DATE = optional_date("dateOfBirth", "Date of birth", "dob", example="1994-05-17")


def _state(name: str, label: str, sent_as: str) -> Input:
    return needed(name, label, sent_as, pattern=_STATES, example="NSW")


_REGISTRATION_NUMBER = number("Registration number", "registration_number", example="0000001")
_REGISTRATION_STATE = _state("registrationState", "State of registration", "registration_state")
_REGISTRATION = (
    _REGISTRATION_NUMBER,
    _REGISTRATION_STATE,
    optional_date(
        "registrationDate", "Date of registration", "registration_date", example="1994-06-01"
    ),
    optional("certificateNumber", "Certificate number", "certificate_number", example="C0000001"),
    optional_date("datePrinted", "Date of print", "date_printed", example="2020-01-31"),
    optional(
        "registrationYear",
        "Year of registration",
        "registration_year",
        pattern=r"\d{4}",
        example="1994",
    ),
)

AUSTRALIA = (
    IdCheck(
        "australia_passport",
        "Australian passport",
        "AU",
        f"{_PATH}/passport",
        (
            number("Passport number", "travel_document_number", example="N0000001"),
            _FAMILY_NAME,
            _GIVEN_NAME,
            birth_date("dob"),
            needed("gender", "Gender", "gender", example="F"),
        ),
    ),
    IdCheck(
        "australia_driver_license",
        "Australian driver licence",
        "AU",
        "/v3/verifications/australia/driver-license",
        (
            number("Licence number", "licence_number", example="00000001"),
            _FAMILY_NAME,
            _GIVEN_NAME,
            optional("middleName", "Middle name", "middle_name", example="SAM"),
            birth_date("dob"),
            optional("cardNumber", "Card number", "card_number", example="P0000001"),
            _state("stateOfIssue", "State of issue", "state_of_issue"),
        ),
        speaks_v3=True,
    ),
    IdCheck(
        "australia_medicare_card",
        "Medicare card",
        "AU",
        f"{_PATH}/medicare",
        (
            number("Card number", "card_number", pattern=r"\d{10}", example="2000000001"),
            needed("fullName", "Name on the card", "name1", example="ALEX EXAMPLE"),
            optional("nameLine2", "Second line of the name", "name2", example="SAM"),
            optional("nameLine3", "Third line of the name", "name3", example="KIM"),
            optional("nameLine4", "Fourth line of the name", "name4", example="LEE"),
            needed("cardType", "Card type", "card_type", pattern="[GBY]", example="G"),
            needed("cardExpiry", "Expiry", "card_expiry", pattern=MONTH_PATTERN, example="2035-05"),
            needed(
                "individualReferenceNumber",
                "Individual reference number",
                "individual_reference_number",
                pattern="[1-9]",
                example="1",
            ),
            _OPTIONAL_BIRTH_DATE,
        ),
    ),
    IdCheck(
        "australia_centrelink_card",
        "Centrelink card",
        "AU",
        f"{_PATH}/centrelink_card",
        (
            number(
                "Customer reference number",
                "customer_reference_number",
                pattern=r"\d{9}[A-Za-z]",
                example="000000001A",
            ),
            needed("fullName", "Name on the card", "name", example="ALEX EXAMPLE"),
            birth_date("dob"),
            needed(
                "cardExpiry",
                "Expiry",
                "card_expiry",
                # The sources show no form for this card; both that others use are let through.
                pattern=f"{ISO_DATE_PATTERN}|{MONTH_PATTERN}",
                example="2035-05-17",
            ),
            needed("cardType", "Card type", "card_type", pattern="PCC|HCC|SHC", example="PCC"),
        ),
    ),
    IdCheck(
        "australia_immigration",
        "Australian immigration card",
        "AU",
        f"{_PATH}/immigration",
        (
            number("Immigration card number", "immigration_card_number", example="IMM000001"),
            _FAMILY_NAME,
            _GIVEN_NAME,
            birth_date("dob"),
        ),
    ),
    IdCheck(
        "australia_visa",
        "Australian visa",
        "AU",
        f"{_PATH}/visa",
        (
            number("Passport number", "passport_number", example="P0000001"),
            _FAMILY_NAME,
            _GIVEN_NAME,
            birth_date("dob"),
            needed("countryOfIssue", "Passport country", "country_of_issue", example="PHL"),
        ),
    ),
    IdCheck(
        "australia_aec",
        "Australian electoral roll",
        "AU",
        f"{_PATH}/aec",
        (
            _FAMILY_NAME,
            _GIVEN_NAME,
            _OPTIONAL_BIRTH_DATE,
            needed("suburb", "Suburb", "suburb", example="SAMPLETON"),
            needed("postcode", "Postcode", "postcode", example="2000"),
            _state("state", "State", "state"),
            optional("streetName", "Street name", "street_name", example="SAMPLE"),
            optional("streetType", "Street type", "street_type", example="ST"),
            optional("streetNumber", "Street number", "street_number", example="1"),
            optional("unitNumber", "Unit number", "unit_number", example="2"),
            optional("habitationName", "Name of the house", "habitation_name", example="GUMNUT"),
        ),
    ),
    IdCheck(
        "australia_asic_msic",
        "Aviation or maritime security card",
        "AU",
        f"{_PATH}/asic_msic",
        (
            number("Card number", "card_number", example="ASC000001"),
            needed("fullName", "Full name", "full_name", example="ALEX EXAMPLE"),
            birth_date("dob"),
            needed("cardExpiry", "Expiry", "card_expiry", pattern=MONTH_PATTERN, example="2035-05"),
            needed("cardType", "Card type", "card_type", pattern="ASIC|MSIC", example="ASIC"),
        ),
        plan_code="australia_asic_misc",  # the SDK's spelling
    ),
    IdCheck(
        "australia_birth_certificate",
        "Australian birth certificate",
        "AU",
        f"{_PATH}/certificate/birth",
        (*_REGISTRATION, _FAMILY_NAME, _GIVEN_NAME, birth_date("dob")),
    ),
    IdCheck(
        "australia_death_certificate",
        "Australian death certificate",
        "AU",
        f"{_PATH}/certificate/death",
        (
            _REGISTRATION_NUMBER,
            _FAMILY_NAME,
            _GIVEN_NAME,
            needed_date("dateOfDeath", "Date of death", "doe", example="2020-01-01"),
            _REGISTRATION_STATE,
            needed_date(
                "registrationDate",
                "Date of registration",
                "registration_date",
                example="2020-01-15",
            ),
            needed(
                "certificateNumber",
                "Certificate number",
                "certificate_number",
                example="C0000001",
            ),
        ),
    ),
    IdCheck(
        "australia_citizenship_certificate",
        "Australian citizenship certificate",
        "AU",
        f"{_PATH}/certificate/citizenship",
        (
            number("Stock number", "stock_number", example="ACC0000001"),
            _FAMILY_NAME,
            _OPTIONAL_GIVEN_NAME,
            birth_date("dob"),
            needed_date(
                "acquisitionDate", "Date of acquisition", "acquisition_date", example="2010-01-26"
            ),
        ),
    ),
    IdCheck(
        "australia_change_of_name_certificate",
        "Australian change of name certificate",
        "AU",
        f"{_PATH}/certificate/changeOfName",
        (
            *_REGISTRATION,
            _OPTIONAL_FAMILY_NAME,
            _OPTIONAL_GIVEN_NAME,
            needed("newLastName", "New family name", "new_family_name", example="SAMPLE"),
            needed("newFirstName", "New given name", "new_given_name", example="ALEX"),
            birth_date("dob"),
        ),
    ),
    IdCheck(
        "australia_marriage_certificate",
        "Australian marriage certificate",
        "AU",
        f"{_PATH}/certificate/marriage",
        (
            *_REGISTRATION,
            needed("brideLastName", "Bride's family name", "bride_family_name", example="EXAMPLE"),
            needed("brideFirstName", "Bride's given name", "bride_given_name", example="ALEX"),
            needed("groomLastName", "Groom's family name", "groom_family_name", example="SAMPLE"),
            needed("groomFirstName", "Groom's given name", "groom_given_name", example="SAM"),
            needed_date("dateOfMarriage", "Date of marriage", "dob", example="2015-02-14"),
        ),
    ),
)
