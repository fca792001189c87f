"""An installation whose encryption keys are not those that its data was sealed with."""

from __future__ import annotations

import pytest

from providers.services import forget_adapters
from tests.verifications_support import RUNS_WORKFLOW, nbi_check
from verifications import dead_letters, services
from verifications.models import Verification

URL = "/api/v1/verifications"
WRONG = [b"k" * 32]


@pytest.fixture
def lose_keys(settings):
    """Put a wrong key in place of the right ones; a function puts them back."""

    def lose():
        right, settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS, WRONG
        forget_adapters()

        def find_again():
            settings.FIELD_ENCRYPTION_KEYS = right

        return find_again

    return lose


def where_logged(caplog):
    messages = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return {one["where"] for one in messages if one["event"] == "stored_data_unreadable"}


@pytest.mark.django_db
def test_reading_tells_the_caller_and_the_operator(idmeta_tenant, client_of, lose_keys, caplog):
    verification = services.create(nbi_check(idmeta_tenant))
    verification.result = {"overall": {"status": "passed"}}
    verification.save()
    client = client_of(idmeta_tenant)
    lose_keys()

    answer = client.get(f"{URL}/{verification.pk}")

    body = answer.json()
    assert answer.status_code == body["statusCode"] == 500
    assert (body["code"], body["retryable"]) == ("stored_data_unreadable", False)
    assert "operator" in body["suggestedAction"]
    (where,) = where_logged(caplog)
    assert where.startswith(f"verifications.sealed_result:{verification.pk}")
    assert "FIELD_ENCRYPTION_KEYS" in where


@RUNS_WORKFLOW
def test_nothing_is_accepted_that_could_not_be_worked(idmeta_tenant, client_of, lose_keys):
    client = client_of(idmeta_tenant)
    lose_keys()
    request = {"verificationType": "philippines_nbi_clearance", "idNumber": "H000AAAA00-AA00000001"}

    answer = client.post(f"{URL}/async", {**request, "templateId": "960"}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (500, "stored_data_unreadable")
    assert not Verification.objects.exists()


@RUNS_WORKFLOW
def test_a_worker_waits_for_the_keys(
    idmeta_tenant, lose_keys, work_next_turn, sandbox, settings, caplog
):
    settings.RESCHEDULE_AFTER = [10]
    verification = services.create(nbi_check(idmeta_tenant))
    find_again = lose_keys()

    assert work_next_turn(verification) == ("in_progress", None)
    assert work_next_turn(verification) == ("failed", None)

    assert verification.error["code"] == "stored_data_unreadable"
    assert [letter.verification for letter in dead_letters.dead_letters()] == [verification]
    assert "sealed_credentials" in where_logged(caplog).pop()
    assert sandbox.requests() == []
    find_again()
    dead_letters.run_again(verification)
    assert work_next_turn(verification) == ("completed", "approved")
