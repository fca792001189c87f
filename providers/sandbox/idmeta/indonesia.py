"""The Indonesian registry, Dukcapil. The last digit of the NIK chooses the outcome.

Source: IDMeta documentation, "Dukcapil data facematch" and "Dukcapil data full". Only answers in
which everything agrees are documented; the others are assumed.
"""

from __future__ import annotations

from providers.sandbox.calls import JsonObject
from providers.sandbox.faults import Scenario
from providers.sandbox.idmeta import bodies
from providers.sandbox.idmeta.steps import Step, StepResult
from providers.sandbox.idmeta.verifications import Status

PERSON = ("nik", "name", "date_of_birth")


def check(step: Step) -> StepResult:
    step.require(*PERSON)
    return _v1_result(step, {})


def check_with_face(step: Step) -> StepResult:
    step.require(*PERSON, "selfie_image")
    face: JsonObject = {
        "selfie_image_percentage": "11.0" if step.has(Scenario.DECLINED) else "99.8",
        "liveness_result": True,
        "reason_code": "0",
        "error_message": None,
    }
    return _v1_result(step, face)


def check_full_v3(step: Step) -> StepResult:
    step.require(*PERSON, "gender")
    agrees = _agreement(step)
    verdict = _verdict(step, agrees)
    compared: JsonObject = {
        "nik": agrees["nik"],
        "name": agrees["name"],
        "dateOfBirth": agrees["date_of_birth"],
        "gender": agrees["nik"],
    }
    data: JsonObject = {
        "isValid": agrees["nik"],
        "success": True,
        "message": "Berhasil",
        "data": compared,
    }
    body = bodies.v3_body(step.verification, step.plan, data, int(verdict), verdict.name)
    return StepResult(body, verdict)


def _v1_result(step: Step, more: JsonObject) -> StepResult:
    agrees = _agreement(step)
    verdict = _verdict(step, agrees)
    body: JsonObject = {
        "status": verdict.name,
        "message": "OK",
        "result": {"success": True, "message": "Berhasil", "data": {**agrees, **more}},
        "risk_rating": "LOW" if verdict is Status.VERIFIED else "HIGH",
        "api_request_status": 1,
    }
    return StepResult(body, verdict)


def _agreement(step: Step) -> dict[str, bool]:
    """What agrees with the registry's record: nothing without one, all but the name by mismatch."""
    step.note_number(step.call.text("nik"))
    is_found = not step.has(Scenario.NOT_FOUND)
    is_same_person = is_found and not step.has(Scenario.MISMATCH)
    return {"nik": is_found, "name": is_same_person, "date_of_birth": is_found}


def _verdict(step: Step, agrees: dict[str, bool]) -> Status:
    if not agrees["nik"] or step.has(Scenario.EXPIRED):
        return Status.REJECTED
    return step.verdict() if agrees["name"] else Status.REVIEW_NEEDED
