"""What is read from the document, and which source is believed."""

from __future__ import annotations

import pytest

MRZ = "P<UTOLINDGREN<<ELSA<KARIN<<<<<<<<<<<<<<<<<<<\nU482109376UTO8603175F3605211<<<<<<<<<<<<<<00"


def test_all_unified_keys(read):
    assert read("passed").document.extracted == {
        "firstName": "ELSA KARIN",
        "lastName": "LINDGREN",
        "fullName": "LINDGREN ELSA KARIN",
        "dateOfBirth": "1986-03-17",
        "expiryDate": "2036-05-21",
        "issueDate": "2026-05-22",
        "documentNumber": "U48210937",
        "issuingCountry": "UTO",
        "nationality": "UTO",
        "sex": "F",
        "placeOfBirth": "ZENITH",
        "authority": "UTOPIA PASSPORT OFFICE",
        "documentType": "passport",
        "documentName": "Utopia - ePassport (2024)",
        "mrz": MRZ,
    }


def test_servers_of_another_generation_read_the_same(read):
    expected = read("passed").document.extracted
    assert read("passed_server_8").document.extracted == expected
    assert read("passed_with_gaps_and_additions").document.extracted == expected


def test_lines_of_the_zone_may_come_joined(read):
    assert read("mrz_lines_joined").document.extracted["mrz"] == MRZ


@pytest.mark.parametrize(
    ("payload", "dates"),
    [
        ("dates_dotted", ("1986-03-17", "2036-05-21", "2026-05-22")),
        ("dates_month_first_declared", ("1986-03-07", "2036-05-02", "2026-05-22")),
        ("dates_slashed_unambiguous", ("1986-03-17", "2036-05-21", "2026-05-05")),
        ("dates_slashed_ambiguous", (None, "2036-05-21", None)),
        ("dates_format_not_obeyed", ("1986-03-17", "2036-05-21", "2026-05-22")),
        ("dates_unreadable", (None, None, None)),
    ],
)
def test_dates_become_iso_or_are_left_out(read, payload, dates):
    extracted = read(payload).document.extracted
    assert tuple(extracted.get(k) for k in ("dateOfBirth", "expiryDate", "issueDate")) == dates


def test_dates_that_were_not_understood_are_kept_raw(read):
    assert read("dates_unreadable").vendor["readings"]["unreadDates"] == {
        "dateOfBirth": "1986-00-00",
        "expiryDate": "36-05-21",
        "issueDate": "22 MAY 2026",
    }
    assert read("dates_unreadable").vendor["mrz"]["parsed"]["dateOfBirth"] == "1986-00-00"
    assert "readings" not in read("passed").vendor


def test_native_names_stand_beside_the_latin_ones(read):
    extracted = read("native_names").document.extracted
    assert extracted["nativeLastName"] == "ЛИНДГРЕН"
    assert extracted["nativeFirstName"] == "ЭЛЬЗА КАРИН"
    assert extracted["nativeFullName"] == "ЛИНДГРЕН ЭЛЬЗА КАРИН"
    assert extracted["lastName"] == "LINDGREN"
    assert extracted["authority"] == "UTOPIA PASSPORT OFFICE"


def test_a_national_field_that_repeats_the_latin_one_says_nothing(read):
    extracted = read("native_names_repeat_latin").document.extracted
    assert not {"nativeLastName", "nativeFirstName"} & extracted.keys()


def test_address_and_authority_may_exist_in_a_national_script_only(read):
    extracted = read("national_script_only").document.extracted
    assert extracted["address"] == "中央区 1-2-3"
    assert extracted["authority"] == "外務省"


def test_a_joined_name_is_never_split(read):
    extracted = read("joined_name_only").document.extracted
    assert extracted["fullName"] == "LINDGREN ELSA KARIN"
    assert not {"firstName", "lastName"} & extracted.keys()


def test_names_given_in_parts(read):
    extracted = read("name_parts").document.extracted
    assert extracted["lastName"] == "RIVERA SOTO"
    assert extracted["firstName"] == "MARINA"
    assert extracted["middleName"] == "LUZ"
    assert read("last_name_field").document.extracted["lastName"] == "RIVERA"


@pytest.mark.parametrize(
    ("payload", "issuer", "nationality"),
    [
        ("germany", "DEU", "DEU"),
        ("alpha2_countries", "PHL", "SWE"),
        ("country_of_document_type", "UTO", None),
    ],
)
def test_countries_are_alpha3(read, payload, issuer, nationality):
    extracted = read(payload).document.extracted
    assert extracted["issuingCountry"] == issuer
    assert extracted.get("nationality") == nationality


def test_countries_that_only_icao_knows_are_kept_and_flagged(read):
    assert read("passed").vendor["icaoOnlyCountries"] == ["UTO"]
    assert "icaoOnlyCountries" not in read("germany").vendor


def test_unspecified_sex(read):
    assert read("sex_unspecified").document.extracted["sex"] == "X"


def test_the_front_page_names_the_document(read):
    extracted = read("two_pages").document.extracted
    assert extracted["documentName"] == "Utopia - Id Card (2023)"
    assert extracted["documentType"] == "id_card"


def test_the_class_code_stands_in_for_the_document_type(read):
    assert read("no_document_type").document.extracted["documentType"] == "residence_permit"
    assert read("no_document_type_diplomatic").document.extracted["documentType"] == "passport"


@pytest.mark.parametrize(
    ("payload", "key", "value"),
    [
        ("mismatch_number", "documentNumber", "U48210937"),
        ("mismatch_number_without_check_digit", "documentNumber", "U48210987"),
        ("mismatch_number_check_digit_in_validity_list", "documentNumber", "U48210937"),
        ("mismatch_name_just_legible_print", "lastName", "LINDCREN"),
        ("mismatch_personal_number", "personalNumber", "86031717"),
        ("mismatch_without_print", "documentNumber", "U48210937"),
        ("mismatch_birth", "dateOfBirth", "1986-03-17"),
        ("mismatch_expiry", "expiryDate", "2036-05-21"),
        ("mismatch_name", "lastName", "LINDGRENSSON"),
        ("mismatch_name_illegible_print", "lastName", "LINDGREN"),
        ("mismatch_name_illegible_print_mrz_unchecked", "lastName", "L1NDCREN"),
        ("mismatch_birth_place", "placeOfBirth", "ZENITH"),
        ("mismatch_between_pages", "lastName", "LINDBERG"),
        ("mismatch_chip_trusted", "documentNumber", "U48210999"),
        ("mismatch_chip_not_trusted", "documentNumber", "U48210937"),
        ("mismatch_driving_licence", "documentNumber", "D7710223"),
        ("mismatch_driving_licence", "lastName", "OKAFOR"),
        ("mismatch_us_id_card", "documentNumber", "D7710223"),
        ("mismatch_other_id_card", "documentNumber", "D7710228"),
    ],
)
def test_which_source_wins_where_they_disagree(read, payload, key, value):
    assert read(payload).document.extracted[key] == value


def test_a_value_may_stand_in_the_field_or_in_its_list_only(read):
    extracted = read("values_in_one_place_only").document.extracted
    assert extracted["documentNumber"] == "U48210937"
    assert extracted["placeOfBirth"] == "ZENITH"


def test_a_disagreement_is_reported_with_every_value(read):
    assert read("mismatch_number").vendor["readings"] == {
        "disagreements": [
            {
                "field": "number",
                "usedSource": "MRZ",
                "values": [
                    {"source": "MRZ", "page": 0, "value": "U48210937"},
                    {"source": "VISUAL", "page": 0, "value": "U48210987"},
                ],
            }
        ]
    }


@pytest.mark.parametrize(
    ("payload", "portrait"),
    [
        ("passed", b"\xff\xd8printed portrait"),
        ("chip_passed", b"\xff\xd8chip portrait"),
        ("portrait_barcode_only", b"\xff\xd8barcode portrait"),
        ("portrait_missing", None),
    ],
)
def test_the_best_portrait_is_kept_for_the_face_match(read, payload, portrait):
    assert read(payload).portrait == portrait


@pytest.mark.parametrize(
    ("payload", "confidence"),
    [
        ("passed", 97.54),
        ("two_pages", 80.0),
        ("no_text", 98.0),
        ("type_probability_out_of_range", 100.0),
        ("empty_container_list", None),
    ],
)
def test_confidence_is_the_lower_of_type_and_reading(read, payload, confidence):
    assert read(payload).document.confidence == confidence
