"""The Face SDK's answers: errors inside a 200, our pair among others, thresholds."""

from __future__ import annotations

import pytest

from providers.adapters.regula import config, mapping_face
from providers.errors import LicenceInvalid, RequestRefused, UnreadableAnswer
from providers.types import BiometricFindings, CheckResult, RiskLevel, Verdict


def codes(result):
    return [reason.code for reason in result.reasons]


@pytest.mark.parametrize(
    ("payload", "verdict", "check", "score", "reasons"),
    [
        ("face_same", Verdict.PASSED, CheckResult.PASSED, 97.31, []),
        ("face_different", Verdict.FAILED, CheckResult.FAILED, 12.07, ["face_mismatch"]),
        ("face_in_review_band", Verdict.REVIEW, CheckResult.WARNING, 70.12, ["face_uncertain"]),
        ("face_three_pictures", Verdict.PASSED, CheckResult.PASSED, 88.0, []),
        (
            "face_several_in_one_picture",
            Verdict.FAILED,
            CheckResult.FAILED,
            30.0,
            ["face_mismatch"],
        ),
    ],
)
def test_compared(compare, payload, verdict, check, score, reasons):
    result = compare(payload)
    assert (result.verdict, codes(result)) == (verdict, reasons)
    assert result.biometric == BiometricFindings(face_match=check, face_match_score=score)


@pytest.mark.parametrize(
    ("payload", "reasons"),
    [
        ("face_no_face_in_selfie", ["face_not_compared", "selfie_face_missing"]),
        ("face_no_face_on_document", ["face_not_compared", "document_face_missing"]),
        ("face_pair_missing", ["face_not_compared"]),
        ("face_code_beside_result", ["face_not_compared"]),
        ("face_similarity_in_percent", ["face_not_compared"]),
        ("face_similarity_null", ["face_not_compared"]),
        ("face_code_missing", ["face_not_compared"]),
        ("face_empty_picture", ["face_not_compared", "face_picture_unusable"]),
        ("face_no_landmarks", ["face_not_compared", "face_picture_unusable"]),
        ("face_cannot_decode", ["face_not_compared", "face_picture_unusable"]),
        ("face_internal_error", ["face_not_compared"]),
        ("face_too_few_pictures", ["face_not_compared"]),
        ("face_faces_not_matched", ["face_not_compared"]),
        ("face_too_many_of_a_type", ["face_not_compared"]),
    ],
)
def test_not_compared_goes_to_a_human(compare, payload, reasons):
    result = compare(payload)
    assert (result.verdict, codes(result)) == (Verdict.REVIEW, reasons)
    assert {reason.level for reason in result.reasons} == {RiskLevel.MEDIUM}
    assert result.biometric == BiometricFindings()


def test_the_code_and_similarity_are_kept(compare):
    assert compare("face_same").vendor == {"faceCode": 0, "faceSimilarity": 0.9731}
    assert compare("face_too_many_of_a_type").vendor == {"faceCode": 238}


def test_code_200_is_the_licence(compare):
    with pytest.raises(LicenceInvalid):
        compare("face_no_licence")


@pytest.mark.parametrize("body", [{"message": "hello"}, [], "text", None])
def test_another_servers_answer_is_not_taken_for_a_comparison(body):
    with pytest.raises(UnreadableAnswer):
        mapping_face.face_result(body, config.TenantOptions.read({}))


@pytest.mark.parametrize(
    ("threshold", "review_threshold", "verdict"),
    [
        (0.7012, 0.65, Verdict.PASSED),
        (0.7013, 0.7012, Verdict.REVIEW),
        (0.8, 0.7013, Verdict.FAILED),
        (0.71, 0.95, Verdict.FAILED),
        (0.5, 0.65, Verdict.PASSED),
    ],
)
def test_thresholds_are_the_tenants(compare, threshold, review_threshold, verdict):
    result = compare(
        "face_in_review_band", face_threshold=threshold, face_review_threshold=review_threshold
    )
    assert result.verdict is verdict


@pytest.mark.parametrize("value", [-0.1, 1.1, 75.0, float("nan"), True, "0.7", None])
@pytest.mark.parametrize("name", ["face_threshold", "face_review_threshold"])
def test_thresholds_out_of_range_are_refused(name, value):
    with pytest.raises(RequestRefused, match=f"{name} must be between 0 and 1"):
        config.TenantOptions.read({name: value})
