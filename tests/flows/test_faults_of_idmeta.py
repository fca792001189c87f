"""What IDMeta may do wrong, and what becomes of the verification."""

from __future__ import annotations

import pytest

from tests.conftest import idmeta_tenant_of
from tests.flows.support import verify
from tests.verifications_support import PASSPORT, SELFIE, data_url, document_request

pytestmark = pytest.mark.django_db(transaction=True)

CREATE = "create-verification"
DOCUMENT = "document_verification"
LIVENESS = "biometrics-verification"
FACE_COMPARE = "biometricsfacecompare"
FINALIZE = "finalize-verification"
APPROVED = (201, "completed", "approved")
REVIEW = (201, "in_progress", "review")
DECLINED = (201, "failed", "declined")
UNAVAILABLE = (503, "failed", None)
BAD_GATEWAY = (502, "failed", None)
OPENED, DONE, FINALIZED = ("open", "done"), ("step", "done"), ("finalize", "done")
RECONCILED = ("reconcile", "done")


@pytest.fixture
def run(idmeta_tenant, client_of, specimen):
    client = client_of(idmeta_tenant)
    return lambda **more: verify(client, document_request(specimen(PASSPORT), **more))


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        ("declined", DECLINED, "document_rejected"),
        ("review", REVIEW, "document_review_needed"),
        ("mismatch", REVIEW, "data_mismatch"),
        ("forged", DECLINED, "document_rejected"),
        ("not_found", REVIEW, "new_photo_needed"),
        ("unknown_enum", REVIEW, "unknown_outcome"),
        ("logical_failure", REVIEW, "step_failed_at_provider"),
    ],
)
def test_what_the_document_step_says(run, sandbox, fault, outcome, reason):
    sandbox.fault(DOCUMENT, fault)

    after = run()

    assert after.outcome == outcome
    assert reason in after.reason_codes
    assert after.calls == [OPENED, DONE, FINALIZED]


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        ("declined", DECLINED, "provider_rejected"),
        ("review", REVIEW, "provider_review_needed"),
        ("unknown_enum", REVIEW, "unknown_outcome"),
        ("missing_plan", REVIEW, "provider_incomplete"),
    ],
)
def test_finalize_lowers_what_the_steps_say(run, sandbox, fault, outcome, reason):
    sandbox.fault(f"/{FINALIZE}", fault)

    after = run()

    assert after.outcome == outcome
    assert reason in after.reason_codes
    assert after.verification.result["document"]["extracted"]["lastName"] == "ERIKSSON"


@pytest.mark.parametrize("shape", ["A", "B"])
def test_both_document_shapes(run, sandbox, shape):
    sandbox.settings(documentShape=shape)

    after = run()

    assert after.outcome == APPROVED
    assert after.verification.result["document"]["extracted"]["documentNumber"] == "L898902C3"


@pytest.mark.parametrize("fault", ["429", "500", "503", "502_html"])
@pytest.mark.parametrize(
    ("path", "calls"),
    [
        (CREATE, [("open", "rejected"), OPENED, DONE, FINALIZED]),
        (DOCUMENT, [OPENED, ("step", "rejected"), DONE, FINALIZED]),
        (FINALIZE, [OPENED, DONE, ("finalize", "rejected"), FINALIZED]),
    ],
)
def test_certain_refusal_is_tried_again(run, sandbox, fault, path, calls):
    sandbox.fault(path, fault, retryAfter=0)

    after = run()

    assert after.outcome == APPROVED
    assert after.calls == calls
    assert len(sandbox.bills()) == after.billable == 1


@pytest.mark.parametrize("path", [CREATE, DOCUMENT, FINALIZE])
def test_three_refusals_are_503_and_the_row_is_kept(run, sandbox, path):
    sandbox.fault(path, "500", times=3)

    after = run()

    assert after.outcome == UNAVAILABLE
    assert after.body["message"] == "Provider service temporarily unavailable"
    assert after.verification.error["code"] == "provider_failed"
    assert len(sandbox.bills()) == after.billable


@pytest.mark.parametrize("fault", ["reset_before", "not_json"])
def test_step_that_never_arrived_is_sent_again(run, sandbox, fault):
    sandbox.fault(DOCUMENT, fault)

    after = run()

    assert after.outcome == APPROVED
    assert after.calls == [OPENED, ("step", "not_sent"), RECONCILED, DONE, FINALIZED]
    assert len(sandbox.bills()) == after.billable == 1


@pytest.mark.parametrize("fault", ["reset_after", "truncated"])
def test_step_done_without_an_answer_is_left_to_finalize(run, sandbox, fault):
    """An approval without the document's data goes to a human."""
    sandbox.fault(DOCUMENT, fault)

    after = run()

    assert after.outcome == REVIEW
    assert after.reason_codes == ["document_data_missing"]
    assert after.calls == [OPENED, DONE, RECONCILED, FINALIZED]
    assert after.step_statuses == ["answer_lost"]
    assert len(sandbox.bills()) == after.billable == 1


def test_slow_answer_counts_as_lost(run, sandbox, settings):
    settings.STEP_TIMEOUT = 0.5
    sandbox.fault(DOCUMENT, "slow", seconds=1.5)

    after = run()

    assert after.outcome == REVIEW
    assert after.step_statuses == ["answer_lost"]
    assert len(sandbox.bills()) == after.billable == 1


def test_retry_after_is_too_long_to_wait_for(run, sandbox):
    sandbox.fault(DOCUMENT, "429", retryAfter=600)

    after = run()

    assert after.outcome == UNAVAILABLE
    assert after.verification.error["code"] == "provider_throttled"
    assert after.calls == [OPENED, ("step", "rejected")]
    assert sandbox.bills() == []


@pytest.fixture
def run_all(sandbox, client_of, specimen):
    """Document, liveness and face compare, with a selfie of the holder or of somebody else."""
    client = client_of(idmeta_tenant_of(sandbox, default_template_id="456"))

    def run(selfie=SELFIE):
        images = {"selfie": data_url(specimen(selfie))}
        request = document_request(specimen(PASSPORT), images=images)
        return verify(client, {**request, "verificationType": "comprehensive"})

    return run


def test_another_persons_selfie_is_declined(run_all, sandbox):
    after = run_all("selfie-other.jpg")

    assert after.outcome == DECLINED
    assert after.verification.result["biometric"]["faceMatchScore"] < 70
    assert after.verification.result["document"]["extracted"]["lastName"] == "ERIKSSON"
    assert after.calls == [OPENED, DONE, DONE, DONE, FINALIZED]
    assert len(sandbox.bills()) == after.billable == 3


@pytest.mark.parametrize("path", [LIVENESS, FACE_COMPARE])
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("declined", DECLINED), ("review", REVIEW), ("logical_failure", REVIEW)],
)
def test_what_the_face_steps_say(run_all, sandbox, path, fault, outcome):
    sandbox.fault(path, fault)

    after = run_all()

    assert after.outcome == outcome
    assert after.step_statuses == ["done"] * 3


@pytest.mark.parametrize("path", [DOCUMENT, LIVENESS, FACE_COMPARE])
def test_each_step_that_never_arrived_is_sent_again(run_all, sandbox, path):
    sandbox.fault(path, "reset_before")

    after = run_all()

    assert after.outcome == APPROVED
    assert sorted(after.calls) == sorted(
        [OPENED, DONE, DONE, DONE, ("step", "not_sent"), RECONCILED, FINALIZED]
    )
    assert len(sandbox.bills()) == after.billable == 3


def test_lost_face_step_is_decided_by_finalize(run_all, sandbox):
    sandbox.fault(FACE_COMPARE, "reset_after")

    after = run_all()

    assert after.outcome == APPROVED
    assert after.step_statuses == ["done", "done", "answer_lost"]
    assert len(sandbox.bills()) == after.billable == 3


def test_nobody_can_tell_so_it_is_never_sent_again(run, sandbox):
    sandbox.fault(DOCUMENT, "reset_after")
    sandbox.fault(FINALIZE, "500", times=10)

    after = run()

    assert after.outcome == REVIEW
    assert after.reason_codes == ["outcome_unknown"]
    assert after.step_statuses == ["maybe_billed"]
    assert ("step", "unknown") in after.calls
    assert len(sandbox.bills()) == after.billable == 1


def test_lost_create_is_repeated_once(run, sandbox):
    sandbox.fault(CREATE, "reset_after")

    after = run()

    assert after.outcome == APPROVED
    assert after.calls == [("open", "unknown"), OPENED, DONE, FINALIZED]
    assert len(sandbox.bills()) == 1


def test_create_lost_twice_is_a_technical_failure(run, sandbox):
    sandbox.fault(CREATE, "reset_after", times=2)

    after = run()

    assert after.outcome == UNAVAILABLE
    assert after.calls == [("open", "unknown")] * 2
    assert sandbox.bills() == []


def test_lost_finalize_is_repeated(run, sandbox):
    sandbox.fault(FINALIZE, "reset_after")

    after = run()

    assert after.outcome == APPROVED
    assert after.calls == [OPENED, DONE, ("finalize", "unknown"), FINALIZED]


@pytest.mark.parametrize("fault", ["unauthenticated", "403"])
def test_wrong_credentials_are_the_operators_to_mend(run, sandbox, fault):
    sandbox.fault(CREATE, fault)

    after = run()

    assert after.outcome == BAD_GATEWAY
    assert after.body["code"] == "provider_credentials"


@pytest.mark.parametrize("status", [404, 422])
def test_unknown_template(run, sandbox, status):
    sandbox.settings(unknownTemplateStatus=status)

    after = run(templateId="99999")

    assert after.outcome == (400, "failed", None)
    assert after.body["message"] == "Template 99999 not found"
    assert after.body["suggestedAction"] == "Use valid template ID or omit for default"
    assert sandbox.bills() == []


def test_template_by_metadata(run):
    after = run(metadata={"idmeta_template_id": 99999})

    assert after.body["message"] == "Template 99999 not found"


def test_webhook_secret_is_stored_nowhere(run):
    after = run()

    session = after.verification.session
    stored = str([session.options, [step.config for step in session.steps.all()]])
    assert "secret" not in (stored + str(after.body)).lower()


def test_provider_out_of_reach(idmeta_tenant, client_of, specimen, settings):
    config = idmeta_tenant.provider_configs.get()
    config.provider_account.config = {"base_url": "http://127.0.0.1:9/api"}
    config.provider_account.save()

    after = verify(client_of(idmeta_tenant), document_request(specimen(PASSPORT)))

    assert after.outcome == UNAVAILABLE
    assert after.body["code"] == "provider_unreachable"
    assert after.body["suggestedAction"] == "Send the request again later"
    assert after.calls == [("open", "not_sent")] * 3
