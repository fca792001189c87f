"""What the tenant expects of a document or face: the optional thresholds of a request.

They only lower what the provider says, never raise it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pycountry

from providers.types import (
    BiometricFindings,
    CheckResult,
    DocumentFindings,
    Reason,
    RiskLevel,
    Verdict,
)

KEYS = (
    "allowedDocumentTypes",
    "expectedCountries",
    "minimumConfidence",
    "requireLiveness",
    "requireAddressVerification",
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What all steps together found. confidence: 0 to 100."""

    document: DocumentFindings | None
    biometric: BiometricFindings | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict = Verdict.NONE
    reasons: tuple[Reason, ...] = ()


def judge(expectations: Mapping[str, Any], findings: Findings) -> Judgement:
    """What the findings are worth to this tenant: worst verdict and all reasons."""
    judgements = [rule(expectations, findings) for rule in RULES]
    return Judgement(
        Verdict.worst(*(judgement.verdict for judgement in judgements)),
        tuple(reason for judgement in judgements for reason in judgement.reasons),
    )


def _document_type(expectations: Mapping[str, Any], findings: Findings) -> Judgement:
    allowed = expectations.get("allowedDocumentTypes")
    if not allowed or findings.document is None:
        return Judgement()
    actual = findings.document.extracted.get("documentType")
    if actual in allowed:
        return Judgement()
    if actual is None:
        return _review("document_type_unknown", "The type of the document was not recognised")
    return _declined("document_type_not_allowed", "The document is not of an allowed type")


def _country(expectations: Mapping[str, Any], findings: Findings) -> Judgement:
    expected = expectations.get("expectedCountries")
    if not expected or findings.document is None:
        return Judgement()
    actual = findings.document.extracted.get("issuingCountry")
    if actual is None:
        return _review("country_unknown", "The issuing country was not recognised")
    if alpha3(actual) in {alpha3(country) for country in expected}:
        return Judgement()
    return _declined("unexpected_country", "The document is not from an expected country")


def _confidence(expectations: Mapping[str, Any], findings: Findings) -> Judgement:
    least = expectations.get("minimumConfidence")
    if least is None or findings.confidence >= least:
        return Judgement()
    return _review("low_confidence", "The confidence is below the minimum asked for")


def _liveness(expectations: Mapping[str, Any], findings: Findings) -> Judgement:
    if not expectations.get("requireLiveness"):
        return Judgement()
    biometric = findings.biometric
    if biometric is not None and biometric.liveness is CheckResult.PASSED:
        return Judgement()
    return _review("liveness_not_confirmed", "Liveness was required and has not been confirmed")


def _address(expectations: Mapping[str, Any], findings: Findings) -> Judgement:
    if not expectations.get("requireAddressVerification"):
        return Judgement()
    return _review("address_not_verified", "No provider verified the address that was required")


RULES: Sequence[Callable[[Mapping[str, Any], Findings], Judgement]] = (
    _document_type,
    _country,
    _confidence,
    _liveness,
    _address,
)


def alpha3(country: str) -> str:
    """ISO alpha-3 of a country code; ICAO-only codes (UTO, XXA, ...) stay as they are."""
    code = country.strip().upper()
    if len(code) == 2:
        found = pycountry.countries.get(alpha_2=code)
        return str(found.alpha_3) if found else code
    return code


def _review(code: str, description: str) -> Judgement:
    return Judgement(Verdict.REVIEW, (Reason(code, RiskLevel.MEDIUM, description),))


def _declined(code: str, description: str) -> Judgement:
    return Judgement(Verdict.FAILED, (Reason(code, RiskLevel.HIGH, description),))
