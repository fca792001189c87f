"""An ID number in, the registry's word and the verdict out, over the vendor's real API."""

from __future__ import annotations

import pytest

from providers.adapters.idmeta.id_types import ID_TYPES
from providers.id_types import ID_NUMBER
from providers.sandbox.idmeta.accounts import DEMO, PLANS, REGISTRIES
from tenants.services import save_tenant
from tests.flows.id_checks_support import (
    APPROVED,
    DECLINED,
    HOLDER,
    REQUESTS,
    REVIEW,
    check,
    check_number,
)
from tests.verifications_support import blank_picture, data_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wallet(idmeta_tenant, client_of):
    return client_of(idmeta_tenant)


@pytest.mark.parametrize("id_type", REQUESTS)
def test_valid_number(id_type, wallet, sandbox):
    after = check_number(wallet, id_type, "1")

    assert after.outcome == APPROVED, after.body
    assert after.body["verificationMethod"] == "id_based"
    assert after.body["verificationType"] == id_type
    result = after.body["result"]
    assert result["document"] is None
    found = result["idCheck"]
    assert (found["type"], found["status"]) == (id_type, "found")
    assert found["number"] == REQUESTS[id_type][0] + "1"
    assert found["nameMatchScore"] == 100.0
    assert result["overall"] == {"status": "passed", "confidence": 100.0, "riskLevel": "low"}
    assert after.verification.evidence.count() == 0
    assert after.calls == [("open", "done"), ("step", "done"), ("finalize", "done")]
    assert len(sandbox.bills()) == 1


@pytest.mark.parametrize("id_type", sorted(set(REQUESTS) - {"philippines_philsys"}))
@pytest.mark.parametrize(
    ("ending", "outcome", "status", "reason"),
    [
        ("4", DECLINED, "not_found", "record_not_found"),
        ("6", REVIEW, "mismatch", "name_mismatch"),
    ],
)
def test_no_record_and_another_persons(id_type, ending, outcome, status, reason, wallet):
    after = check_number(wallet, id_type, ending)

    assert after.outcome == outcome
    assert after.body["result"]["idCheck"]["status"] == status
    assert reason in after.reason_codes


@pytest.mark.parametrize(
    ("id_type", "status"),
    [
        ("philippines_nbi_clearance", "expired"),
        ("philippines_driving_license", "expired"),
        ("philippines_prc", "expired"),
        ("philippines_national_police", "expired"),
        ("philippines_social_security", "invalid"),
    ],
)
def test_expired(id_type, status, wallet):
    after = check_number(wallet, id_type, "7")

    assert after.outcome == DECLINED
    found = after.body["result"]["idCheck"]
    assert found["status"] == status
    assert (found["expiryDate"] or "none") < "2026" or status == "invalid"
    assert after.body["result"]["overall"]["confidence"] == 20.0


@pytest.mark.parametrize("id_type", REQUESTS)
def test_source_that_is_down(id_type, wallet, sandbox):
    after = check_number(wallet, id_type, "5")

    assert after.outcome == REVIEW
    assert after.reason_codes[0] == "step_failed_at_provider"
    assert after.body["result"]["idCheck"]["status"] == "unknown"
    assert sandbox.bills() == []


def test_vendor_that_is_down(wallet, sandbox):
    after = check_number(wallet, "philippines_nbi_clearance", "9")

    assert after.response.status_code == 503
    assert after.body["details"]["verificationId"] == str(after.verification.pk)
    assert after.verification.result is None


def test_philsys_of_somebody_else(wallet):
    after = check_number(wallet, "philippines_philsys", "6")

    assert after.outcome == DECLINED
    assert after.reason_codes[0] == "registry_rejected"


def test_philsys_liveness_session_that_is_over(wallet):
    user_data = {"faceLivenessSessionId": "expired-1"}
    after = check_number(wallet, "philippines_philsys", "1", userData=user_data)

    assert after.outcome == REVIEW
    assert after.reason_codes[0] == "liveness_session_failed"


def test_philsys_by_name(wallet, sandbox):
    person = {**HOLDER, "dateOfBirth": "1994-05-17", "faceLivenessSessionId": "s-1"}
    after = check(wallet, "philippines_philsys", "425", userData=person)

    assert after.outcome == APPROVED, after.body
    assert after.body["result"]["idCheck"]["number"] is None
    [sent] = [call for call in sandbox.requests() if call["path"].endswith("/philsys")]
    assert "pcnFormData.first_name" in sent["fields"]
    assert "pcn" not in sent["fields"]


def test_prc_by_name(wallet, sandbox):
    person = {**HOLDER, "profession": "Nurse"}
    after = check(wallet, "philippines_prc", "962", userData=person)

    assert after.outcome == APPROVED
    [sent] = [call for call in sandbox.requests() if call["path"].endswith("/prc")]
    assert {"firstName", "lastName", "profession"} <= set(sent["fields"])
    assert "licenseNo" not in sent["fields"]


def test_lost_answer_is_never_an_approval(wallet, sandbox):
    sandbox.fault("/nbiclearance", "reset_after")
    after = check_number(wallet, "philippines_nbi_clearance", "1")

    assert after.outcome == REVIEW
    assert after.step_statuses == ["answer_lost"]
    assert after.reason_codes == ["id_check_data_missing"]
    assert after.body["result"]["idCheck"] is None
    assert len(sandbox.bills()) == 1


def check_example(client, id_type, account, ending=""):
    """Post the examples that GET /id-types shows; the number may end differently."""
    plan_ids = tuple(plan.id for plan in PLANS if plan.code == id_type.plan_code)
    template = next(known for known in account.templates if known.plan_ids == plan_ids)
    examples = {field.name: field.example for field in id_type.fields}
    number = examples.pop(ID_NUMBER, "")
    return check(
        client,
        id_type.code,
        str(template.id),
        userData=examples,
        documentImages={"selfie": data_url(blank_picture())} if id_type.images else {},
        **({"idNumber": number[: len(number) - len(ending)] + ending} if number else {}),
    )


@pytest.fixture
def client_on(sandbox, client_of):
    """A client of a tenant that uses this account of the sandbox."""

    def make(account):
        credentials = {"api_token": account.token}
        return client_of(
            save_tenant(
                name=account.name, provider="idmeta", config=sandbox.idmeta, credentials=credentials
            )
        )

    return make


@pytest.mark.parametrize("id_type", ID_TYPES, ids=lambda id_type: id_type.code)
def test_every_type_accepts_its_own_examples(id_type, client_on):
    account = DEMO if id_type.country == "PH" else REGISTRIES

    after = check_example(client_on(account), id_type, account)

    assert after.outcome == APPROVED, after.body


@pytest.mark.parametrize(
    ("code", "ending", "outcome", "status"),
    [
        ("dukcapil", "6", REVIEW, "mismatch"),
        ("dukcapil", "4", DECLINED, "invalid"),
        ("dukcapil_full", "4", DECLINED, "mismatch"),
        ("australia_driver_license", "6", DECLINED, "mismatch"),
        ("australia_passport", "6", DECLINED, "unknown"),
    ],
)
def test_registries_elsewhere_that_disagree(code, ending, outcome, status, client_on):
    """The Australian v1 answer says nothing; only the vendor's final word does."""
    [id_type] = [known for known in ID_TYPES if known.code == code]

    after = check_example(client_on(REGISTRIES), id_type, REGISTRIES, ending)

    assert after.outcome == outcome, after.body
    assert after.body["result"]["idCheck"]["status"] == status
