"""Opening, finalizing and reconciling a verification."""

from __future__ import annotations

import logging

import pytest

from providers.adapters.idmeta.mapping_session import VerificationFailed
from providers.errors import (
    CredentialsRefused,
    ProviderFailed,
    RequestRefused,
    SessionUnknown,
    TemplateUnknown,
    UnreadableAnswer,
)
from providers.types import ImageRole, OpenRequest, SessionRef, StepFate, StepKind, Verdict
from tests.providers.adapters.idmeta.support import (
    EXTERNAL_ID,
    IDS,
    REFERENCE,
    SESSION,
    connect,
    load,
    plan,
)

CREATE = "/v1/verification/create-verification"
FINALIZE = "/v1/verification/finalize-verification"
REQUEST = OpenRequest(REFERENCE, "document", frozenset({ImageRole.FRONT}), template_id="426")


def test_open_sends_template_and_reference_and_learns_the_steps(adapter, vendor):
    vendor.answers(CREATE, "create-verification")
    opened = adapter.open(REQUEST, {})
    assert vendor.sent() == {"template_id": "426", "metadata": {"reference": REFERENCE}}
    assert opened.external_id == EXTERNAL_ID
    assert [(step.kind, step.plan_code) for step in opened.steps] == [
        (StepKind.DOCUMENT, "document_verification"),
        (StepKind.LIVENESS, "biometrics_verification"),
    ]
    assert opened.steps[0].name == "Document verification"
    assert opened.steps[0].config == {
        "planId": "166",
        "multiSide": True,
        "manualDocumentUpload": True,
    }
    assert opened.steps[1].config == {"planId": "162", "use_face_plus": False}


PHILSYS_KEY = f"/v2/philsys/validate-verification?verificationId={EXTERNAL_ID}"


def test_liveness_page_opens_with_a_key_of_the_verification(adapter, vendor):
    vendor.answers(PHILSYS_KEY, "philsys-validate-verification.v2", method="GET")
    key = load("philsys-validate-verification.v2")["publicKey"]

    page = adapter.liveness_page(EXTERNAL_ID)

    assert page.key == key
    assert page.url == f"https://liveness.everify.gov.ph/?t=basic&liveness=0&awst={key}"


def test_key_cannot_leave_its_place_in_the_address(adapter, vendor):
    vendor.answers(PHILSYS_KEY, {"publicKey": "a&b#c"}, method="GET")

    assert adapter.liveness_page(EXTERNAL_ID).url.endswith("&awst=a%26b%23c")


def test_no_key_is_no_page(adapter, vendor):
    vendor.answers(PHILSYS_KEY, {"status": "SUCCESS"}, method="GET")

    with pytest.raises(UnreadableAnswer):
        adapter.liveness_page(EXTERNAL_ID)


def test_no_page_for_an_unknown_verification(adapter, vendor):
    vendor.answers(PHILSYS_KEY, {}, method="GET", status=404)

    with pytest.raises(SessionUnknown):
        adapter.liveness_page(EXTERNAL_ID)


def test_secrets_leave_neither_the_client_nor_the_settings(adapter, vendor):
    vendor.answers(CREATE, "create-verification.secrets")
    opened = adapter.open(REQUEST, {})
    assert opened.steps[0].config == {"planId": "165", "threshold": 80}
    assert "never-shown" not in repr(opened)
    assert "never-shown" in repr(load("create-verification.secrets"))


def test_an_unknown_plan_is_unsupported_and_cannot_be_run(adapter, vendor):
    vendor.answers(CREATE, "create-verification.secrets")
    step = adapter.open(REQUEST, {}).steps[1]
    assert (step.kind, step.plan_code) == (StepKind.UNSUPPORTED, "brand_new_check")
    with pytest.raises(RequestRefused):
        adapter.execute_step(SESSION, step, None, {})
    assert vendor.paths == [CREATE]


def test_the_client_strips_the_webhook_secret_and_the_request_log(adapter, vendor):
    vendor.answers(CREATE, "create-verification.secrets")
    body = adapter._client.create_verification("426", {})
    assert body["template"] == {"id": 426}
    vendor.answers("/v1/verification/biometricsverification", "biometrics-verification.v1")
    answer = adapter._client.step("biometrics_verification", {})
    assert {"requestdata", "requestresult"}.isdisjoint(answer["apiRequest"])


def test_steps_come_from_the_settings_where_plans_carry_no_codes(adapter, vendor):
    body = load("create-verification")
    body["plans"] = [{"id": 166}, {"id": 162}]
    vendor.answers(CREATE, body)
    assert [step.plan_code for step in adapter.open(REQUEST, {}).steps] == [
        "document_verification",
        "biometrics_verification",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"plans": [], "tool_settings": []},
        {"plans": "null", "tool_settings": None},
        {"plans": [{"id": 1}, {"id": 2}, {"id": 3}]},
        {"verification": {}},
        {"verification": "7b1f"},
    ],
)
def test_an_answer_without_steps_or_id_is_unreadable(adapter, vendor, change):
    vendor.answers(CREATE, {**load("create-verification"), **change})
    with pytest.raises(UnreadableAnswer):
        adapter.open(REQUEST, {})


def test_a_list_is_no_answer(adapter, vendor):
    vendor.answers(CREATE, [1])
    with pytest.raises(UnreadableAnswer):
        adapter.open(REQUEST, {})


@pytest.mark.parametrize(
    ("status", "payload", "error"),
    [
        (404, "error.404.verification-not-found", TemplateUnknown),
        (422, "error.422.validation", TemplateUnknown),
        (405, "error.405.method-not-allowed", RequestRefused),
        (401, "error.401.unauthenticated", CredentialsRefused),
        (403, "error.403.forbidden", CredentialsRefused),
        (500, "error.500.server", ProviderFailed),
    ],
)
def test_refusals_of_open(adapter, vendor, status, payload, error):
    vendor.answers(CREATE, payload, status=status)
    with pytest.raises(error) as caught:
        adapter.open(REQUEST, {})
    assert type(caught.value) is error
    assert caught.value.http_status == status
    assert load(payload)["message"] not in str(caught.value)


def test_open_without_a_template_makes_no_call(adapter, vendor):
    with pytest.raises(TemplateUnknown):
        adapter.open(OpenRequest(REFERENCE, "document", frozenset()), {})
    assert vendor.paths == []


@pytest.mark.parametrize(("configured", "warnings"), [("21", 0), ("", 0), ("99", 1)])
def test_another_company_is_reported(vendor, caplog, configured, warnings):
    vendor.answers(CREATE, "create-verification")
    with caplog.at_level(logging.WARNING, "providers.idmeta"):
        connect(company_id=configured).open(REQUEST, {})
    assert len(caplog.records) == warnings


@pytest.mark.parametrize(
    ("payload", "verdict", "codes", "is_final"),
    [
        ("finalize-verification.verified", Verdict.PASSED, [], True),
        ("manual-finalize-verification", Verdict.PASSED, [], True),
        ("finalize-verification.rejected", Verdict.FAILED, ["provider_rejected"], True),
        ("finalize-verification.review-needed", Verdict.REVIEW, ["provider_review_needed"], True),
        ("finalize-verification.incomplete", Verdict.REVIEW, ["provider_incomplete"], True),
        ("finalize-verification.in-progress", Verdict.NONE, [], False),
        ("finalize-verification.purged", Verdict.REVIEW, ["provider_purged"], True),
    ],
)
def test_finalize(adapter, vendor, payload, verdict, codes, is_final):
    vendor.answers(FINALIZE, payload)
    final = adapter.finalize(SESSION)
    assert vendor.sent() == IDS
    assert final.verdict is verdict
    assert [reason.code for reason in final.reasons] == codes
    assert final.is_final is is_final
    assert "HALIMBAWA" not in repr(final.vendor)


def test_finalize_shows_what_is_missing(adapter, vendor):
    vendor.answers(FINALIZE, "finalize-verification.incomplete")
    assert adapter.finalize(SESSION).vendor == {
        "final": {
            "missingPlans": ["biometrics_verification"],
            "statusCode": 4,
            "statusMessage": "INCOMPLETE",
            "finalized": False,
        }
    }


PASSED, FAILED, REVIEW, NONE = Verdict.PASSED, Verdict.FAILED, Verdict.REVIEW, Verdict.NONE


@pytest.mark.parametrize(
    ("status", "verdict", "is_final"),
    [
        (1, FAILED, True),
        ("1", FAILED, True),
        ("REJECTED", FAILED, True),
        (2, REVIEW, True),
        ("2", REVIEW, True),
        ("Review Needed", REVIEW, True),
        ("review_needed", REVIEW, True),
        (3, PASSED, True),
        ("3", PASSED, True),
        (3.0, PASSED, True),
        ("VERIFIED", PASSED, True),
        ("verified", PASSED, True),
        (4, REVIEW, True),
        ("incomplete", REVIEW, True),
        (5, NONE, False),
        ("In Progress", NONE, False),
        (0, NONE, False),
        ("pending", NONE, False),
        (99, NONE, False),
        ("empty", NONE, False),
        (7, REVIEW, True),
        ("PURGED", REVIEW, True),
        (42, REVIEW, True),
        ("approved", REVIEW, True),
        (True, REVIEW, True),
        (None, REVIEW, True),
        ({}, REVIEW, True),
    ],
)
def test_finalize_by_number_and_text(adapter, vendor, status, verdict, is_final):
    vendor.answers(FINALIZE, {"status": status, "finalized": True, "missing_plans": []})
    final = adapter.finalize(SESSION)
    assert (final.verdict, final.is_final) == (verdict, is_final)


@pytest.mark.parametrize("status", [6, "6", "FAILED"])
def test_a_technical_failure_is_no_verdict(adapter, vendor, status):
    vendor.answers(FINALIZE, {**load("finalize-verification.failed"), "status": status})
    with pytest.raises(VerificationFailed) as caught:
        adapter.finalize(SESSION)
    assert (caught.value.retryable, caught.value.code) == (False, "provider_verification_failed")


@pytest.mark.parametrize("finalized", [False, None, "no"])
@pytest.mark.parametrize("status", [1, 2, 3])
def test_a_verdict_not_finalized_is_not_final(adapter, vendor, status, finalized):
    vendor.answers(FINALIZE, {"status": status, "finalized": finalized, "missing_plans": []})
    final = adapter.finalize(SESSION)
    assert (final.verdict, final.is_final) == (NONE, False)


def test_verified_with_missing_steps_is_review(adapter, vendor):
    body = load("finalize-verification.verified")
    vendor.answers(FINALIZE, {**body, "missing_plans": [162]})
    final = adapter.finalize(SESSION)
    assert (final.verdict, final.reasons[0].code) == (REVIEW, "provider_incomplete")
    assert final.vendor["final"]["missingPlans"] == ["162"]


def test_status_message_counts_where_status_says_nothing(adapter, vendor):
    body = {"status": None, "status_message": "VERIFIED", "finalized": True}
    vendor.answers(FINALIZE, body)
    assert adapter.finalize(SESSION).verdict is PASSED


def test_an_unknown_status_alerts_without_showing_text(adapter, vendor, caplog):
    vendor.answers(FINALIZE, {"status": "JUAN DELA CRUZ 1", "finalized": True})
    final = adapter.finalize(SESSION)
    assert final.reasons[0].code == "unknown_outcome"
    assert "JUAN" not in caplog.text
    assert caplog.records[0].name == "providers.idmeta"


def test_finalize_of_a_vanished_verification(adapter, vendor):
    vendor.answers(FINALIZE, "error.404.verification-not-found", status=404)
    with pytest.raises(SessionUnknown):
        adapter.finalize(SESSION)


@pytest.mark.parametrize(
    ("session", "error"),
    [
        (SessionRef(REFERENCE, None, "426"), SessionUnknown),
        (SessionRef(REFERENCE, EXTERNAL_ID, None), TemplateUnknown),
    ],
)
def test_a_session_without_ids_makes_no_call(adapter, vendor, session, error):
    with pytest.raises(error):
        adapter.finalize(session)
    assert vendor.paths == []


@pytest.mark.parametrize(
    ("missing", "fate"),
    [
        ([{"id": 162, "plan": "biometrics_verification"}], StepFate.NOT_ARRIVED),
        ([{"id": 162}], StepFate.NOT_ARRIVED),
        (["biometrics_verification"], StepFate.NOT_ARRIVED),
        ([162], StepFate.NOT_ARRIVED),
        (["162"], StepFate.NOT_ARRIVED),
        ([{"plan_code": "biometrics_verification"}, {}], StepFate.NOT_ARRIVED),
        ([], StepFate.DONE),
        ([{"id": 165, "plan": "aml"}], StepFate.DONE),
        (["aml", 163], StepFate.DONE),
        ([{}], StepFate.UNKNOWN),
        ([None, "aml"], StepFate.UNKNOWN),
        (None, StepFate.UNKNOWN),
        ("[]", StepFate.UNKNOWN),
        ({}, StepFate.UNKNOWN),
    ],
)
def test_reconcile(adapter, vendor, missing, fate):
    vendor.answers(FINALIZE, {"status": 4, "finalized": False, "missing_plans": missing})
    step = plan("biometrics_verification", planId="162")
    assert adapter.reconcile(SESSION, step) is fate
    assert vendor.paths == [FINALIZE]


def test_reconcile_of_an_empty_verification_cannot_tell(adapter, vendor):
    vendor.answers(FINALIZE, {"status": 99, "missing_plans": []})
    assert adapter.reconcile(SESSION, plan("aml")) is StepFate.UNKNOWN
