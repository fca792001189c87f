"""One small mapper per number domain: the same digit means different things in Regula's API.

Check results run 0 failed, 1 passed, 2 not done; an exit code runs 0 fine; a lexical comparison
3 match, 4 mismatch. Sources: Regula Document Reader OpenAPI 9.2, CheckResult, ProcessingStatus,
VerificationResult; Face SDK OpenAPI 8.2, FaceSDKResultCode.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from providers.adapters.regula.mapping_wire import whole
from providers.types import CheckResult

LEXICAL_COMPARISONS = slice(4, 10)  # MRZ-RFID, MRZ-visual, ..., RFID-barcode
LEXICAL_MISMATCH = 4
PROCESSING_FINISHED = 1
FACE_OK = 0
FACE_NO_LICENCE = 200
DETECTION_NO_FACE = 2


class Check(StrEnum):
    """A check result. UNKNOWN is a value we do not know; like NOT_DONE it is never a pass."""

    FAILED = "failed"
    PASSED = "passed"
    NOT_DONE = "not_performed"
    UNKNOWN = "unknown"


CHECKS = {0: Check.FAILED, 1: Check.PASSED, 2: Check.NOT_DONE}


def check(value: Any) -> Check:
    """A check result; a member that is missing or null was not checked (older servers)."""
    if value is None:
        return Check.NOT_DONE
    return CHECKS.get(value, Check.UNKNOWN) if type(value) is int else Check.UNKNOWN


def check_result(*checks: Check) -> CheckResult:
    """Regula's roll-up: any failure fails, otherwise one pass passes, otherwise not performed."""
    if Check.FAILED in checks:
        return CheckResult.FAILED
    if Check.UNKNOWN in checks:
        return CheckResult.WARNING
    return CheckResult.PASSED if Check.PASSED in checks else CheckResult.NOT_PERFORMED


def is_finished(processing: Any, core_result: Any) -> bool:
    """`ProcessingFinished` (0 no, 1 yes, 2 time limit) and the optional `CoreLibResultCode`."""
    return whole(processing) == PROCESSING_FINISHED and (core_result is None or core_result == 0)


def lexical_disagrees(matrix: Any) -> bool:
    """Whether two sources of a field differ, by the ten numbers of container 15."""
    return isinstance(matrix, list) and LEXICAL_MISMATCH in matrix[LEXICAL_COMPARISONS]
