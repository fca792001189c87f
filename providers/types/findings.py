"""What a step finds, and how it is written as JSON and read again."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from providers.types.vocabulary import CheckResult, IdStatus, Json, JsonObject, RiskLevel, Verdict


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
class FinalVerdict:
    """What the provider says in the end.

    verdict NONE: the provider gives no word of its own, the steps decide.
    is_final False: the provider has not decided yet ("later"); the session waits.
    is_with_reviewer: a person at the provider looks at it, whose word is still to come.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    is_final: bool = True
    vendor: Mapping[str, Json] = field(default_factory=dict, repr=False)
    is_with_reviewer: bool = False


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
