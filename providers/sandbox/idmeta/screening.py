"""Watchlist screening and custom documents.

Source: IDMeta documentation, "Watchlist and AML screening"; kyc-adapter-server,
idmeta-http.client.ts (custom document).
"""

from __future__ import annotations

from providers.sandbox.calls import JsonObject
from providers.sandbox.faults import Scenario
from providers.sandbox.idmeta import bodies
from providers.sandbox.idmeta.steps import Step, StepResult
from providers.sandbox.idmeta.verifications import Status
from providers.sandbox.reading.pictures import UnreadablePicture

LISTED_NAME = "EJEMPLOV"  # the invented person on the sandbox's watchlist
MATCH: JsonObject = {
    "qrCode": "QR-0000001",
    "resourceId": "00000000-0000-4000-8000-000000000001",
    "score": 98,
    "match": "name",
    "name": "Viktor Ejemplov",
    "countries": ["GB"],
    "addresses": [{"geography": "United Kingdom", "city": "Sampleton"}],
    "datasets": ["PEP-FORMER"],
    "gender": "male",
    "profileImage": None,
    "resourceUri": "/individuals/00000000-0000-4000-8000-000000000001",
}


def screen_person(step: Step) -> StepResult:
    """A hit is no rejection: the flow asks for a person's look at it."""
    step.require("name")
    name = step.call.text("name")
    step.note_surname(name.split()[-1])
    is_hit = LISTED_NAME in name.upper() or step.has(Scenario.REVIEW)
    matches = [MATCH] if is_hit else []
    result: JsonObject = {"results": {"matchCount": len(matches), "matches": matches}}
    verdict = step.verdict(Status.REVIEW_NEEDED if is_hit else Status.VERIFIED)
    return StepResult(bodies.step_body(result), verdict, name)


def take_custom_document(step: Step) -> StepResult:
    """Any file; from a picture, what stands below its labels."""
    step.require("document")
    data = step.call.file("document")
    form_data: JsonObject = {}
    if data is not None:
        try:
            page = step.call.sandbox.pages.read(data)
        except UnreadablePicture:
            pass  # a PDF or Word file, which is accepted unread
        else:
            step.call.note(page.scenario)
            form_data = {field.value: value.text for field, value in page.visual.items()}
    return StepResult(bodies.step_body({"formData": form_data}), step.verdict())
