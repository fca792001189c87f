"""The answer of Document Reader `/api/process`, as a step result."""

from __future__ import annotations

from datetime import date
from typing import Any

from providers.adapters.regula.config import TenantOptions
from providers.adapters.regula.field_codes import COMPARED_FIELDS
from providers.adapters.regula.mapping_answer import Answer, read_answer
from providers.adapters.regula.mapping_checks import authenticity
from providers.adapters.regula.mapping_extract import Extraction, Extractor
from providers.adapters.regula.mapping_numbers import Check, check_result
from providers.adapters.regula.mapping_status import SPECIMEN_ACCEPTED, document_verdict
from providers.adapters.regula.mapping_vendor import document_section
from providers.types import CheckResult, DocumentFindings, StepResult

VALIDITY_MEMBERS = ("detailsOptical.expiry", "detailsOptical.mrz", "detailsOptical.docType")


def document_result(body: Any, options: TenantOptions, *, scenario: str, today: date) -> StepResult:
    """Raises UnreadableAnswer if this is not an answer of Document Reader.

    today: the date by which age, and an expiry the server did not check, are judged.
    """
    answer = read_answer(body)
    extraction = Extractor(answer).extraction()
    verdict, reasons = document_verdict(answer, extraction.values, options, today)
    findings = DocumentFindings(
        extracted=extraction.values,
        authenticity=authenticity(answer),
        validity=_validity(answer, is_text_excused=SPECIMEN_ACCEPTED in reasons),
        data_consistency=_data_consistency(answer),
        confidence=confidence(answer, extraction),
    )
    return StepResult(
        verdict=verdict,
        reasons=reasons,
        document=findings,
        vendor=document_section(answer, extraction, scenario),
        portrait=answer.portrait,
    )


def confidence(answer: Answer, extraction: Extraction) -> float | None:
    """How well the document was recognised, 0 to 100; it says nothing about authenticity.

    The lower of two numbers the server gives: the probability of the document type (container 9,
    `P`, 0 to 1; of the weakest page) and the mean recognition probability (container 36,
    `probability`, 0 to 100) of the readings that were used. A probability of 0 marks a derived
    value and is left out. None if the server gave neither.
    """
    types = [page.probability * 100 for page in answer.pages if page.probability is not None]
    readings = extraction.probabilities
    if readings:
        types.append(sum(readings) / len(readings))
    return round(min(max(min(types), 0.0), 100.0), 2) if types else None


def _validity(answer: Answer, *, is_text_excused: bool) -> CheckResult:
    text = Check.NOT_DONE if is_text_excused else answer.text.validity
    status = answer.status
    return check_result(text, *(status[name] for name in VALIDITY_MEMBERS if status))


def _data_consistency(answer: Answer) -> CheckResult:
    differing = (answer.text.disagreeing | answer.lexical_mismatches) & COMPARED_FIELDS
    return CheckResult.FAILED if differing else check_result(answer.text.comparison)
