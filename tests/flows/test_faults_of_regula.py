"""What Regula's services may do wrong, and what becomes of the verification."""

from __future__ import annotations

import pytest

from tests.flows.support import verify
from tests.verifications_support import PASSPORT, SELFIE, data_url, document_request

pytestmark = pytest.mark.django_db(transaction=True)

PROCESS = "/docreader/api/process"
MATCH = "/face/api/match"
APPROVED = (201, "completed", "approved")
REVIEW = (201, "in_progress", "review")
DECLINED = (201, "failed", "declined")
UNAVAILABLE = (503, "failed", None)
BAD_GATEWAY = (502, "failed", None)


@pytest.fixture
def run(regula_tenant, client_of, specimen):
    client = client_of(regula_tenant)

    def run(**more):
        return verify(client, document_request(specimen(PASSPORT), **more))

    return run


def licensed_sessions(sandbox):
    return sum(bill["licensed_session"] for bill in sandbox.bills())


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        ("declined", DECLINED, "stop_list"),
        ("review", REVIEW, "authenticity"),
        ("expired", DECLINED, "expired"),
        ("mismatch", REVIEW, "data_mismatch"),
        ("forged", DECLINED, "forged_or_copy"),
        ("not_finished", REVIEW, "not_processed"),
        ("not_found", REVIEW, "unknown_document"),
        ("unknown_enum", REVIEW, "unknown_value"),
    ],
)
def test_what_the_vendor_says(run, sandbox, fault, outcome, reason):
    sandbox.fault(PROCESS, fault)

    after = run()

    assert after.outcome == outcome
    assert reason in after.reason_codes
    assert after.calls == [("step", "done")]
    assert len(sandbox.bills()) == 1


@pytest.mark.parametrize("fault", ["429", "500", "503", "502_html"])
def test_certain_refusal_is_tried_again(run, sandbox, fault):
    sandbox.fault(PROCESS, fault, retryAfter=0)

    after = run()

    assert after.outcome == APPROVED
    assert after.calls == [("step", "rejected"), ("step", "done")]
    assert len(sandbox.bills()) == after.billable == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("429", "provider_throttled"),
        ("500", "provider_failed"),
        ("503", "provider_failed"),
        ("502_html", "provider_failed"),
    ],
)
def test_three_refusals_are_503_and_the_row_is_kept(run, sandbox, fault, code):
    sandbox.fault(PROCESS, fault, times=3, retryAfter=0)

    after = run()

    assert after.outcome == UNAVAILABLE
    assert after.body["message"] == "Provider service temporarily unavailable"
    assert after.body["code"] == code
    assert after.body["retryable"] is True
    assert after.body["details"]["verificationId"] == str(after.verification.pk)
    assert after.verification.error["code"] == code
    assert after.verification.result is None
    assert after.calls == [("step", "rejected")] * 3
    assert after.step_statuses == ["failed"]
    assert sandbox.bills() == []


def test_retry_after_is_too_long_to_wait_for(run, sandbox):
    sandbox.fault(PROCESS, "429", retryAfter=600)

    after = run()

    assert after.outcome == UNAVAILABLE
    assert after.calls == [("step", "rejected")]


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncated", "not_json"])
def test_lost_answer_is_asked_for_once_more_with_the_same_tag(run, sandbox, fault):
    sandbox.fault(PROCESS, fault)

    after = run()

    assert after.outcome == APPROVED
    assert after.calls == [("step", "unknown"), ("step", "done")]
    assert licensed_sessions(sandbox) == 1


def test_slow_answer_counts_as_lost(run, sandbox, settings):
    settings.STEP_TIMEOUT = 0.5
    sandbox.fault(PROCESS, "slow", seconds=1.5)

    after = run()

    assert after.outcome == APPROVED
    assert after.calls == [("step", "unknown"), ("step", "done")]


@pytest.mark.parametrize("fault", ["reset_after", "truncated"])
def test_answer_lost_twice_goes_to_review(run, sandbox, fault):
    sandbox.fault(PROCESS, fault, times=2)

    after = run()

    assert after.outcome == REVIEW
    assert after.calls == [("step", "unknown")] * 2
    assert after.step_statuses == ["maybe_billed"]
    assert after.reason_codes == ["outcome_unknown"]
    assert licensed_sessions(sandbox) == 1


@pytest.mark.parametrize(
    ("fault", "code"), [("401", "provider_credentials"), ("403", "provider_credentials")]
)
def test_wrong_credentials_are_the_operators_to_mend(run, sandbox, fault, code):
    sandbox.fault(PROCESS, fault)

    after = run()

    assert after.outcome == BAD_GATEWAY
    assert after.body["code"] == code
    assert after.body["retryable"] is False
    assert sandbox.bills() == []


def test_expired_licence(run, sandbox):
    sandbox.settings(licence="expired")

    after = run()

    assert after.outcome == BAD_GATEWAY
    assert after.body["code"] == "provider_licence"


def test_face_service_down_leaves_the_document_step_done(run, sandbox, specimen):
    sandbox.fault(MATCH, "500", times=3)

    after = run(images={"selfie": data_url(specimen(SELFIE))})

    assert after.outcome == UNAVAILABLE
    assert after.step_statuses == ["done", "failed"]
    assert len(sandbox.bills()) == 1


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        ("declined", DECLINED, "face_mismatch"),
        ("review", REVIEW, "face_uncertain"),
        ("unknown_enum", REVIEW, "face_not_compared"),
    ],
)
def test_what_the_face_service_says(run, sandbox, specimen, fault, outcome, reason):
    sandbox.fault(MATCH, fault)

    after = run(images={"selfie": data_url(specimen(SELFIE))})

    assert after.outcome == outcome
    assert reason in after.reason_codes
    assert after.verification.result["document"]["extracted"]["lastName"] == "ERIKSSON"
    assert after.calls == [("step", "done")] * 2
    assert [bill["kind"] for bill in sandbox.bills()] == ["process", "match"]


@pytest.mark.parametrize("fault", ["reset_after", "truncated"])
def test_lost_face_match_repeats_only_the_face_match(run, sandbox, specimen, fault):
    sandbox.fault(MATCH, fault)

    after = run(images={"selfie": data_url(specimen(SELFIE))})

    assert after.outcome == APPROVED
    assert after.calls == [("step", "done"), ("step", "unknown"), ("step", "done")]
    assert [bill["kind"] for bill in sandbox.bills()] == ["process", "match", "match"]
    assert licensed_sessions(sandbox) == 2


def test_older_servers_are_understood(run, sandbox):
    sandbox.settings(regulaGeneration=8)

    assert run().outcome == APPROVED


def test_breaker_opens_and_refuses_without_asking(run, sandbox, settings):
    settings.BREAKER_FAILURES = 3
    sandbox.fault(PROCESS, "500", times=3)
    run()
    asked = len(sandbox.requests())

    after = run()

    assert after.outcome == UNAVAILABLE
    assert after.body["code"] == "provider_circuit_open"
    assert after.calls == [("step", "not_sent")]
    assert len(sandbox.requests()) == asked
