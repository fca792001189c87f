"""A picture in, the person's data and the verdict out, over the vendors' real APIs."""

from __future__ import annotations

import pytest

from tenants.models import Account
from tests.conftest import idmeta_tenant_of, regula_tenant_of
from tests.flows.support import verify
from tests.verifications_support import CARD_BACK, CARD_FRONT, PASSPORT, SELFIE, data_url
from tests.verifications_support import document_request as document

pytestmark = pytest.mark.django_db(transaction=True)

PRINTED_ON_PASSPORT = {
    "firstName": "ANNA MARIA",
    "lastName": "ERIKSSON",
    "dateOfBirth": "1974-08-12",
    "documentNumber": "L898902C3",
    "expiryDate": "2032-04-15",
    "issuingCountry": "UTO",
    "nationality": "UTO",
}
PRINTED = [value for value in PRINTED_ON_PASSPORT.values() if len(value) > 3]
PRINTED_ON_CARD = {
    **PRINTED_ON_PASSPORT,
    "documentNumber": "D23145890",
}
PRINTED_ON_LICENCE = {
    "lastName": "DELA CRUZ",
    "dateOfBirth": "1990-05-17",
    "documentNumber": "N01-23-456781",
    "expiryDate": "2033-05-17",
    "issuingCountry": "PHL",
}


@pytest.fixture(params=["regula", "idmeta"])
def provider(request):
    return request.param


@pytest.fixture
def tenant(provider, request):
    return request.getfixturevalue(f"{provider}_tenant")


def extracted(after, keys):
    found = after.verification.result["document"]["extracted"]
    return {key: found.get(key) for key in keys}


def test_passport(provider, tenant, client_of, specimen, sandbox):
    after = verify(client_of(tenant), document(specimen(PASSPORT)))

    assert after.outcome == (201, "completed", "approved")
    assert after.body["providerName"] == provider
    assert extracted(after, PRINTED_ON_PASSPORT) == PRINTED_ON_PASSPORT
    assert after.step_statuses == ["done"]
    assert len(sandbox.bills()) == after.billable == 1


def test_card_with_both_sides(provider, tenant, client_of, specimen):
    images = {"back": data_url(specimen(CARD_BACK))}

    after = verify(client_of(tenant), document(specimen(CARD_FRONT), images=images))

    assert after.outcome == (201, "completed", "approved")
    assert extracted(after, PRINTED_ON_CARD) == PRINTED_ON_CARD


def test_driving_licence(idmeta_tenant, client_of, specimen):
    after = verify(client_of(idmeta_tenant), document(specimen("driving-licence-ph.jpg")))

    assert after.outcome == (201, "completed", "approved")
    assert extracted(after, PRINTED_ON_LICENCE) == PRINTED_ON_LICENCE
    assert after.verification.result["document"]["extracted"]["firstName"].startswith("JUAN")


def test_regula_compares_the_selfie(regula_tenant, client_of, specimen, sandbox):
    images = {"selfie": data_url(specimen(SELFIE))}

    after = verify(client_of(regula_tenant), document(specimen(PASSPORT), images=images))

    assert after.outcome == (201, "completed", "approved")
    assert after.verification.result["biometric"]["faceMatch"] == "passed"
    assert after.verification.result["biometric"]["faceMatchScore"] > 90
    assert [bill["kind"] for bill in sandbox.bills()] == ["process", "match"]


def test_another_persons_selfie_is_declined(regula_tenant, client_of, specimen):
    images = {"selfie": data_url(specimen("selfie-other.jpg"))}

    after = verify(client_of(regula_tenant), document(specimen(PASSPORT), images=images))

    assert after.outcome == (201, "failed", "declined")
    assert "face_mismatch" in after.reason_codes
    assert extracted(after, PRINTED_ON_PASSPORT) == PRINTED_ON_PASSPORT


def test_idmeta_runs_every_step_of_the_template(sandbox, client_of, specimen):
    tenant = idmeta_tenant_of(sandbox, default_template_id="456")
    request = document(
        specimen(PASSPORT),
        images={"selfie": data_url(specimen(SELFIE))},
        verificationType="comprehensive",
    )

    after = verify(client_of(tenant), request)

    assert after.outcome == (201, "completed", "approved")
    assert after.calls == [
        ("open", "done"),
        ("step", "done"),
        ("step", "done"),
        ("step", "done"),
        ("finalize", "done"),
    ]
    assert after.verification.result["biometric"]["faceMatch"] == "passed"
    assert after.verification.result["biometric"]["livenessCheck"] == "passed"
    assert len(sandbox.bills()) == after.billable == 3


def test_template_with_a_missing_input_is_refused_before_any_bill(sandbox, client_of, specimen):
    tenant = idmeta_tenant_of(sandbox, default_template_id="424")

    after = verify(client_of(tenant), document(specimen(PASSPORT)))

    assert after.outcome == (400, "failed", None)
    assert after.body["code"] == "input_missing"
    assert "documentImages.selfie" in after.body["message"]
    assert after.calls == [("open", "done")]
    assert sandbox.bills() == []


def test_expired_passport_is_declined_with_its_data(provider, tenant, client_of, specimen):
    after = verify(client_of(tenant), document(specimen("passport-expired.jpg")))

    assert after.outcome == (201, "failed", "declined")
    assert after.body["result"]["overall"]["status"] == "failed"
    assert extracted(after, ["documentNumber", "expiryDate"]) == {
        "documentNumber": "L898902C3",
        "expiryDate": "2022-04-15",
    }


def test_print_and_mrz_that_disagree_go_to_review(provider, tenant, client_of, specimen):
    after = verify(client_of(tenant), document(specimen("passport-mismatch.jpg")))

    assert after.outcome == (201, "in_progress", "review")
    assert after.body["result"]["overall"]["status"] == "pending"
    assert "data_mismatch" in after.reason_codes


def test_picture_without_a_document_is_never_approved(provider, tenant, client_of, specimen):
    after = verify(client_of(tenant), document(specimen("not-a-document.jpg")))

    assert after.outcome == (201, "in_progress", "review")


def test_specimen_is_declined_unless_accepted(sandbox, client_of, specimen):
    tenant = regula_tenant_of(sandbox, accept_specimens="false")

    after = verify(client_of(tenant), document(specimen(PASSPORT)))

    assert after.outcome == (201, "failed", "declined")
    assert "specimen" in after.reason_codes


def test_one_person_gets_one_account(provider, tenant, client_of, specimen):
    client = client_of(tenant)

    first = verify(client, document(specimen(PASSPORT)))
    second = verify(client, document(specimen(PASSPORT)))

    account = Account.objects.get()
    assert first.verification.account == second.verification.account == account
    assert account.profile == {
        "name": {"first": "ANNA MARIA", "last": "ERIKSSON"},
        "birthdate": "1974-08-12",
        "referenceId": "UTO_L898902C3",
    }


def test_declined_person_gets_no_account(regula_tenant, client_of, specimen):
    verify(client_of(regula_tenant), document(specimen("passport-expired.jpg")))

    assert not Account.objects.exists()


def test_both_providers_answer_with_the_same_keys(sandbox, client_of, specimen):
    bodies = [
        verify(client_of(tenant), document(specimen(PASSPORT))).body
        for tenant in (regula_tenant_of(sandbox), idmeta_tenant_of(sandbox))
    ]

    assert list(bodies[0]) == list(bodies[1])
    assert list(bodies[0]["result"]) == list(bodies[1]["result"])
    for part in ("overall", "metadata"):
        assert list(bodies[0]["result"][part]) == list(bodies[1]["result"][part])


def test_events_tell_the_story_without_personal_data(tenant, client_of, specimen):
    after = verify(client_of(tenant), document(specimen(PASSPORT)))

    events = list(after.verification.events.all())
    assert [(event.sequence, event.type) for event in events] == [
        (1, "verification.created"),
        (2, "verification.step.completed"),
        (3, "verification.completed"),
    ]
    told = str([event.data for event in events])
    assert not any(value in told for value in PRINTED)


@pytest.mark.parametrize("name", ["passport-expired.jpg", "passport-mismatch.jpg"])
def test_no_event_holds_personal_data(tenant, client_of, specimen, name):
    after = verify(client_of(tenant), document(specimen(name)))

    last = after.verification.events.last()
    assert set(last.data) == {"status", "decision", "reasonCodes"}
    told = str([event.data for event in after.verification.events.all()])
    assert not any(value in told for value in [*PRINTED, "2022-04-15", "L898902C8"])


def test_event_of_a_technical_failure(provider, tenant, client_of, specimen, sandbox):
    path = {"regula": "/api/process", "idmeta": "document_verification"}[provider]
    sandbox.fault(path, "500", times=3)

    after = verify(client_of(tenant), document(specimen(PASSPORT)))

    last = after.verification.events.last()
    assert last.type == "verification.failed"
    assert last.data == {
        "status": "failed",
        "decision": None,
        "error": {
            "code": "provider_failed",
            "message": "The provider failed",
            "retryable": True,
            "suggestedAction": "Send the request again later",
        },
    }
