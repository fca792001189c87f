"""Which of IDMeta's plans we can run, by plan code.

Plan ids differ between accounts and are never used. Source: IDMeta's Flutter SDK, flow maps, and
the API reference, read 2026. A plan missing here is refused before any billed step.
"""

from __future__ import annotations

from providers.adapters.idmeta.id_types import ID_CHECKS
from providers.types import StepKind

_OTHER_PLANS = {
    "document_verification": (StepKind.DOCUMENT, "Document verification"),
    "document_verification_v2": (StepKind.DOCUMENT, "Document verification (v2)"),
    "ktp_details_extraction": (StepKind.DOCUMENT, "Indonesian identity card"),
    "biometrics_verification": (StepKind.LIVENESS, "Liveness"),
    "biometrics_face_compare": (StepKind.FACE_MATCH, "Face comparison"),
    "biometrics_registration": (StepKind.FACE_ENROLMENT, "Face registration"),
    "custom_document": (StepKind.CUSTOM_DOCUMENT, "Custom document"),
    "aml": (StepKind.WATCHLIST, "Watchlist screening"),
}

PLANS: dict[str, tuple[StepKind, str]] = {
    **_OTHER_PLANS,
    **{code: (StepKind.ID_CHECK, check.name) for code, check in ID_CHECKS.items()},
}


def kind_and_name(plan_code: str) -> tuple[StepKind, str]:
    """UNSUPPORTED, named after its code, for a plan we cannot run."""
    return PLANS.get(plan_code, (StepKind.UNSUPPORTED, plan_code))
