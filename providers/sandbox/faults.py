"""Scenarios and faults by name, and the book of faults that tests have ordered."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus


class Scenario(StrEnum):
    """What can be asked for by header, picture comment, number ending, surname or control API."""

    PASSED = "passed"
    DECLINED = "declined"
    REVIEW = "review"
    EXPIRED = "expired"
    MISMATCH = "mismatch"
    FORGED = "forged"
    NOT_FOUND = "not_found"
    LOGICAL_FAILURE = "logical_failure"
    UNKNOWN_ENUM = "unknown_enum"
    UNDOCUMENTED = "undocumented"
    MISSING_PLAN = "missing_plan"
    NOT_FINISHED = "not_finished"
    SLOW = "slow"
    LATE = "late"
    RESET_AFTER = "reset_after"
    TRUNCATED = "truncated"
    RESET_BEFORE = "reset_before"
    UNAUTHENTICATED = "unauthenticated"
    STATUS_401 = "401"
    STATUS_403 = "403"
    STATUS_429 = "429"
    STATUS_500 = "500"
    HTML_502 = "502_html"
    STATUS_503 = "503"
    NOT_JSON = "not_json"


# The vendor never gets to the work: nothing is processed, nothing is billed.
REFUSALS = {
    Scenario.RESET_BEFORE: None,
    Scenario.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Scenario.STATUS_401: HTTPStatus.UNAUTHORIZED,
    Scenario.STATUS_403: HTTPStatus.FORBIDDEN,
    Scenario.STATUS_429: HTTPStatus.TOO_MANY_REQUESTS,
    Scenario.STATUS_500: HTTPStatus.INTERNAL_SERVER_ERROR,
    Scenario.HTML_502: HTTPStatus.BAD_GATEWAY,
    Scenario.STATUS_503: HTTPStatus.SERVICE_UNAVAILABLE,
    Scenario.NOT_JSON: HTTPStatus.OK,
}


class Refused(Exception):
    """Raised by whoever finds out that this call is to be refused before it is processed."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.scenario = scenario


@dataclass
class Fault:
    """One order: the next `times` calls whose path contains `match` get `scenario`."""

    match: str
    scenario: Scenario
    times: int
    seconds: float = 5.0
    retry_after: int = 1


class FaultBook:
    """The orders in the sequence in which they came; each call uses up the first that fits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def take(self, path: str) -> Fault | None:
        with self._lock:
            fault = next((f for f in self._faults if f.match in path), None)
            if fault is not None:
                fault.times -= 1
                self._faults = [f for f in self._faults if f.times > 0]
            return fault

    def pending(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
