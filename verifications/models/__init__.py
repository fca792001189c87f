"""The tables of a verification's life."""

from verifications.models.event import VerificationEvent
from verifications.models.evidence import Evidence
from verifications.models.revision import Revision
from verifications.models.session import (
    CallStatus,
    Effect,
    Operation,
    ProviderCall,
    Session,
    SessionStatus,
    Step,
    StepStatus,
)
from verifications.models.verification import (
    Decision,
    Method,
    RunMode,
    Status,
    Verification,
    VerificationType,
)

__all__ = [
    "CallStatus",
    "Decision",
    "Effect",
    "Evidence",
    "Method",
    "Operation",
    "ProviderCall",
    "Revision",
    "RunMode",
    "Session",
    "SessionStatus",
    "Status",
    "Step",
    "StepStatus",
    "Verification",
    "VerificationEvent",
    "VerificationType",
]
