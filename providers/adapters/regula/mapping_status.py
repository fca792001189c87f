"""From Regula's numbers to a verdict: one table, read from top to bottom.

The first rule that applies decides; those below it that apply too are told as further reasons. A
document passes only if no rule applies, the overall status is 1 and nothing in it is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from providers.adapters.regula import mapping_conditions as conditions
from providers.adapters.regula.config import TenantOptions
from providers.adapters.regula.mapping_answer import Answer
from providers.adapters.regula.mapping_conditions import Case
from providers.adapters.regula.mapping_numbers import Check
from providers.types import Reason, RiskLevel, Verdict

RISKS = {Verdict.FAILED: RiskLevel.HIGH, Verdict.REVIEW: RiskLevel.MEDIUM}


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. description: for a human, without personal data."""

    code: str
    verdict: Verdict
    description: str
    applies: Callable[[Case], bool]

    @property
    def reason(self) -> Reason:
        return Reason(self.code, RISKS[self.verdict], self.description)


NOT_PROCESSED = Reason(
    "not_processed", RiskLevel.MEDIUM, "The provider did not finish processing the document"
)
SPECIMEN_ACCEPTED = Reason(
    "specimen_accepted", RiskLevel.LOW, "A specimen document, accepted by this tenant's settings"
)
PROVIDER_NEGATIVE = Reason(
    "provider_negative", RiskLevel.MEDIUM, "The provider did not accept the document"
)
INCONCLUSIVE = Reason(
    "inconclusive", RiskLevel.MEDIUM, "The provider reached no overall verdict on the document"
)

RULES: tuple[Rule, ...] = (
    Rule(
        "unknown_document",
        Verdict.REVIEW,
        "The document type was not recognised and nothing machine readable was found",
        conditions.is_unknown_document,
    ),
    Rule(
        "stop_list",
        Verdict.FAILED,
        "The document is on the provider's stop list",
        lambda case: case.is_failed("stopList"),
    ),
    Rule("expired", Verdict.FAILED, "The document has expired", conditions.has_expired),
    Rule(
        "specimen",
        Verdict.FAILED,
        "The document is a specimen, not a real one",
        conditions.is_refused_specimen,
    ),
    Rule(
        "forged_or_copy",
        Verdict.FAILED,
        "The picture shows a copy, a screen or a manipulated document",
        conditions.is_forged_or_copy,
    ),
    Rule(
        "authenticity",
        Verdict.REVIEW,
        "A security feature of the document did not hold",
        conditions.is_authenticity_doubtful,
    ),
    Rule(
        "mrz_check_digits",
        Verdict.FAILED,
        "Check digits of the machine readable zone are wrong although the picture is good",
        conditions.has_wrong_check_digit,
    ),
    Rule(
        "mrz",
        Verdict.REVIEW,
        "The machine readable zone is not valid or was not read well",
        conditions.is_mrz_doubtful,
    ),
    Rule(
        "data_mismatch",
        Verdict.REVIEW,
        "Number, dates or names differ between the parts of the document",
        conditions.has_data_mismatch,
    ),
    Rule(
        "text_validity",
        Verdict.REVIEW,
        "A text field of the document is not valid",
        conditions.has_other_text_failure,
    ),
    Rule(
        "chip_clone",
        Verdict.FAILED,
        "The chip could not prove that it is the original",
        conditions.is_chip_cloned,
    ),
    Rule(
        "chip_trust",
        Verdict.REVIEW,
        "The chip's data could not be trusted",
        conditions.is_chip_untrusted,
    ),
    Rule(
        "under_age",
        Verdict.FAILED,
        "The holder is younger than the minimum age",
        conditions.is_under_age,
    ),
    Rule(
        "image_quality",
        Verdict.REVIEW,
        "The picture is not good enough; a new one is needed",
        lambda case: case.is_failed("detailsOptical.imageQA"),
    ),
    Rule(
        "missing_page",
        Verdict.REVIEW,
        "Another side or page of the document is needed",
        conditions.misses_page,
    ),
    Rule(
        "document_withdrawn",
        Verdict.REVIEW,
        "The document belongs to a series that was withdrawn",
        lambda case: any(page.is_withdrawn for page in case.answer.pages),
    ),
    Rule(
        "unknown_value",
        Verdict.REVIEW,
        "The provider answered with a check result we do not know",
        conditions.has_unknown_value,
    ),
    Rule(
        "not_checked",
        Verdict.REVIEW,
        "A check that is required was not performed",
        conditions.misses_required_check,
    ),
    Rule(
        "data_missing",
        Verdict.REVIEW,
        "Nothing that identifies a person was read from the document",
        conditions.identifies_nobody,
    ),
)


def document_verdict(
    answer: Answer, extracted: Mapping[str, str], options: TenantOptions, today: date
) -> tuple[Verdict, tuple[Reason, ...]]:
    """The verdict with its reasons, the deciding one first."""
    if answer.status is None or not answer.is_finished:
        return Verdict.REVIEW, (NOT_PROCESSED,)
    case = Case(answer, answer.status, extracted, options, today)
    matches = [rule for rule in RULES if rule.applies(case)]
    if matches:
        return matches[0].verdict, tuple(rule.reason for rule in matches)
    return _overall_verdict(case)


def _overall_verdict(case: Case) -> tuple[Verdict, tuple[Reason, ...]]:
    if case.unexplained_failures:
        return Verdict.REVIEW, (PROVIDER_NEGATIVE,)
    if case.status["overallStatus"] is Check.PASSED or case.specimen_explains_text:
        return Verdict.PASSED, (SPECIMEN_ACCEPTED,) if case.accepted_specimen else ()
    return Verdict.REVIEW, (INCONCLUSIVE,)
