"""The conditions a document can be in: one question each, answered from one parsed answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from providers.adapters.regula.config import TenantOptions
from providers.adapters.regula.field_codes import COMPARED_FIELDS, FORGERY_FEATURES, Field
from providers.adapters.regula.mapping_answer import Answer, Status
from providers.adapters.regula.mapping_numbers import Check
from providers.adapters.regula.mapping_values import age_on

# What the server derives from a field's failure; explained once the field is.
ROLL_UPS_OF_TEXT = frozenset(
    {"overallStatus", "optical", "detailsOptical.overallStatus", "detailsOptical.text"}
)
KEY_DATA = ("lastName", "dateOfBirth", "documentNumber", "expiryDate")
IDENTITY = ("lastName", "firstName", "fullName", "dateOfBirth", "documentNumber")


@dataclass(frozen=True, slots=True)
class Case:
    """All a rule may look at. extracted: unified keys."""

    answer: Answer
    status: Status
    extracted: Mapping[str, str] = field(repr=False)
    options: TenantOptions
    today: date

    def is_failed(self, name: str) -> bool:
        return self.status[name] is Check.FAILED

    @property
    def accepted_specimen(self) -> bool:
        return self.options.accepts_specimens and self.answer.text.is_specimen

    @property
    def specimen_explains_text(self) -> bool:
        """The only text field that failed is the one that says SPECIMEN, and it may."""
        failed = {f.code for f in self.answer.text.fields if f.has_failed}
        return self.accepted_specimen and failed == {Field.DOCUMENT_STATUS}

    @property
    def unexplained_failures(self) -> frozenset[str]:
        explained = ROLL_UPS_OF_TEXT if self.specimen_explains_text else frozenset()
        return self.status.failed - explained


def is_unknown_document(case: Case) -> bool:
    recognised = case.status["detailsOptical.docType"] is Check.PASSED
    return not recognised and not case.answer.text.has_source("MRZ", "BARCODE")


def has_expired(case: Case) -> bool:
    """Also where the server did not check the date it read."""
    if case.status["detailsOptical.expiry"] is not Check.NOT_DONE:
        return case.is_failed("detailsOptical.expiry")
    expiry = case.extracted.get("expiryDate")
    return expiry is not None and date.fromisoformat(expiry) < case.today


def is_refused_specimen(case: Case) -> bool:
    return case.answer.text.is_specimen and not case.options.accepts_specimens


def is_forged_or_copy(case: Case) -> bool:
    return case.is_failed("detailsOptical.security") and any(
        feature.overall is Check.FAILED and feature.feature in FORGERY_FEATURES
        for feature in case.answer.features
    )


def is_authenticity_doubtful(case: Case) -> bool:
    any_failed = any(feature.overall is Check.FAILED for feature in case.answer.features)
    return (case.is_failed("detailsOptical.security") or any_failed) and not is_forged_or_copy(case)


def has_wrong_check_digit(case: Case) -> bool:
    """Only a good picture makes a wrong check digit the document's fault, not the reader's."""
    return (
        case.is_failed("detailsOptical.mrz")
        and case.answer.text.has_wrong_check_digit
        and case.status["detailsOptical.imageQA"] is Check.PASSED
        and all(quality.result is not Check.FAILED for quality in case.answer.quality)
    )


def is_mrz_doubtful(case: Case) -> bool:
    return case.is_failed("detailsOptical.mrz") and not has_wrong_check_digit(case)


def has_data_mismatch(case: Case) -> bool:
    differing = case.answer.text.disagreeing | case.answer.lexical_mismatches
    return bool(differing & COMPARED_FIELDS)


def has_other_text_failure(case: Case) -> bool:
    explained = (
        has_expired(case)
        or is_refused_specimen(case)
        or case.is_failed("detailsOptical.mrz")
        or has_data_mismatch(case)
        or case.specimen_explains_text
    )
    any_failed = any(text_field.has_failed for text_field in case.answer.text.fields)
    return (case.is_failed("detailsOptical.text") or any_failed) and not explained


def is_chip_cloned(case: Case) -> bool:
    return case.is_failed("detailsRFID.CA") or case.is_failed("detailsRFID.AA")


def is_chip_untrusted(case: Case) -> bool:
    """Mostly a server without the country's certificates, so not the holder's fault."""
    failed = case.is_failed("rfid") or case.is_failed("detailsRFID.PA")
    return failed and not is_chip_cloned(case)


def holder_age(case: Case) -> int | None:
    """Full years by the date of birth, else as the server derived it."""
    birth = case.extracted.get("dateOfBirth")
    if birth:
        return age_on(case.today, birth)
    derived = case.answer.text.latin(Field.AGE)
    return int(derived.value) if derived and derived.value.isdecimal() else None


def is_under_age(case: Case) -> bool:
    age, minimum = holder_age(case), case.options.minimum_age
    return case.is_failed("age") or (age is not None and minimum is not None and age < minimum)


def misses_page(case: Case) -> bool:
    return case.answer.more_pages > 0 and any(key not in case.extracted for key in KEY_DATA)


def identifies_nobody(case: Case) -> bool:
    return not any(key in case.extracted for key in IDENTITY)


def has_unknown_value(case: Case) -> bool:
    return (
        Check.UNKNOWN in case.status.checks.values()
        or any(feature.overall is Check.UNKNOWN for feature in case.answer.features)
        or any(quality.result is Check.UNKNOWN for quality in case.answer.quality)
        or any(text_field.is_unknown for text_field in case.answer.text.fields)
    )


def misses_required_check(case: Case) -> bool:
    options = case.options
    required = {
        "detailsOptical.security": options.requires_authenticity,
        "detailsOptical.mrz": options.requires_mrz,
    }
    unchecked = any(
        case.status[name] is Check.NOT_DONE for name, is_on in required.items() if is_on
    )
    return unchecked or (options.minimum_age is not None and holder_age(case) is None)
