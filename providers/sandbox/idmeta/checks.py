"""The checks on a document and the outcome they lead to, in BlinkID Verify's words.

Source: IDMeta documentation, "Document verification"; BlinkID Verify API reference v2, "checks".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from providers.sandbox.calls import JsonObject
from providers.sandbox.faults import Scenario
from providers.sandbox.reading.fields import Field
from providers.sandbox.reading.page import Page

UNKNOWN_OUTCOME = "SecondOpinion"  # for the scenario unknown_enum; no source lists it
COMPARED = {
    Field.SURNAME: "LastName",
    Field.GIVEN_NAMES: "FirstName",
    Field.DOCUMENT_NUMBER: "DocumentNumber",
    Field.DATE_OF_BIRTH: "DateOfBirth",
    Field.DATE_OF_EXPIRY: "DateOfExpiry",
    Field.SEX: "Sex",
}
CHECKED: dict[Field | None, str] = {
    Field.DOCUMENT_NUMBER: "DocumentNumber",
    Field.DATE_OF_BIRTH: "DateOfBirth",
    Field.DATE_OF_EXPIRY: "DateOfExpiry",
    Field.PERSONAL_NUMBER: "PersonalIdNumber",
    None: "MRZ",
}


@dataclass(frozen=True)
class Findings:
    """What the pages say about themselves.

    `matches`: fields found in several sources, True where they agree.
    `wrong_digits`: fields (or "MRZ" as a whole) whose check digit does not hold.
    """

    is_readable: bool
    matches: dict[str, bool]
    wrong_digits: tuple[str, ...]
    has_expired: bool
    is_forged: bool
    is_declined: bool

    @property
    def result(self) -> str:
        if not self.is_readable:
            return "NotPerformed"
        return "Fail" if self.is_bad or self.is_doubtful else "Pass"

    @property
    def is_bad(self) -> bool:
        return self.has_expired or self.is_forged or self.is_declined

    @property
    def is_doubtful(self) -> bool:
        return not all(self.matches.values()) or bool(self.wrong_digits)

    @classmethod
    def of(cls, pages: Sequence[Page], scenarios: Collection[Scenario], today: date) -> Findings:
        readable = any(page.is_document for page in pages)
        zones = [page.mrz for page in pages if page.mrz]
        expiries = _texts(pages, Field.DATE_OF_EXPIRY)
        return cls(
            is_readable=readable and Scenario.NOT_FOUND not in scenarios,
            matches=_matches(pages),
            wrong_digits=tuple(
                CHECKED[field] for zone in zones for field, holds in zone.checks.items()
                if not holds
            ),
            has_expired=any(text.isdigit() and text < f"{today:%Y%m%d}" for text in expiries),
            is_forged=Scenario.FORGED in scenarios,
            is_declined=Scenario.DECLINED in scenarios,
        )  # fmt: skip


def outcome(findings: Findings, scenarios: Collection[Scenario]) -> str:
    """`recommendedOutcome`: the worst that was found."""
    if Scenario.UNKNOWN_ENUM in scenarios:
        return UNKNOWN_OUTCOME
    if not findings.is_readable:
        return "Retry"
    if findings.is_bad:
        return "Reject"
    doubtful = findings.is_doubtful or Scenario.REVIEW in scenarios
    return "ManuallyReview" if doubtful else "Accept"


def checks_body(findings: Findings) -> list[JsonObject]:
    """The three groups of checks with their leaves."""
    return [
        _group("ExtractedDataCheck", 9, [_match_check(findings), _logic_check(findings)]),
        _group("VisualCheck", 6, [
            _leaf("SecurityFeatures", passed=not findings.is_declined),
            _leaf("PhotoForgeryCheck", passed=not findings.is_declined),
            _leaf("GenerativeAiCheck", passed=True),
        ]),
        _group("DocumentLivenessCheck", 6, [
            _leaf("ScreenCheck", passed=not findings.is_forged),
            _leaf("PhotocopyCheck", passed=not findings.is_forged),
            {"name": "HandPresenceCheck", "type": "TieredCheck", "matchLevel": "Unknown",
             "result": "NotPerformed"},
        ]),
    ]  # fmt: skip


def _match_check(findings: Findings) -> JsonObject:
    leaves = [_field(name, passed=agrees) for name, agrees in findings.matches.items()]
    if not leaves:
        return _leaf("MatchCheck", passed=None) | {"checks": []}
    return _leaf("MatchCheck", passed=all(findings.matches.values())) | {"checks": leaves}


def _logic_check(findings: Findings) -> JsonObject:
    wrong = set(findings.wrong_digits)
    leaves = [
        _field("DateOfBirth", passed="DateOfBirth" not in wrong),
        _field("DateOfExpiry", passed="DateOfExpiry" not in wrong and not findings.has_expired),
        _field("DocumentNumber", passed="DocumentNumber" not in wrong),
    ]
    passed = not wrong and not findings.has_expired
    return _leaf("LogicCheck", passed=passed) | {"checks": leaves}


def _group(name: str, performed: int, checks: list[JsonObject]) -> JsonObject:
    failed = any(check["result"] == "Fail" for check in checks)
    return {
        "name": name,
        "type": "DetailedCheck",
        "result": "Fail" if failed else "Pass",
        "certaintyLevel": "High",
        "performedChecks": performed,
        "checks": checks,
    }


def _leaf(name: str, *, passed: bool | None) -> JsonObject:
    level = "Unknown" if passed is None else "Level5"
    return {"name": name, "type": "TieredCheck", "matchLevel": level, "result": _result(passed)}


def _field(name: str, *, passed: bool) -> JsonObject:
    return {"field": name, "type": "FieldCheck", "result": _result(passed)}


def _result(passed: bool | None) -> str:
    return "NotPerformed" if passed is None else "Pass" if passed else "Fail"


def _matches(pages: Sequence[Page]) -> dict[str, bool]:
    found = {name: _texts(pages, field) for field, name in COMPARED.items()}
    return {name: len(set(texts)) == 1 for name, texts in found.items() if len(texts) > 1}


def _texts(pages: Sequence[Page], field: Field) -> list[str]:
    """The field from every source and page, in letters and digits only."""
    return [
        re.sub(r"\W", "", values[field].text.upper())
        for page in pages
        for values in page.values().values()
        if field in values
    ]
