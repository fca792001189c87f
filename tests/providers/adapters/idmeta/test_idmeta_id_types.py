"""Every ID type: where it goes, what is sent of its own examples, and what it takes."""

from __future__ import annotations

import pytest

from providers.adapters.idmeta.id_types import ID_CHECKS, ID_TYPES
from providers.types import ImageRole, StepInput
from tests.providers.adapters.idmeta.support import BASE, IDS, IDS_V3, SELFIE, run

PH, AU = "/v1/verification/philippines", "/v1/verification/australia"
TYPES = {id_type.code: id_type for id_type in ID_TYPES}
PERSON = {"family_name": "EXAMPLE", "given_name": "ALEX", "dob": "1994-05-17"}
INDONESIAN = {"nik": "3200000000000001", "name": "BUDI CONTOH", "date_of_birth": "1994-05-17"}
REGISTRATION = {
    "registration_number": "0000001",
    "registration_state": "NSW",
    "registration_date": "1994-06-01",
    "certificate_number": "C0000001",
    "date_printed": "2020-01-31",
    "registration_year": "1994",
}
# Path, and the fields that the examples of all inputs become.
SENT = {
    "philippines_nbi_clearance": (
        f"{PH}/nbiclearance",
        {"clearanceNo": "H000AAAA00-AA00000000"},
    ),
    "philippines_driving_license": (
        f"{PH}/drivinglicense",
        {
            "licenseNumber": "N01-23-456780",
            "licenseNo": "N01-23-456780",
            "expirationDate": "2035-05-17",
            "serialNumber": "0000001",
        },
    ),
    "philippines_prc": (
        f"{PH}/prc",
        {
            "profession": "NURSE",
            "licenseNo": "0000001",
            "dateOfBirth": "1994-05-17",
            "dateofBirth": "1994-05-17",
        },
    ),
    "philippines_national_police": (
        f"{PH}/nationalpolice",
        {"clearanceNo": "NPC-0000001", "surname": "HALIMBAWA"},
    ),
    "philippines_social_security": (f"{PH}/socialsecurity", {"crnSsNumber": "34-1234567-8"}),
    "philippines_philsys": (
        f"{PH}/philsys",
        {"face_liveness_session_id": "liveness-session-0001", "pcn": "0000-0000-0000-0001"},
    ),
    "dukcapil": ("/v1/verification/dukcapil", INDONESIAN),
    "dukcapil_facematch": (
        "/v1/verification/dukcapilfacematch",
        {**INDONESIAN, "selfie_image": "iVBOR3NlbGZpZQ=="},
    ),
    "dukcapil_full": (
        "/v3/verifications/indonesia/dukcapil-full",
        {**INDONESIAN, "gender": "male"},
    ),
    "australia_passport": (
        f"{AU}/passport",
        {**PERSON, "gender": "F", "travel_document_number": "N0000001"},
    ),
    "australia_driver_license": (
        "/v3/verifications/australia/driver-license",
        {
            **PERSON,
            "middle_name": "SAM",
            "licence_number": "00000001",
            "card_number": "P0000001",
            "state_of_issue": "NSW",
        },
    ),
    "australia_medicare_card": (
        f"{AU}/medicare",
        {
            "name1": "ALEX EXAMPLE",
            "name2": "SAM",
            "name3": "KIM",
            "name4": "LEE",
            "card_number": "2000000001",
            "card_type": "G",
            "card_expiry": "2035-05",
            "individual_reference_number": "1",
            "dob": "1994-05-17",
        },
    ),
    "australia_centrelink_card": (
        f"{AU}/centrelink_card",
        {
            "name": "ALEX EXAMPLE",
            "dob": "1994-05-17",
            "card_expiry": "2035-05-17",
            "card_type": "PCC",
            "customer_reference_number": "000000001A",
        },
    ),
    "australia_immigration": (
        f"{AU}/immigration",
        {**PERSON, "immigration_card_number": "IMM000001"},
    ),
    "australia_visa": (
        f"{AU}/visa",
        {**PERSON, "passport_number": "P0000001", "country_of_issue": "PHL"},
    ),
    "australia_aec": (
        f"{AU}/aec",
        {
            **PERSON,
            "suburb": "SAMPLETON",
            "postcode": "2000",
            "state": "NSW",
            "street_name": "SAMPLE",
            "street_type": "ST",
            "street_number": "1",
            "unit_number": "2",
            "habitation_name": "GUMNUT",
        },
    ),
    "australia_asic_msic": (
        f"{AU}/asic_msic",
        {
            "full_name": "ALEX EXAMPLE",
            "dob": "1994-05-17",
            "card_number": "ASC000001",
            "card_expiry": "2035-05",
            "card_type": "ASIC",
        },
    ),
    "australia_birth_certificate": (f"{AU}/certificate/birth", {**PERSON, **REGISTRATION}),
    "australia_death_certificate": (
        f"{AU}/certificate/death",
        {
            "family_name": "EXAMPLE",
            "given_name": "ALEX",
            "doe": "2020-01-01",
            "registration_number": "0000001",
            "registration_state": "NSW",
            "registration_date": "2020-01-15",
            "certificate_number": "C0000001",
        },
    ),
    "australia_citizenship_certificate": (
        f"{AU}/certificate/citizenship",
        {**PERSON, "stock_number": "ACC0000001", "acquisition_date": "2010-01-26"},
    ),
    "australia_change_of_name_certificate": (
        f"{AU}/certificate/changeOfName",
        {**PERSON, **REGISTRATION, "new_family_name": "SAMPLE", "new_given_name": "ALEX"},
    ),
    "australia_marriage_certificate": (
        f"{AU}/certificate/marriage",
        {
            **REGISTRATION,
            "bride_family_name": "EXAMPLE",
            "bride_given_name": "ALEX",
            "groom_family_name": "SAMPLE",
            "groom_given_name": "SAM",
            "dob": "2015-02-14",
        },
    ),
}


def given(code, **changes):
    examples = {field.name: field.example for field in TYPES[code].fields}
    subject = {name: value for name, value in (examples | changes).items() if value is not None}
    return StepInput(images={ImageRole.SELFIE: SELFIE}, subject=subject)


def send(adapter, vendor, code, inputs):
    """Run the step; what was sent besides the ids."""
    check = ID_CHECKS[TYPES[code].plan_code]
    vendor.answers(check.path, {"status": True})
    run(adapter, check.plan, given=inputs)
    ids = IDS_V3 if check.speaks_v3 else IDS
    sent = vendor.sent()
    assert ids.items() <= sent.items()
    return {name: value for name, value in sent.items() if name not in ids}


def test_every_type_is_here():
    assert set(SENT) == set(TYPES)


@pytest.mark.parametrize("code", SENT)
def test_what_is_sent(code, adapter, vendor):
    path, fields = SENT[code]

    assert send(adapter, vendor, code, given(code)) == fields
    assert vendor.mock.calls[-1].request.url == BASE + path


def test_prc_by_name_sends_no_half_of_the_other_way(adapter, vendor):
    inputs = given("philippines_prc", idNumber=None)

    assert send(adapter, vendor, "philippines_prc", inputs) == {
        "profession": "NURSE",
        "firstName": "MAYUMI",
        "lastName": "HALIMBAWA",
    }


@pytest.mark.parametrize(
    ("changes", "sent"),
    [
        ({"idNumber": None}, {"qr_data": "PHILSYS-QR-TEXT"}),
        (
            {"idNumber": None, "qrData": None},
            {
                "pcnFormData": {
                    "first_name": "MAYUMI",
                    "middle_name": "SUBOK",
                    "last_name": "HALIMBAWA",
                    "suffix": "JR",
                    "birth_date": "1994-05-17",
                }
            },
        ),
        (
            {"idNumber": None, "qrData": None, "middleName": None, "suffix": None},
            {
                "pcnFormData": {
                    "first_name": "MAYUMI",
                    "middle_name": None,
                    "last_name": "HALIMBAWA",
                    "suffix": None,
                    "birth_date": "1994-05-17",
                }
            },
        ),
    ],
)
def test_other_ways_to_search_philsys(changes, sent, adapter, vendor):
    session = {"face_liveness_session_id": "liveness-session-0001"}
    inputs = given("philippines_philsys", **changes)

    assert send(adapter, vendor, "philippines_philsys", inputs) == {**session, **sent}


def test_full_name_is_put_together(adapter, vendor):
    inputs = given("dukcapil", fullName=None, firstName="BUDI", lastName="CONTOH")

    assert send(adapter, vendor, "dukcapil", inputs)["name"] == "BUDI CONTOH"


@pytest.mark.parametrize(
    ("code", "field", "accepted", "refused"),
    [
        (
            "philippines_nbi_clearance",
            "idNumber",
            ["ABCD", "a-1-B", "0" * 40],
            ["ABC", "0" * 41, "A B C D", "ABCD\n", "ÑBCDE", "AB/CD"],
        ),
        (
            "philippines_driving_license",
            "idNumber",
            ["N01-23-456789"],
            ["n01-23-456789", "N01-23-45678", "N0123456789"],
        ),
        (
            "philippines_social_security",
            "idNumber",
            ["34-1234567-8", "3412345678", "341234567890"],
            ["34-12345678", "34123456789", "34-1234567-89"],
        ),
        (
            "philippines_philsys",
            "idNumber",
            ["0000-0000-0000-0001", "0000 0000 0000 0001", "0000000000000001"],
            ["0000-0000-0000-001", "0000--0000-0000-0001"],
        ),
        ("philippines_philsys", "suffix", ["JR", "SR", "I", "VIII", "XV"], ["Jr.", "XVI", "IIII"]),
        ("dukcapil", "idNumber", ["3200000000000001"], ["320000000000001", "\u0663" * 16]),
        ("australia_medicare_card", "cardExpiry", ["2035-12"], ["2035-13", "12-2035"]),
        ("australia_medicare_card", "cardType", ["G", "B", "Y"], ["R", "GB"]),
        ("australia_centrelink_card", "cardExpiry", ["2035-12", "2035-12-01"], ["2035"]),
        ("australia_visa", "dateOfBirth", ["1994-05-17"], ["1994-13-01", "1994-02-30"]),
    ],
)
def test_forms_of_values(code, field, accepted, refused):
    [found] = [known for known in TYPES[code].fields if known.name == field]
    assert [value for value in accepted if not found.accepts(value)] == []
    assert [value for value in refused if found.accepts(value)] == []


@pytest.mark.parametrize(
    ("code", "given_fields", "missing"),
    [
        ("philippines_prc", [], ["userData.profession", "idNumber", "userData.dateOfBirth"]),
        ("philippines_prc", ["profession", "lastName"], ["userData.firstName"]),
        ("philippines_prc", ["profession", "idNumber"], ["userData.dateOfBirth"]),
        ("philippines_prc", ["profession", "firstName", "lastName"], []),
        ("philippines_philsys", ["faceLivenessSessionId"], ["idNumber"]),
        ("philippines_philsys", ["faceLivenessSessionId", "qrData"], []),
        ("dukcapil", ["idNumber", "dateOfBirth"], ["userData.fullName"]),
        ("dukcapil", ["idNumber", "dateOfBirth", "lastName"], []),
        (
            "dukcapil_facematch",
            ["idNumber", "dateOfBirth", "fullName"],
            ["documentImages.selfie"],
        ),
    ],
)
def test_what_is_missing(code, given_fields, missing):
    assert TYPES[code].missing(given_fields) == missing
