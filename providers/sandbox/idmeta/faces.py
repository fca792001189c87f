"""Liveness, face comparison and registration.

Source: IDMeta documentation, "Biometric verification" and "Biometrics registration"; the
thresholds of face compare are the example of its product page.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from http import HTTPStatus

from providers.sandbox.calls import JsonObject
from providers.sandbox.faults import Scenario
from providers.sandbox.idmeta import bodies
from providers.sandbox.idmeta.steps import Answer, Step, StepResult
from providers.sandbox.idmeta.verifications import UNKNOWN_STATUS, Status
from providers.sandbox.reading.faces import Face, similarity
from providers.sandbox.reading.page import FacePicture

SMALLEST_FACE = 0.08  # of the picture's width
LIVE, DOUBTFUL, SPOOF = 0.987, 0.52, 0.031
VERIFIED_SCORE, REJECTED_SCORE = 70, 20
STAGED_SCORES = {Scenario.DECLINED: 11, Scenario.REVIEW: 45}


def check_liveness(step: Step) -> StepResult:
    """v1: a probability without a verdict."""
    face = only_face(step, "image")
    score = _liveness(step)
    result: JsonObject = {
        "status": "success",
        "probability": _number(step, score),
        "message": "OK",
        "faceId": _face_id(face),
        "timestamp": _now(),
    }
    return StepResult(_with_request(step, result), step.verdict())


def check_liveness_v3(step: Step) -> StepResult:
    """v3: the verdict is in the answer."""
    only_face(step, "image")
    score, verdict = _liveness(step), step.verdict()
    code = UNKNOWN_STATUS if step.has(Scenario.UNKNOWN_ENUM) else int(verdict)
    text = "ESCALATED" if step.has(Scenario.UNKNOWN_ENUM) else verdict.name
    data: JsonObject = {"livenessPass": score >= DOUBTFUL, "livenessScore": score}
    return StepResult(bodies.v3_body(step.verification, step.plan, data, code, text), verdict)


def compare_faces(step: Step) -> StepResult:
    """The score runs from 0 to 100. Each picture's largest face is compared."""
    first, second = only_face(step, "image1"), only_face(step, "image2")
    scores = [score for scenario, score in STAGED_SCORES.items() if step.has(scenario)]
    score = scores[0] if scores else round(100 * similarity(first, second))
    if score >= VERIFIED_SCORE:
        verdict = Status.VERIFIED
    else:
        verdict = Status.REJECTED if score < REJECTED_SCORE else Status.REVIEW_NEEDED
    result: JsonObject = {"status": "success", "message": "OK", "score": _number(step, score)}
    return StepResult(bodies.step_body(result), verdict)


def register_face(step: Step) -> StepResult:
    """Enrol a user once per company; a second time is a logical failure, as in the SDK."""
    step.require("username")
    face = only_face(step, "image")
    if not step.call.sandbox.verifications.enroll(
        step.verification.account, step.call.text("username")
    ):
        duplicate = bodies.logical_failure("Account already exists")
        raise Answer(HTTPStatus.OK, duplicate | {"message": "Verification failed"})
    result: JsonObject = {
        "status": "success",
        "message": "Biometrics registration successful.",
        "result": {
            "associatedVerificationId": step.verification.id,
            "faceId": _face_id(face),
            "imageUrl": f"https://sandbox.invalid/faces/{_face_id(face)}.jpg",
            "timestamp": _now(),
        },
    }
    return StepResult(_with_request(step, result), step.verdict())


def only_face(step: Step, name: str) -> Face:
    """The one face in a required picture.

    Raises Answer with IDMeta's text, inside HTTP 200, if there is none or it is badly placed.
    """
    step.require(name)
    picture = step.faces(name)
    problem = face_problem(picture)
    if problem:
        raise Answer(HTTPStatus.OK, bodies.logical_failure(problem))
    return picture.faces[0]


def face_problem(picture: FacePicture) -> str | None:
    if not picture.faces:
        return bodies.NO_FACE
    if len(picture.faces) > 1:
        return bodies.SEVERAL_FACES
    face = picture.faces[0]
    if face.touches_border:
        return bodies.FACE_CROPPED
    if face.width < SMALLEST_FACE * picture.width:
        return bodies.FACE_TOO_SMALL
    return None


def _liveness(step: Step) -> float:
    if step.has(Scenario.DECLINED) or step.has(Scenario.FORGED):
        step.call.note(Scenario.DECLINED)
        return SPOOF
    return DOUBTFUL if step.has(Scenario.REVIEW) else LIVE


def _number(step: Step, value: float) -> float | str:
    return str(value) if step.call.sandbox.settings.numbersAsText else value


def _with_request(step: Step, result: JsonObject) -> JsonObject:
    block = bodies.api_request(
        step.call.sandbox.verifications.next_request_id(),
        step.verification, step.plan, step.call.body, result,
    )  # fmt: skip
    return bodies.step_body(result) | {"apiRequest": block}


def _face_id(face: Face) -> str:
    return "face-" + hashlib.sha256(repr(face.descriptor).encode()).hexdigest()[:12]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
