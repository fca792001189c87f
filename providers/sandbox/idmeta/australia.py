"""Australian document verification (DVS). The last character of the number chooses the outcome.

Source: IDMeta documentation, "Government data, Australia". Of the v1 answer only the keys and one
value of `VerificationResultCode` (3) are documented; that another value means no match is assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from providers.sandbox.faults import Scenario
from providers.sandbox.idmeta import bodies
from providers.sandbox.idmeta.steps import Step, StepResult
from providers.sandbox.idmeta.verifications import UNKNOWN_STATUS, Status

MATCHED = 3
NOT_MATCHED = 1  # assumed
REFUSING = (Scenario.DECLINED, Scenario.NOT_FOUND, Scenario.EXPIRED, Scenario.MISMATCH)


@dataclass(frozen=True)
class Document:
    """One kind of document: IDMeta's plan code, the required fields, and which is its number."""

    plan_code: str
    fields: tuple[str, ...]
    number: str = ""


_NAME_AND_BIRTH = ("family_name", "given_name", "dob")
_REGISTRATION = ("registration_number", "registration_state")

V1_DOCUMENTS = {
    "passport": Document(
        "australia_passport",
        (*_NAME_AND_BIRTH, "gender", "travel_document_number"),
        "travel_document_number",
    ),
    "medicare": Document(
        "australia_medicare_card",
        ("name1", "card_number", "card_type", "card_expiry", "individual_reference_number"),
        "card_number",
    ),
    "centrelink_card": Document(
        "australia_centrelink_card",
        ("name", "dob", "card_expiry", "card_type", "customer_reference_number"),
    ),
    "immigration": Document(
        "australia_immigration",
        (*_NAME_AND_BIRTH, "immigration_card_number"),
        "immigration_card_number",
    ),
    "visa": Document(
        "australia_visa",
        (*_NAME_AND_BIRTH, "passport_number", "country_of_issue"),
        "passport_number",
    ),
    "aec": Document("australia_aec", ("family_name", "given_name", "suburb", "postcode", "state")),
    "asic_msic": Document(
        "australia_asic_misc",
        ("full_name", "dob", "card_number", "card_expiry", "card_type"),
        "card_number",
    ),
    "certificate/birth": Document(
        "australia_birth_certificate", (*_NAME_AND_BIRTH, *_REGISTRATION), "registration_number"
    ),
    "certificate/death": Document(
        "australia_death_certificate",
        ("family_name", "given_name", "doe", *_REGISTRATION, "registration_date",
         "certificate_number"),
        "registration_number",
    ),
    "certificate/citizenship": Document(
        "australia_citizenship_certificate",
        ("family_name", "dob", "acquisition_date", "stock_number"),
        "stock_number",
    ),
    "certificate/changeOfName": Document(
        "australia_change_of_name_certificate",
        ("new_family_name", "new_given_name", "dob", *_REGISTRATION),
        "registration_number",
    ),
    "certificate/marriage": Document(
        "australia_marriage_certificate",
        ("bride_family_name", "bride_given_name", "groom_family_name", "groom_given_name", "dob",
         *_REGISTRATION),
        "registration_number",
    ),
}  # fmt: skip


def checking(document: Document) -> Callable[[Step], StepResult]:
    """The v1 check of one kind of document."""

    def check(step: Step) -> StepResult:
        step.require(*document.fields)
        step.note_number(step.call.text(document.number))
        step.note_surname(step.call.text("family_name"))
        is_match = not any(step.has(scenario) for scenario in REFUSING)
        result: dict[str, object] = {
            "ActivityId": step.verification.id,
            "OriginatingAgencyCode": "SBX001",
            "VerificationRequestNumber": "SBX0000001",
            "VerificationResultCode": MATCHED if is_match else NOT_MATCHED,
        }
        return StepResult(bodies.step_body(result), _verdict(step, is_match=is_match))

    return check


def check_driver_licence_v3(step: Step) -> StepResult:
    """v3 answers whether the details are valid, and carries the step's verdict."""
    step.require(*_NAME_AND_BIRTH, "licence_number", "state_of_issue")
    step.note_number(step.call.text("licence_number"))
    step.note_surname(step.call.text("family_name"))
    is_match = not any(step.has(scenario) for scenario in REFUSING)
    verdict = _verdict(step, is_match=is_match)
    is_unknown = step.has(Scenario.UNKNOWN_ENUM)
    body = bodies.v3_body(
        step.verification,
        step.plan,
        {"isValid": is_match},
        UNKNOWN_STATUS if is_unknown else int(verdict),
        "ESCALATED" if is_unknown else verdict.name,
    )
    return StepResult(body, verdict)


def _verdict(step: Step, *, is_match: bool) -> Status:
    return step.verdict() if is_match else Status.REJECTED
