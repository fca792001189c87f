"""Every row of the table that turns Regula's numbers into a verdict."""

from __future__ import annotations

from datetime import date

import pytest

from providers.errors import UnreadableAnswer
from providers.types import Reason, RiskLevel, Verdict

PASSED, FAILED, REVIEW = Verdict.PASSED, Verdict.FAILED, Verdict.REVIEW


def outcome(result):
    return result.verdict, [reason.code for reason in result.reasons]


@pytest.mark.parametrize(
    "payload",
    [
        "passed",
        "passed_server_8",
        "passed_without_authenticity",
        "passed_with_gaps_and_additions",
        "lexical_matrix_agrees",
        "more_pages_but_complete",
        "unknown_document_with_mrz_positive",
        "chip_passed",
    ],
)
def test_a_clean_document_passes_without_reasons(read, payload):
    assert outcome(read(payload)) == (PASSED, [])


@pytest.mark.parametrize(
    ("payload", "verdict", "codes"),
    [
        ("processing_time_limit", REVIEW, ["not_processed"]),
        ("processing_unfinished", REVIEW, ["not_processed"]),
        ("core_error", REVIEW, ["not_processed"]),
        ("no_status", REVIEW, ["not_processed"]),
        ("empty_container_list", REVIEW, ["not_processed"]),
        ("unknown_document", REVIEW, ["unknown_document"]),
        ("unknown_document_with_mrz", REVIEW, ["provider_negative"]),
        ("stop_list", FAILED, ["stop_list"]),
        ("expired", FAILED, ["expired"]),
        ("expired_not_checked_by_server", FAILED, ["expired"]),
        ("specimen", FAILED, ["specimen"]),
        ("forged_screen_copy", FAILED, ["forged_or_copy"]),
        ("forged_photo_embedding", FAILED, ["forged_or_copy"]),
        ("forged_optically_variable_ink", FAILED, ["forged_or_copy"]),
        ("forged_photo_area", FAILED, ["forged_or_copy"]),
        ("forged_pattern", FAILED, ["forged_or_copy"]),
        ("authenticity_barcode_failed", REVIEW, ["authenticity"]),
        ("authenticity_portraits_differ", REVIEW, ["authenticity"]),
        ("authenticity_single_check_failed", REVIEW, ["authenticity"]),
        ("authenticity_element_failed", REVIEW, ["authenticity"]),
        ("unknown_feature_type", REVIEW, ["authenticity"]),
        ("mrz_check_digit_wrong", FAILED, ["mrz_check_digits"]),
        ("mrz_check_digit_wrong_blurred", REVIEW, ["mrz", "image_quality"]),
        ("mrz_check_digit_wrong_quality_unknown", REVIEW, ["mrz"]),
        ("mrz_invalid", REVIEW, ["mrz"]),
        ("mrz_invalid_and_address_invalid", REVIEW, ["mrz"]),
        ("mismatch_number", REVIEW, ["data_mismatch"]),
        ("mismatch_birth", REVIEW, ["data_mismatch"]),
        ("mismatch_expiry", REVIEW, ["data_mismatch"]),
        ("mismatch_name", REVIEW, ["data_mismatch"]),
        ("mismatch_between_pages", REVIEW, ["data_mismatch"]),
        ("mismatch_in_lexical_matrix", REVIEW, ["data_mismatch"]),
        ("mismatch_birth_place", REVIEW, ["text_validity"]),
        ("text_field_invalid", REVIEW, ["text_validity"]),
        ("text_failed_without_field", REVIEW, ["text_validity"]),
        ("text_field_invalid_only", REVIEW, ["text_validity"]),
        ("chip_clone_active", FAILED, ["chip_clone"]),
        ("chip_clone_chip", FAILED, ["chip_clone"]),
        ("chip_without_certificates", REVIEW, ["chip_trust"]),
        ("chip_other_failure", REVIEW, ["chip_trust"]),
        ("under_age_by_server", FAILED, ["under_age"]),
        ("image_quality", REVIEW, ["image_quality"]),
        ("missing_page", REVIEW, ["missing_page"]),
        ("document_withdrawn", REVIEW, ["document_withdrawn"]),
        ("unknown_status_number", REVIEW, ["unknown_value"]),
        ("unknown_overall_number", REVIEW, ["unknown_value"]),
        ("overall_true", REVIEW, ["unknown_value"]),
        ("overall_text", REVIEW, ["unknown_value"]),
        ("unknown_feature_number", REVIEW, ["unknown_value"]),
        ("unknown_element_number", REVIEW, ["unknown_value"]),
        ("unknown_text_number", REVIEW, ["unknown_value"]),
        ("unknown_quality_number", REVIEW, ["unknown_value"]),
        ("no_text", REVIEW, ["data_missing"]),
        ("nothing_read", REVIEW, ["data_missing"]),
        ("overall_negative", REVIEW, ["provider_negative"]),
        ("portrait_failed_below_positive_overall", REVIEW, ["provider_negative"]),
        ("mdl_failed_below_positive_overall", REVIEW, ["provider_negative"]),
        ("seal_failed_below_positive_overall", REVIEW, ["provider_negative"]),
        ("overall_inconclusive", REVIEW, ["inconclusive"]),
        ("overall_missing", REVIEW, ["inconclusive"]),
    ],
)
def test_verdict_and_reasons(read, payload, verdict, codes):
    assert outcome(read(payload)) == (verdict, codes)


def test_the_first_matching_rule_decides_and_the_others_are_told(read):
    assert outcome(read("mrz_invalid_and_chip_clone")) == (REVIEW, ["mrz", "chip_clone"])
    assert outcome(read("specimen_on_stop_list")) == (FAILED, ["stop_list", "specimen"])


def test_reasons_carry_their_risk(read):
    assert read("expired").reasons == (
        Reason("expired", RiskLevel.HIGH, "The document has expired"),
    )
    assert read("image_quality").reasons[0] == Reason(
        "image_quality", RiskLevel.MEDIUM, "The picture is not good enough; a new one is needed"
    )


def test_unprocessed_answers_still_give_what_was_read(read):
    assert read("processing_time_limit").document.extracted["documentNumber"] == "U48210937"


def test_an_answer_without_container_list_is_not_regulas(read):
    with pytest.raises(UnreadableAnswer):
        read("not_regula")


@pytest.mark.parametrize(
    ("payload", "verdict", "codes"),
    [
        ("specimen", PASSED, ["specimen_accepted"]),
        ("specimen_on_stop_list", FAILED, ["stop_list"]),
        ("specimen_with_other_failure", REVIEW, ["text_validity"]),
        ("specimen_that_explains_nothing", REVIEW, ["text_validity"]),
        ("overall_negative", REVIEW, ["provider_negative"]),
    ],
)
def test_accepted_specimens_pass_only_if_nothing_else_failed(read, payload, verdict, codes):
    assert outcome(read(payload, accept_specimens=True)) == (verdict, codes)


@pytest.mark.parametrize(
    ("payload", "today", "verdict", "codes"),
    [
        ("holder_turns_17_on_2026_11_24", date(2026, 11, 23), FAILED, ["under_age"]),
        ("holder_turns_17_on_2026_11_24", date(2026, 11, 24), PASSED, []),
        ("age_without_birth_date", date(2026, 11, 24), FAILED, ["under_age"]),
        ("no_age_at_all", date(2026, 11, 24), REVIEW, ["not_checked"]),
    ],
)
def test_minimum_age(read, payload, today, verdict, codes):
    assert outcome(read(payload, today, minimum_age=17.0)) == (verdict, codes)
    assert outcome(read(payload, today)) == (PASSED, [])


@pytest.mark.parametrize(
    ("payload", "options", "verdict", "codes"),
    [
        ("passed", {"require_authenticity": True}, PASSED, []),
        ("passed_without_authenticity", {"require_authenticity": True}, REVIEW, ["not_checked"]),
        (
            "mismatch_driving_licence",
            {"require_mrz": True},
            REVIEW,
            ["data_mismatch", "not_checked"],
        ),
        ("passed", {"require_mrz": True}, PASSED, []),
    ],
)
def test_a_required_check_that_was_not_done_has_not_passed(read, payload, options, verdict, codes):
    assert outcome(read(payload, **options)) == (verdict, codes)


def test_expiry_on_the_day_itself_is_not_expired(read):
    assert read("expired_not_checked_by_server", date(2021, 5, 21)).verdict is PASSED
    assert read("expired_not_checked_by_server", date(2021, 5, 22)).verdict is FAILED
