"""The words both sides use."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]


class ProcessingMode(StrEnum):
    """How a provider works; the values are those existing clients know."""

    SINGLE_STEP = "single_step"
    MULTI_STEP = "multi_step"
    ASYNC_WEBHOOK = "async_webhook"


class ImageRole(StrEnum):
    """What a picture shows; the names of the request fields."""

    FRONT = "front"
    BACK = "back"
    SELFIE = "selfie"
    ADDITIONAL = "additional"


class StepKind(StrEnum):
    """What a step checks, whatever the vendor calls it."""

    DOCUMENT = "document"
    LIVENESS = "liveness"
    FACE_MATCH = "face_match"
    FACE_ENROLMENT = "face_enrolment"
    CUSTOM_DOCUMENT = "custom_document"
    WATCHLIST = "watchlist"
    ID_CHECK = "id_check"
    UNSUPPORTED = "unsupported"


class Verdict(StrEnum):
    """What a step, or the provider at the end, says about the person.

    NONE is neutral: the step ran, but only the provider's final answer decides.
    """

    PASSED = "passed"
    FAILED = "failed"
    REVIEW = "review"
    NONE = "none"

    @staticmethod
    def worst(*verdicts: Verdict) -> Verdict:
        """The verdict that counts: failed before review before passed; NONE is neutral."""
        for verdict in (Verdict.FAILED, Verdict.REVIEW, Verdict.PASSED):
            if verdict in verdicts:
                return verdict
        return Verdict.NONE


class CheckResult(StrEnum):
    """Outcome of one check; the values are those of the unified result."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    NOT_PERFORMED = "not_performed"


class IdStatus(StrEnum):
    """What a registry says about an ID number; the values are those of the unified result.

    MISMATCH: there is a record, but of somebody else or with other data. UNKNOWN: the registry's
    answer says nothing; only the provider's final word decides.
    """

    FOUND = "found"
    NOT_FOUND = "not_found"
    EXPIRED = "expired"
    INVALID = "invalid"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


class RiskLevel(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class StepFate(StrEnum):
    """What a provider can tell about a step whose answer was lost."""

    NOT_ARRIVED = "not_arrived"
    DONE = "done"
    UNKNOWN = "unknown"
