"""What crosses the vendor boundary: plain data, no Django, no vendor.

The workflow knows only these types; an adapter translates between them and its vendor. Everything
a step leaves behind can be written as JSON (`StepResult.to_json`), because the workflow stores it,
encrypted, and builds the unified result from what it stored.
"""

from __future__ import annotations

from providers.types.findings import (
    BiometricFindings,
    DocumentFindings,
    FinalVerdict,
    IdFindings,
    Reason,
    StepResult,
)
from providers.types.vendor import (
    Health,
    InboundNotice,
    VendorPlan,
    VendorTemplate,
    VendorTemplatePage,
)
from providers.types.vocabulary import (
    CheckResult,
    IdStatus,
    ImageRole,
    Json,
    JsonObject,
    ProcessingMode,
    RiskLevel,
    StepFate,
    StepKind,
    Verdict,
)
from providers.types.work import (
    Image,
    LivenessPage,
    OpenedSession,
    OpenRequest,
    SessionRef,
    StepInput,
    StepPlan,
)

__all__ = [
    "BiometricFindings",
    "CheckResult",
    "DocumentFindings",
    "FinalVerdict",
    "Health",
    "IdFindings",
    "IdStatus",
    "Image",
    "ImageRole",
    "InboundNotice",
    "Json",
    "JsonObject",
    "LivenessPage",
    "OpenRequest",
    "OpenedSession",
    "ProcessingMode",
    "Reason",
    "RiskLevel",
    "SessionRef",
    "StepFate",
    "StepInput",
    "StepKind",
    "StepPlan",
    "StepResult",
    "VendorPlan",
    "VendorTemplate",
    "VendorTemplatePage",
    "Verdict",
]
