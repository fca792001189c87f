"""Philippine registry checks. The last character of the number chooses the outcome.

Source: IDMeta documentation, "NBI clearance" and "PhilSys check via API". The answers of LTO, PRC,
police and SSS are documented nowhere: these bodies are assumed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from providers.sandbox.calls import JsonObject
from providers.sandbox.faults import Scenario
from providers.sandbox.idmeta import bodies
from providers.sandbox.idmeta.steps import Answer, Step, StepResult
from providers.sandbox.idmeta.verifications import UNKNOWN_STATUS, Status
from providers.sandbox.staging import LONG_PAST

EXPIRED_SESSION = "expired"  # a liveness session id that starts like this


@dataclass(frozen=True)
class Person:
    """Whose record it is, unless the call itself says."""

    first: str
    middle: str
    last: str

    @property
    def full_name(self) -> str:
        """As NBI writes it."""
        return f"{self.last}, {self.first} {self.middle}"


HOLDER = Person("MAYUMI", "SUBOK", "HALIMBAWA")
SOMEBODY_ELSE = Person("TALA", "ISA", "PANIBAGO")


def check_nbi(step: Step) -> StepResult:
    """NBI clearance; the payload's key is `response`. Declined is a clearance that has expired."""
    step.require("clearanceNo")
    number = step.call.text("clearanceNo")
    step.note_number(number)
    is_found, is_valid = _found_and_valid(step)
    data: JsonObject | None = None
    person = _person(step)
    if is_found:
        data = {
            "ID_no": number,
            "full_name": person.full_name,
            "lname": person.last,
            "mname": person.middle,
            "fname": person.first,
            "photo": "https://sandbox.invalid/nbi/photo.jpg",
            "clearance_expiry": "July 25, 2035" if is_valid else "July 25, 2023",
            "occupation": "-",
            "is_expired": not is_valid,
            "took": 4,
            "has_pin": False,
        }
    response: JsonObject = {
        "data": data,
        "found": is_found,
        "valid": is_valid,
        "statusCode": 200 if is_found else 404,
    }
    body: JsonObject = {"status": True, "message": "OK", "response": response}
    return StepResult(body, _verdict(step), f"{person.first} {person.last}" if is_found else "")


def check_driving_licence(step: Step) -> StepResult:
    """LTO. The number comes as `licenseNumber` (SDK) or `licenseNo` (another client)."""
    if not step.call.text("licenseNo"):
        step.require("licenseNumber")
    number = step.call.text("licenseNumber", "licenseNo")

    def record(*, is_valid: bool) -> JsonObject:
        given = step.call.text("expirationDate") or "2035-05-17"
        return {
            "licenseNumber": number,
            "fullName": _person(step).full_name,
            "expirationDate": given if is_valid else LONG_PAST,
            "licenseStatus": "VALID" if is_valid else "EXPIRED",
        }

    return _registry_result(step, number, record)


def check_prc(step: Step) -> StepResult:
    """Professional licence, by number and birth date or by names."""
    step.require("profession")
    number = step.call.text("licenseNo")
    if not number:
        step.require("firstName", "lastName")
    step.note_surname(step.call.text("lastName"))

    def record(*, is_valid: bool) -> JsonObject:
        return {
            "profession": step.call.text("profession").upper(),
            "licenseNo": number or "0000001",
            "firstName": _shown(step, "firstName", _person(step).first),
            "lastName": _shown(step, "lastName", _person(step).last),
            "validUntil": "2035-05-17" if is_valid else LONG_PAST,
        }

    return _registry_result(step, number, record)


def check_police(step: Step) -> StepResult:
    step.require("surname", "clearanceNo")
    number = step.call.text("clearanceNo")
    step.note_surname(step.call.text("surname"))

    def record(*, is_valid: bool) -> JsonObject:
        return {
            "clearanceNo": number,
            "surname": _shown(step, "surname", _person(step).last),
            "validUntil": "2035-05-17" if is_valid else LONG_PAST,
        }

    return _registry_result(step, number, record)


def check_social_security(step: Step) -> StepResult:
    step.require("crnSsNumber")
    number = step.call.text("crnSsNumber")

    def record(*, is_valid: bool) -> JsonObject:
        return {"crnSsNumber": number, "fullName": _person(step).full_name}

    return _registry_result(step, number, record)


def check_philsys(step: Step) -> StepResult:
    """PhilSys, by card number, QR text or form; `result` is JSON text."""
    step.require("face_liveness_session_id")
    form = step.call.body.get("pcnFormData")
    if not (step.call.text("pcn", "qr_data") or isinstance(form, dict)):
        step.require("pcn")
    person = form if isinstance(form, dict) else {}
    step.note_number(step.call.text("pcn"))
    step.note_surname(str(person.get("last_name", "")))
    if step.call.text("face_liveness_session_id").startswith(EXPIRED_SESSION):
        body: JsonObject = {
            "status": False, "message": "face_liveness_error_exception", "result": None,
        }  # fmt: skip
        raise Answer(HTTPStatus.OK, body)
    verdict = Status.REJECTED if step.has(Scenario.MISMATCH) else _verdict(step)
    status = UNKNOWN_STATUS if step.has(Scenario.UNKNOWN_ENUM) else int(verdict)
    names = {Status.VERIFIED: "OK", Status.REVIEW_NEEDED: "Sandbox: needs a person's look"}
    return StepResult(
        {
            "status": status,
            "status_message": "ESCALATED" if status == UNKNOWN_STATUS else verdict.name,
            "message": names.get(
                verdict,
                "Sandbox: face liveness session does not match the submitted PhilSys data",
            ),
            "result": json.dumps(_philsys_result(person, verdict)),
        },
        verdict,
        _philsys_name(person) if verdict is not Status.REJECTED else "",
    )


def _registry_result(step: Step, number: str, record: Callable[..., JsonObject]) -> StepResult:
    """The assumed form of the undocumented registries: found, valid, data.

    In the scenario undocumented an answer in which nothing can be recognised.
    """
    step.note_number(number)
    is_found, is_valid = _found_and_valid(step)
    if step.has(Scenario.UNDOCUMENTED):
        return StepResult(bodies.step_body({"reference": "SBX-REF-0001"}), _verdict(step))
    result: JsonObject = {
        "data": record(is_valid=is_valid) if is_found else None,
        "found": is_found,
        "valid": is_valid,
        "statusCode": 200 if is_found else 404,
    }
    return StepResult(bodies.step_body(result), _verdict(step))


def _person(step: Step) -> Person:
    """A number that is asked for alone is somebody else's in the scenario mismatch."""
    return SOMEBODY_ELSE if step.has(Scenario.MISMATCH) else HOLDER


def _shown(step: Step, field: str, name: str) -> str:
    """The name as it was posted, unless the record is of somebody else."""
    return name if step.has(Scenario.MISMATCH) else step.call.text(field).upper() or name


def _found_and_valid(step: Step) -> tuple[bool, bool]:
    is_found = not step.has(Scenario.NOT_FOUND)
    is_bad = step.has(Scenario.DECLINED) or step.has(Scenario.EXPIRED)
    return is_found, is_found and not is_bad


def _verdict(step: Step) -> Status:
    is_found, is_valid = _found_and_valid(step)
    return step.verdict() if is_found and is_valid else Status.REJECTED


def _philsys_result(person: JsonObject, verdict: Status) -> JsonObject:
    """Source: PSA eVerify's form as a public client shows it; the failure is assumed."""
    if verdict is Status.REJECTED:
        return {"data": {"code": None, "verified": False},
                "meta": {"tier_level": "Tier II", "result_grade": 0}}  # fmt: skip
    data: JsonObject = {
        "code": "SBX-0001", "token": "sandbox-token", "reference": "SBX-REF-0001",
        "face_url": "https://sandbox.invalid/philsys/face.jpg",
        "full_name": _philsys_name(person),
        "first_name": person.get("first_name", "MAYUMI"),
        "middle_name": person.get("middle_name", "SUBOK"),
        "last_name": person.get("last_name", "HALIMBAWA"),
        "suffix": person.get("suffix"),
        "gender": "Female", "marital_status": "Single", "blood_type": "O+",
        "email": None, "mobile_number": None,
        "birth_date": person.get("birth_date", "1994-05-17"),
        "full_address": "1 Sample St, Barangay Una, Quezon City",
        "barangay": "Barangay Una", "municipality": "Quezon City", "province": "NCR",
        "country": "Philippines", "postal_code": "0000",
    }  # fmt: skip
    return {"data": data, "meta": {"tier_level": "Tier II", "result_grade": 1}}


def _philsys_name(person: JsonObject) -> str:
    defaults = {"first_name": "MAYUMI", "middle_name": "SUBOK", "last_name": "HALIMBAWA"}
    parts = (person.get(key, default) for key, default in defaults.items())
    return " ".join(str(part) for part in parts if part)
