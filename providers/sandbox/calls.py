"""One received call: its input, its scenarios, and where to write its bill."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from functools import cached_property

from werkzeug.wrappers import Request

from providers.sandbox.bills import BillBook
from providers.sandbox.faults import REFUSALS, Fault, FaultBook, Refused, Scenario
from providers.sandbox.idmeta.verifications import Verifications
from providers.sandbox.idmeta.webhooks import Webhooks
from providers.sandbox.reading.page import Pages
from providers.sandbox.request_log import RequestLog
from providers.sandbox.settings import Settings

JsonObject = dict[str, object]

SCENARIO_HEADER = "X-Sandbox-Scenario"


@dataclass
class Sandbox:
    """Everything that outlives a call."""

    pages: Pages
    settings: Settings = field(default_factory=Settings)
    faults: FaultBook = field(default_factory=FaultBook)
    bills: BillBook = field(default_factory=BillBook)
    verifications: Verifications = field(default_factory=Verifications)
    requests: RequestLog = field(default_factory=RequestLog)
    webhooks: Webhooks = field(init=False)

    def __post_init__(self) -> None:
        self.webhooks = Webhooks(self.settings)


@dataclass
class Call:
    """A request while it is worked on."""

    request: Request
    sandbox: Sandbox
    fault: Fault | None = None
    scenarios: set[Scenario] = field(default_factory=set)

    @property
    def correlation_id(self) -> str | None:
        headers = self.request.headers
        return headers.get("X-Correlation-ID") or headers.get("X-RequestID")

    @cached_property
    def body(self) -> JsonObject:
        """The JSON object, the fields of the form, or for a GET the query; else empty."""
        if self.request.method == "GET":
            return dict(self.request.args.items())
        if self.request.is_json:
            parsed = self.request.get_json(silent=True)
            return parsed if isinstance(parsed, dict) else {}
        return dict(self.request.form.items())

    def text(self, *names: str) -> str:
        """The first of the named fields that is filled in, as text (numbers may come as either)."""
        values = (self.body.get(name) for name in names)
        return next((str(value) for value in values if value not in (None, "")), "")

    def file(self, name: str) -> bytes | None:
        """A file part, or base64 or a data URI in a field; None if missing or not base64."""
        if name in self.request.files:
            content: bytes = self.request.files[name].read()
            return content
        return decoded(self.text(name))

    def note(self, scenario: str | None) -> None:
        """Add a scenario found in the input. Raises Refused if it is one of the refusals."""
        if scenario in set(Scenario):
            found = Scenario(str(scenario))
            if found in REFUSALS:
                raise Refused(found)
            self.scenarios.add(found)


def decoded(text: str) -> bytes | None:
    """The bytes of base64 text, with or without a `data:` prefix."""
    payload = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return base64.b64decode(payload, validate=True) or None
    except (binascii.Error, ValueError):
        return None
