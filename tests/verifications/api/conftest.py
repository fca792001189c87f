"""A provider that answers at once, for tests of what stands in front of it."""

from __future__ import annotations

import pytest

from providers.adapters.regula.adapter import RegulaAdapter
from providers.types import (
    CheckResult,
    DocumentFindings,
    StepKind,
    StepResult,
    Verdict,
)

EXTRACTED = {
    "firstName": "JUAN",
    "lastName": "DELA CRUZ",
    "issuingCountry": "PHL",
    "documentNumber": "N01",
}


@pytest.fixture
def vendor(monkeypatch):
    """Regula's adapter without its vendor: every step passes, and its calls are counted."""
    calls = []

    def passed(self, session, step, given, options):
        calls.append(step.kind)
        document = DocumentFindings(
            EXTRACTED, CheckResult.PASSED, CheckResult.PASSED, CheckResult.PASSED, 97.0
        )
        is_document = step.kind is StepKind.DOCUMENT
        return StepResult(Verdict.PASSED, document=document if is_document else None)

    monkeypatch.setattr(RegulaAdapter, "execute_step", passed)
    return calls


@pytest.fixture
def client(regula_tenant, vendor, client_of):
    return client_of(regula_tenant)
