"""What crosses the vendor boundary: plain data, no Django, no vendor.

The workflow knows only these types; an adapter translates between them and its vendor. Everything
a step leaves behind can be written as JSON (`StepResult.to_json`), because the workflow stores it,
encrypted, and builds the unified result from what it stored.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self, TypeAlias

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


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is not a plain pass.

    code: snake_case, stable, from our own list (`docs/reason-codes.md`), never vendor text.
    description: English, without personal data.
    """

    code: str
    level: RiskLevel
    description: str

    def to_json(self) -> JsonObject:
        return {"code": self.code, "level": self.level.value, "description": self.description}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["code"], RiskLevel(data["level"]), data["description"])


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as the tenant gave it. mime_type: image/jpeg, image/png or image/webp."""

    data: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step to do.

    plan_code: the vendor's code of it, the key of its endpoint.
    config: the vendor's settings for the step (IDMeta `tool_settings`), JSON, no secrets.
    """

    kind: StepKind
    plan_code: str
    name: str
    config: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What a provider needs to begin.

    reference: our verification id. template_id: the vendor's template id, or None.
    """

    reference: str
    verification_type: str
    available_images: frozenset[ImageRole]
    template_id: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """external_id: the vendor's verification id, or None where the vendor keeps no session."""

    steps: tuple[StepPlan, ...]
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class SessionRef:
    """How later calls name the session. reference: our verification id."""

    reference: str
    external_id: str | None
    template_id: str | None


@dataclass(frozen=True, slots=True)
class StepInput:
    """What a step may use.

    images: the tenant's pictures by role. portrait: the face an earlier document step cut out.
    document: what an earlier document step extracted (keys of `DocumentFindings.extracted`).
    subject: what the tenant said about the person: firstName, middleName, lastName, suffix,
    dateOfBirth (YYYY-MM-DD), gender, and the fields of an `IdType`; all optional.
    """

    images: Mapping[ImageRole, Image] = field(default_factory=dict)
    portrait: bytes | None = field(default=None, repr=False)
    document: Mapping[str, str] = field(default_factory=dict, repr=False)
    subject: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class DocumentFindings:
    """What a document step read and checked.

    extracted: the unified keys `firstName, middleName, lastName, dateOfBirth, nationality,
    documentNumber, expiryDate, issuingCountry` and, added by us, `issueDate, sex, placeOfBirth,
    personalNumber, address, authority, documentType, documentName, mrz, nativeFirstName,
    nativeLastName, nativeFullName, fullName`. Dates are YYYY-MM-DD, countries ICAO/ISO alpha-3;
    what was not read is missing. documentType is one of `passport, drivers_license, id_card, visa,
    residence_permit, other`. confidence: 0 to 100, None if the vendor gives none.
    """

    extracted: Mapping[str, str] = field(default_factory=dict, repr=False)
    authenticity: CheckResult = CheckResult.NOT_PERFORMED
    validity: CheckResult = CheckResult.NOT_PERFORMED
    data_consistency: CheckResult = CheckResult.NOT_PERFORMED
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class BiometricFindings:
    """Faces. Scores run from 0 to 100 (similarity, or probability of a live person)."""

    liveness: CheckResult = CheckResult.NOT_PERFORMED
    face_match: CheckResult = CheckResult.NOT_PERFORMED
    liveness_score: float | None = None
    face_match_score: float | None = None


@dataclass(frozen=True, slots=True)
class IdFindings:
    """What a registry said about an ID number.

    id_type: the code of an `IdType`. number: as the tenant gave it, if it did. expiry_date:
    YYYY-MM-DD. name_match_score: 0 to 100, how much of the name given is in the record's name; None
    if either side has none. record: what the registry knows, keys as in
    `DocumentFindings.extracted`.
    """

    id_type: str
    number: str | None = field(repr=False)
    status: IdStatus = IdStatus.UNKNOWN
    expiry_date: str | None = None
    matched_name: str | None = field(default=None, repr=False)
    name_match_score: float | None = None
    record: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_json(self) -> JsonObject:
        """`idCheck` of the unified result, and the shape `from_json` reads."""
        return {
            "type": self.id_type,
            "number": self.number,
            "status": self.status.value,
            "expiryDate": self.expiry_date,
            "matchedName": self.matched_name,
            "nameMatchScore": self.name_match_score,
            "record": dict(self.record),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            id_type=data["type"],
            number=data["number"],
            status=IdStatus(data["status"]),
            expiry_date=data["expiryDate"],
            matched_name=data["matchedName"],
            name_match_score=data["nameMatchScore"],
            record=data["record"],
        )


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step found.

    vendor: the vendor-specific section of the unified result, camelCase keys, JSON, no images.
    portrait: the face on the document, for a later face match; never part of the unified result.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    document: DocumentFindings | None = None
    biometric: BiometricFindings | None = None
    id_check: IdFindings | None = None
    vendor: Mapping[str, Json] = field(default_factory=dict, repr=False)
    portrait: bytes | None = field(default=None, repr=False)

    def to_json(self) -> JsonObject:
        """The shape `from_json` reads; the portrait is base64."""
        return {
            "verdict": self.verdict.value,
            "reasons": [reason.to_json() for reason in self.reasons],
            "document": _document_json(self.document),
            "biometric": _biometric_json(self.biometric),
            "idCheck": self.id_check.to_json() if self.id_check else None,
            "vendor": dict(self.vendor),
            "portrait": base64.b64encode(self.portrait).decode() if self.portrait else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        portrait, id_check = data["portrait"], data.get("idCheck")
        return cls(
            verdict=Verdict(data["verdict"]),
            reasons=tuple(Reason.from_json(reason) for reason in data["reasons"]),
            document=_document_from(data["document"]),
            biometric=_biometric_from(data["biometric"]),
            id_check=IdFindings.from_json(id_check) if id_check else None,
            vendor=data["vendor"],
            portrait=base64.b64decode(portrait) if portrait else None,
        )


@dataclass(frozen=True, slots=True)
class VendorTemplate:
    """A template as the vendor lists it. plan_ids: the vendor's plan ids, in order, as text."""

    external_id: str
    name: str
    plan_ids: tuple[str, ...]
    metadata: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VendorPlan:
    """A plan of the vendor's catalogue. pricing: {amount, currency} as text, empty if unknown."""

    external_id: str
    code: str
    name: str
    pricing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VendorTemplatePage:
    """total: how many templates the vendor says there are on all pages, None if it does not.

    left_out: entries of this page that count in the total and give no template of their own,
    because they have no id or repeat one of the same page.
    """

    templates: tuple[VendorTemplate, ...]
    plans: tuple[VendorPlan, ...]
    page: int
    is_last: bool
    total: int | None = None
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class InboundNotice:
    """What a vendor's callback says. is_signed False: anyone could have sent it.

    verdict: the vendor's overall status as ours, None if the notice carries none.
    dedupe_key: equal for two deliveries of the same notice.
    """

    kind: str
    external_id: str | None
    verdict: Verdict | None
    is_terminal: bool
    is_signed: bool
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class FinalVerdict:
    """What the provider says in the end.

    verdict NONE: the provider gives no word of its own, the steps decide.
    is_final False: the provider has not decided yet ("later"); the session waits.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    is_final: bool = True
    vendor: Mapping[str, Json] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Health:
    """How the provider is, and what it says about itself.

    latency_ms: of the slowest service. is_reachable: it answered, whatever the answer was.
    """

    is_healthy: bool
    detail: str
    latency_ms: int | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    is_reachable: bool = True


def _document_json(document: DocumentFindings | None) -> Json:
    if document is None:
        return None
    return {
        "extracted": dict(document.extracted),
        "authenticity": document.authenticity.value,
        "validity": document.validity.value,
        "data_consistency": document.data_consistency.value,
        "confidence": document.confidence,
    }


def _document_from(data: Mapping[str, Any] | None) -> DocumentFindings | None:
    if data is None:
        return None
    return DocumentFindings(
        extracted=data["extracted"],
        authenticity=CheckResult(data["authenticity"]),
        validity=CheckResult(data["validity"]),
        data_consistency=CheckResult(data["data_consistency"]),
        confidence=data["confidence"],
    )


def _biometric_json(biometric: BiometricFindings | None) -> Json:
    if biometric is None:
        return None
    return {
        "liveness": biometric.liveness.value,
        "face_match": biometric.face_match.value,
        "liveness_score": biometric.liveness_score,
        "face_match_score": biometric.face_match_score,
    }


def _biometric_from(data: Mapping[str, Any] | None) -> BiometricFindings | None:
    if data is None:
        return None
    return BiometricFindings(
        liveness=CheckResult(data["liveness"]),
        face_match=CheckResult(data["face_match"]),
        liveness_score=data["liveness_score"],
        face_match_score=data["face_match_score"],
    )
