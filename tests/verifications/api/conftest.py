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
from tests.conftest import regula_tenant_of
from verifications.models import Evidence

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


@pytest.fixture
def stranger(sandbox, client_of):
    """A client of another tenant."""
    return client_of(regula_tenant_of(sandbox, "Another bank"))


@pytest.fixture(autouse=True)
def _every_picture_has_its_row(_django_db_marker, settings, tmp_path):
    """What is refused leaves no file behind."""
    evidence = {**settings.STORAGES["evidence"]}
    evidence["OPTIONS"] = {**evidence["OPTIONS"], "location": tmp_path}
    settings.STORAGES = {**settings.STORAGES, "evidence": evidence}
    yield
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.sealed")}
    assert files == set(Evidence.objects.values_list("file_name", flat=True))
