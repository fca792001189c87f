"""Many words, one verdict: the worst counts, and nothing is approved blindly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from providers.types import (
    BiometricFindings,
    CheckResult,
    DocumentFindings,
    FinalVerdict,
    IdFindings,
    IdStatus,
    Reason,
    RiskLevel,
    StepKind,
    StepResult,
    Verdict,
)
from verifications.unified_result import StepOutcome, conclude

PASSED, FAILED, REVIEW, NONE = Verdict.PASSED, Verdict.FAILED, Verdict.REVIEW, Verdict.NONE
DOCUMENT = DocumentFindings(
    {"firstName": "ANNA MARIA", "mrz": "P<UTO"},
    CheckResult.PASSED,
    CheckResult.PASSED,
    CheckResult.NOT_PERFORMED,
    97.0,
)
LOW = Reason("image_blurred", RiskLevel.LOW, "Blurred")
STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def step(verdict, kind=StepKind.DOCUMENT, **more):
    if kind is StepKind.DOCUMENT:
        more.setdefault("document", DOCUMENT)
    return StepOutcome(kind, StepResult(verdict, **more))


def lost(kind):
    return StepOutcome(kind, None)


def concluded(*outcomes, final=None, expectations=None, **more):
    return conclude(
        outcomes,
        final,
        expectations=expectations or {},
        provider=more.pop("provider", "regula"),
        started_at=STARTED,
        ended_at=STARTED + timedelta(seconds=1.5),
        **more,
    )


@pytest.mark.parametrize(
    ("steps", "final", "verdict"),
    [
        ([PASSED], None, PASSED),
        ([REVIEW], None, REVIEW),
        ([FAILED], None, FAILED),
        ([PASSED, REVIEW], None, REVIEW),
        ([REVIEW, FAILED], None, FAILED),
        ([PASSED, NONE], None, PASSED),
        ([PASSED], PASSED, PASSED),
        ([PASSED], REVIEW, REVIEW),
        ([PASSED], FAILED, FAILED),
        ([PASSED], NONE, PASSED),
        ([REVIEW], PASSED, REVIEW),
        ([FAILED], PASSED, FAILED),
        ([FAILED], REVIEW, FAILED),
        ([NONE], PASSED, PASSED),
        ([NONE], FAILED, FAILED),
    ],
)
def test_worst_word_counts(steps, final, verdict):
    outcome = concluded(
        *(step(word) for word in steps), final=FinalVerdict(final) if final else None
    )

    assert outcome.verdict is verdict


@pytest.mark.parametrize("final", [None, FinalVerdict(NONE)])
@pytest.mark.parametrize("steps", [[], [NONE], [NONE, NONE]])
def test_no_word_at_all_is_for_a_human(steps, final):
    outcome = concluded(*(step(word) for word in steps), final=final)

    assert outcome.verdict is REVIEW
    assert [reason.code for reason in outcome.reasons] == ["no_verdict"]
    assert outcome.result["overall"]["status"] == "pending"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (StepKind.DOCUMENT, "document_data_missing"),
        (StepKind.ID_CHECK, "id_check_data_missing"),
    ],
)
def test_approval_without_the_data_it_rests_on_is_for_a_human(kind, reason):
    outcome = concluded(lost(kind), final=FinalVerdict(PASSED))

    assert outcome.verdict is REVIEW
    assert outcome.result["reasonCodes"] == [reason]


def test_rejection_needs_no_data():
    assert concluded(lost(StepKind.DOCUMENT), final=FinalVerdict(FAILED)).verdict is FAILED


@pytest.mark.parametrize("kind", [StepKind.LIVENESS, StepKind.FACE_MATCH, StepKind.WATCHLIST])
def test_other_lost_answers_are_left_to_the_final_word(kind):
    assert concluded(step(PASSED), lost(kind), final=FinalVerdict(PASSED)).verdict is PASSED


@pytest.mark.parametrize(
    ("word", "verdict"), [(PASSED, REVIEW), (NONE, REVIEW), (REVIEW, REVIEW), (FAILED, FAILED)]
)
def test_unknown_outcome_is_for_a_human_unless_declined(word, verdict):
    unknown = Reason("outcome_unknown", RiskLevel.MEDIUM, "Nobody can tell")

    outcome = concluded(step(word), extra_reasons=[unknown])

    assert outcome.verdict is verdict
    assert outcome.result["reasonCodes"] == ["outcome_unknown"]


@pytest.mark.parametrize("word", [PASSED, REVIEW])
def test_expectations_lower_the_verdict(word):
    outcome = concluded(step(word), expectations={"expectedCountries": ["PH"]})

    assert outcome.verdict is REVIEW
    assert outcome.result["reasonCodes"] == ["country_unknown"]


def test_expectations_raise_nothing():
    assert concluded(step(FAILED), expectations={"minimumConfidence": 0}).verdict is FAILED


@pytest.mark.parametrize(
    ("verdict", "reasons", "overall"),
    [
        (PASSED, (), {"status": "passed", "confidence": 97.0, "riskLevel": "low"}),
        (PASSED, (LOW,), {"status": "passed", "confidence": 97.0, "riskLevel": "low"}),
        (REVIEW, (LOW,), {"status": "pending", "confidence": 97.0, "riskLevel": "medium"}),
        (FAILED, (), {"status": "failed", "confidence": 97.0, "riskLevel": "high"}),
    ],
)
def test_overall(verdict, reasons, overall):
    assert concluded(step(verdict, reasons=reasons)).result["overall"] == overall


@pytest.mark.parametrize(
    ("verdict", "confidence"), [(PASSED, 90.0), (REVIEW, 50.0), (FAILED, 20.0)]
)
def test_confidence_without_any_score(verdict, confidence):
    outcome = concluded(step(verdict, StepKind.WATCHLIST))

    assert outcome.result["overall"]["confidence"] == confidence


def test_lowest_score_is_the_confidence():
    face = BiometricFindings(face_match=CheckResult.PASSED, face_match_score=81.234)

    outcome = concluded(step(PASSED), step(PASSED, StepKind.FACE_MATCH, biometric=face))

    assert outcome.result["overall"]["confidence"] == 81.23


def test_result_of_a_document():
    outcome = concluded(step(PASSED, vendor={"docType": 1}))

    assert outcome.extracted == DOCUMENT.extracted
    assert outcome.result == {
        "overall": {"status": "passed", "confidence": 97.0, "riskLevel": "low"},
        "document": {
            "extracted": {"firstName": "ANNA MARIA", "mrz": "P<UTO"},
            "checks": {
                "authenticity": "passed",
                "validity": "passed",
                "dataConsistency": "warning",
            },
            "confidence": 97.0,
        },
        "biometric": None,
        "idCheck": None,
        "risks": [],
        "reasonCodes": [],
        "regula": {"docType": 1},
        "providerDetails": None,
        "metadata": {
            "provider": "regula",
            "processingTime": 1500,
            "timestamp": "2026-01-02T03:04:06.500000Z",
            "mrzParsed": True,
            "authenticityChecksPerformed": ["authenticity", "validity"],
            "rfidProcessed": False,
        },
    }


def test_details_of_other_providers_have_a_place_of_their_own():
    outcome = concluded(
        step(PASSED, vendor={"a": 1}),
        final=FinalVerdict(PASSED, vendor={"final": {"statusCode": 3}}),
        provider="idmeta",
    )

    assert outcome.result["regula"] is None
    assert outcome.result["providerDetails"] == {"a": 1, "final": {"statusCode": 3}}


def test_reasons_are_told_with_level_and_words():
    outcome = concluded(step(PASSED, reasons=(LOW,)))

    assert outcome.result["reasonCodes"] == ["image_blurred"]
    assert outcome.result["risks"] == [
        {"type": "image_blurred", "level": "low", "description": "Blurred"}
    ]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (CheckResult.PASSED, "passed"),
        (CheckResult.FAILED, "failed"),
        (CheckResult.WARNING, "failed"),
        (CheckResult.NOT_PERFORMED, "not_performed"),
    ],
)
def test_doubtful_face_is_not_a_pass(found, told):
    face = BiometricFindings(liveness=found, face_match=found)

    biometric = concluded(step(REVIEW, StepKind.LIVENESS, biometric=face)).result["biometric"]

    assert (biometric["livenessCheck"], biometric["faceMatch"]) == (told, told)


@pytest.mark.parametrize(
    ("final", "told"), [(PASSED, "passed"), (REVIEW, "not_performed"), (None, "not_performed")]
)
def test_bare_score_passes_only_with_the_final_word(final, told):
    face = BiometricFindings(liveness_score=93.1)

    outcome = concluded(
        step(NONE, StepKind.LIVENESS, biometric=face),
        final=FinalVerdict(final) if final else None,
    )

    assert outcome.result["biometric"]["livenessCheck"] == told
    assert outcome.result["biometric"]["livenessScore"] == 93.1


def test_second_document_adds_what_the_first_did_not_say():
    second = DocumentFindings(
        {"firstName": "ANN", "address": "1 MAIN ST"},
        authenticity=CheckResult.FAILED,
        confidence=60.0,
    )

    document = concluded(step(PASSED), step(PASSED, document=second)).result["document"]

    assert document["extracted"] == {
        "firstName": "ANNA MARIA",
        "mrz": "P<UTO",
        "address": "1 MAIN ST",
    }
    assert document["checks"]["authenticity"] == "failed"
    assert document["confidence"] == 60.0


def test_id_check():
    check = IdFindings("philippines_prc", "0000001", IdStatus.FOUND, name_match_score=75.0)

    outcome = concluded(step(PASSED, StepKind.ID_CHECK, id_check=check))

    assert outcome.result["document"] is None
    assert outcome.result["idCheck"] == check.to_json()
    assert outcome.result["overall"]["confidence"] == 75.0


def test_right_name_says_nothing_for_an_invalid_record():
    check = IdFindings("philippines_prc", "0000003", IdStatus.INVALID, name_match_score=100.0)

    outcome = concluded(step(FAILED, StepKind.ID_CHECK, id_check=check))

    assert outcome.result["overall"]["confidence"] == 20.0


def test_step_results_survive_storage():
    result = StepResult(
        REVIEW,
        (LOW,),
        DOCUMENT,
        BiometricFindings(CheckResult.PASSED, CheckResult.FAILED, 90.0, 10.0),
        IdFindings("philippines_prc", "1", record={"lastName": "X"}),
        {"a": [1]},
        b"\xff\xd8portrait",
    )

    assert StepResult.from_json(result.to_json()) == result
