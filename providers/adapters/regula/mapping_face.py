"""The answer of Face SDK `/api/match`, as a step result.

Errors come as `code` inside a 200, and a similarity runs from 0 to 1 although the published text
says percent. Source: Regula Face SDK OpenAPI 8.2, MatchResponse, FaceSDKResultCode.
"""

from __future__ import annotations

from typing import Any

from providers.adapters.regula.config import TenantOptions
from providers.adapters.regula.mapping_numbers import (
    DETECTION_NO_FACE,
    FACE_NO_LICENCE,
    FACE_OK,
)
from providers.adapters.regula.mapping_request import DOCUMENT_INDEX, SELFIE_INDEX
from providers.adapters.regula.mapping_wire import members, number, objects, whole
from providers.errors import LicenceInvalid, UnreadableAnswer
from providers.types import (
    BiometricFindings,
    CheckResult,
    JsonObject,
    Reason,
    RiskLevel,
    StepResult,
    Verdict,
)

NOT_COMPARED = Reason(
    "face_not_compared", RiskLevel.MEDIUM, "The selfie could not be compared with the document"
)
MISMATCH = Reason(
    "face_mismatch", RiskLevel.HIGH, "The selfie shows another face than the document"
)
UNCERTAIN = Reason(
    "face_uncertain", RiskLevel.MEDIUM, "The selfie resembles the document's face, but not enough"
)
NO_FACE = {
    DOCUMENT_INDEX: Reason(
        "document_face_missing", RiskLevel.MEDIUM, "No face was found on the document"
    ),
    SELFIE_INDEX: Reason(
        "selfie_face_missing", RiskLevel.MEDIUM, "No face was found in the selfie"
    ),
}
UNUSABLE_PICTURE = Reason(
    "face_picture_unusable",
    RiskLevel.MEDIUM,
    "A picture is empty, unreadable or shows no usable face",
)
UNUSABLE_PICTURE_CODES = frozenset(range(1, 7))


def face_result(body: Any, options: TenantOptions) -> StepResult:
    """Raises LicenceInvalid for code 200, UnreadableAnswer for a body that is not Regula's."""
    answer = members(body)
    if "code" not in answer and "results" not in answer:
        raise UnreadableAnswer("The provider's answer is not one of Regula's Face SDK")
    code = whole(answer.get("code"))
    if code == FACE_NO_LICENCE:
        raise LicenceInvalid("The Face SDK has no valid licence")
    vendor: JsonObject = {"faceCode": code}
    similarity = _similarity(answer) if code == FACE_OK else None
    if similarity is None:
        return StepResult(
            Verdict.REVIEW,
            (NOT_COMPARED, *_input_reasons(answer, code)),
            biometric=BiometricFindings(),
            vendor=vendor,
        )
    return _compared(similarity, options, {**vendor, "faceSimilarity": similarity})


def _compared(similarity: float, options: TenantOptions, vendor: JsonObject) -> StepResult:
    reasons: tuple[Reason, ...] = ()
    if similarity >= options.face_threshold:
        verdict, check = Verdict.PASSED, CheckResult.PASSED
    elif similarity >= options.face_review_threshold:
        verdict, check, reasons = Verdict.REVIEW, CheckResult.WARNING, (UNCERTAIN,)
    else:
        verdict, check, reasons = Verdict.FAILED, CheckResult.FAILED, (MISMATCH,)
    score = round(similarity * 100, 2)
    findings = BiometricFindings(face_match=check, face_match_score=score)
    return StepResult(verdict, reasons, biometric=findings, vendor=vendor)


def _similarity(answer: dict[str, Any]) -> float | None:
    """Of our pair, 0.0 to 1.0; of several faces the least similar, None if not to be trusted."""
    wanted = {DOCUMENT_INDEX, SELFIE_INDEX}
    found = [
        number(pair.get("similarity"))
        for pair in objects(answer.get("results"))
        if {whole(pair.get("firstIndex")), whole(pair.get("secondIndex"))} == wanted
    ]
    similarities = [value for value in found if value is not None and 0.0 <= value <= 1.0]
    return min(similarities) if similarities and len(similarities) == len(found) else None


def _input_reasons(answer: dict[str, Any], code: int | None) -> list[Reason]:
    """What to ask a new picture of, as far as the service says it."""
    faceless = {
        whole(detection.get("imageIndex"))
        for detection in objects(answer.get("detections"))
        if whole(detection.get("status")) == DETECTION_NO_FACE
    }
    reasons = [reason for index, reason in NO_FACE.items() if index in faceless]
    if not reasons and code in UNUSABLE_PICTURE_CODES:
        return [UNUSABLE_PICTURE]
    return reasons
