"""What all steps share: who calls, which verification, what it costs, what is noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from providers.sandbox.calls import Call, JsonObject
from providers.sandbox.faults import Scenario
from providers.sandbox.idmeta import bodies
from providers.sandbox.idmeta.accounts import ACCOUNTS, Account, Plan
from providers.sandbox.idmeta.verifications import Status, Verification
from providers.sandbox.reading.page import FacePicture, Page
from providers.sandbox.reading.pictures import UnreadablePicture
from providers.sandbox.staging import NUMBER_ENDINGS, SURNAMES


class Answer(Exception):
    """Raised to answer at once with a status and a body: nothing is recorded or billed."""

    def __init__(self, status: int, body: JsonObject) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass(frozen=True)
class StepResult:
    """What a processed step answers, and its verdict (None: a better picture is wanted)."""

    body: JsonObject
    verdict: Status | None
    profile_name: str = ""


@dataclass(frozen=True)
class Step:
    """One call of one plan's endpoint."""

    call: Call
    verification: Verification
    plan: Plan

    def require(self, *names: str) -> None:
        """Raises Answer 422 if one of the fields is missing."""
        missing = {
            name: f"The {_words(name)} field is required."
            for name in names
            if name not in self.call.request.files and not self.call.text(name)
        }
        if missing:
            raise Answer(HTTPStatus.UNPROCESSABLE_ENTITY, bodies.invalid(missing))

    def page(self, name: str) -> Page | None:
        """The document picture in a field, read; its scenarios are noted."""
        data = self._picture(name)
        if data is None:
            return None
        try:
            page = self.call.sandbox.pages.read(data)
        except UnreadablePicture as error:
            raise _not_a_picture(name) from error
        self.call.note(page.scenario)
        return page

    def faces(self, name: str) -> FacePicture:
        """The faces in the picture in a required field; its scenarios are noted."""
        data = self._picture(name)
        try:
            picture = self.call.sandbox.pages.read_faces(data or b"")
        except UnreadablePicture as error:
            raise _not_a_picture(name) from error
        self.call.note(picture.scenario)
        return picture

    def note_number(self, number: str) -> None:
        """Note the scenario that a test number's last character stands for."""
        self.call.note(NUMBER_ENDINGS.get(number[-1:]))

    def note_surname(self, surname: str) -> None:
        self.call.note(SURNAMES.get(surname.upper()))

    def has(self, scenario: Scenario) -> bool:
        return scenario in self.call.scenarios

    def verdict(self, otherwise: Status = Status.VERIFIED) -> Status:
        """The verdict that the scenarios ask for."""
        if self.has(Scenario.DECLINED):
            return Status.REJECTED
        return Status.REVIEW_NEEDED if self.has(Scenario.REVIEW) else otherwise

    def _picture(self, name: str) -> bytes | None:
        data = self.call.file(name)
        if data is None and self.call.text(name):
            raise _not_a_picture(name)
        return data


def authenticated(call: Call) -> Account:
    """The account of the bearer token. Raises Answer 401 or 403."""
    scheme, _, token = call.request.headers.get("Authorization", "").partition(" ")
    account = ACCOUNTS.get(token) if scheme == "Bearer" else None
    if account is None:
        raise error(HTTPStatus.UNAUTHORIZED)
    if account.is_suspended:
        raise error(HTTPStatus.FORBIDDEN)
    return account


def run_step(call: Call, plan: Plan, process: Callable[[Step], StepResult]) -> JsonObject:
    """Check, process, bill, record. A logical failure is neither billed nor recorded."""
    account = authenticated(call)
    step = Step(call, verification_of(call, account), plan)
    if step.has(Scenario.LOGICAL_FAILURE):
        return bodies.logical_failure(bodies.UPSTREAM_UNAVAILABLE)
    result = process(step)
    if step.has(Scenario.LOGICAL_FAILURE):
        return bodies.logical_failure(bodies.UPSTREAM_UNAVAILABLE)
    call.sandbox.bills.charge_idmeta(
        account=account.name,
        kind=plan.code,
        reference=step.verification.id,
        price=plan.rate,
        correlation_id=call.correlation_id,
    )
    step.verification.record(plan, result.verdict, result.profile_name)
    call.sandbox.webhooks.step_done(step.verification, plan, result.verdict)
    return result.body


def verification_of(call: Call, account: Account) -> Verification:
    """The verification that the call names, by its v1 or v3 field names.

    Raises Answer 422 for missing ids or another template, 404 for an unknown verification.
    """
    template_id = call.text("template_id", "trustFlowId", "trust_flow_id")
    verification_id = call.text("verification_id", "trustValidationId", "trust_validation_id")
    missing = {
        name: f"The {_words(name)} field is required."
        for name, value in (("template_id", template_id), ("verification_id", verification_id))
        if not value
    }
    if missing:
        raise Answer(HTTPStatus.UNPROCESSABLE_ENTITY, bodies.invalid(missing))
    verification = call.sandbox.verifications.find(account, verification_id)
    if verification is None:
        raise Answer(HTTPStatus.NOT_FOUND, {"message": bodies.VERIFICATION_NOT_FOUND})
    if str(verification.template.id) != template_id:
        raise Answer(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            bodies.invalid({"template_id": "The selected template id is invalid."}),
        )
    return verification


def error(status: HTTPStatus) -> Answer:
    return Answer(status, {"message": bodies.ERRORS[status]})


def _not_a_picture(name: str) -> Answer:
    message = f"The {_words(name)} field must be an image."
    return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, bodies.invalid({name: message}))


def _words(name: str) -> str:
    """`imageFrontSide` and `template_id` as Laravel spells them in messages."""
    spaced = "".join(f" {char.lower()}" if char.isupper() else char for char in name)
    return spaced.replace("_", " ")
