"""IDMeta as the tests see it: its answers by file name, and what was sent to it."""

from __future__ import annotations

import json
from pathlib import Path

import responses

from providers.account_settings import split_settings
from providers.adapters.idmeta.adapter import IdmetaAdapter
from providers.adapters.idmeta.plans import kind_and_name
from providers.http import HttpLimits
from providers.types import Image, ImageRole, SessionRef, StepInput, StepPlan

PAYLOADS = Path(__file__).parent / "payloads"
BASE = "https://idmeta.example/api"
TOKEN = "17|abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
EXTERNAL_ID = "7b1f0c52-3d7e-4f4b-9c1a-2e5a90b6d101"
REFERENCE = "0199-reference"
IDS = {"template_id": "426", "verification_id": EXTERNAL_ID}
IDS_V3 = {
    "trustFlowId": "426",
    "trustValidationId": EXTERNAL_ID,
    "trust_flow_id": "426",
    "trust_validation_id": EXTERNAL_ID,
}
SESSION = SessionRef(reference=REFERENCE, external_id=EXTERNAL_ID, template_id="426")
FRONT = Image(b"\xff\xd8front", "image/jpeg")
BACK = Image(b"\xff\xd8back", "image/jpeg")
SELFIE = Image(b"\x89PNGselfie", "image/png")
IMAGES = {ImageRole.FRONT: FRONT, ImageRole.SELFIE: SELFIE}


def load(name: str):
    return json.loads((PAYLOADS / f"{name}.json").read_text())


class Vendor:
    """Answers for one address each; remembers what was sent."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock

    def answers(self, path: str, body, *, method: str = "POST", status: int = 200):
        content = {"json": load(body)} if isinstance(body, str) else {"json": body}
        return self.mock.add(method, BASE + path, status=status, **content)

    @property
    def paths(self) -> list[str]:
        return [call.request.url.removeprefix(BASE) for call in self.mock.calls]

    def sent(self, index: int = -1):
        return json.loads(self.mock.calls[index].request.body)

    def sent_raw(self, index: int = -1) -> bytes:
        return self.mock.calls[index].request.body


def connect(**config: str) -> IdmetaAdapter:
    split = split_settings(
        IdmetaAdapter.settings, {"base_url": BASE, **config}, {"api_token": TOKEN}
    )
    return IdmetaAdapter.connect(split.account, HttpLimits())


def plan(code: str, **config) -> StepPlan:
    kind, name = kind_and_name(code)
    return StepPlan(kind, code, name, config)


def run(adapter, code, *, given=None, options=None, session=SESSION):
    return adapter.execute_step(
        session, plan(code), given or StepInput(images=IMAGES), options or {}
    )
