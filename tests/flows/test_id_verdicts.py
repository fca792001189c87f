"""What counts when registry and vendor disagree, and what never reaches the vendor at all."""

from __future__ import annotations

import pytest

from providers.adapters.idmeta.id_inputs import ANY_NUMBER_PATTERN
from providers.adapters.idmeta.id_types import ID_TYPES
from providers.id_types import ID_NUMBER
from tests.flows.id_checks_support import (
    APPROVED,
    DECLINED,
    HOLDER,
    REQUESTS,
    REVIEW,
    TEMPLATES,
    URL,
    check,
    check_number,
)
from verifications.models import Verification

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = {
    "philippines_driving_license": "/drivinglicense",
    "philippines_prc": "/prc",
    "philippines_national_police": "/nationalpolice",
    "philippines_social_security": "/socialsecurity",
}
WITH_RECORDS = ["philippines_nbi_clearance", *PATHS]
PRC_BY_NAME = {**HOLDER, "profession": "Nurse"}


@pytest.fixture
def wallet(idmeta_tenant, client_of):
    return client_of(idmeta_tenant)


@pytest.fixture
def final_word(sandbox):
    """Order what the next finalize says, whatever the steps found."""
    return lambda scenario: sandbox.fault("/finalize-verification", scenario)


@pytest.mark.parametrize("id_type", WITH_RECORDS)
@pytest.mark.parametrize(
    ("ending", "outcome", "reason"),
    [
        ("7", DECLINED, ("record_expired", "record_invalid")),
        ("4", DECLINED, ("record_not_found",)),
        ("6", REVIEW, ("name_mismatch",)),
        ("5", REVIEW, ("step_failed_at_provider",)),
    ],
)
def test_finalize_overrules_no_registry(id_type, ending, outcome, reason, wallet, final_word):
    """Expired, not found, somebody else's or without an answer: `verified` changes nothing."""
    final_word("passed")

    after = check_number(wallet, id_type, ending)

    assert ("finalize", "done") in after.calls
    assert after.outcome == outcome
    assert after.reason_codes[0] in reason


@pytest.mark.parametrize("scenario", ["mismatch", "expired", "not_found"])
def test_prc_by_name_is_judged_alike(scenario, wallet, sandbox, final_word):
    sandbox.fault("/prc", scenario)
    final_word("passed")

    after = check(wallet, "philippines_prc", TEMPLATES["philippines_prc"], userData=PRC_BY_NAME)

    assert after.outcome == (REVIEW if scenario == "mismatch" else DECLINED)
    assert after.body["result"]["idCheck"]["status"] == scenario


def test_finalize_may_still_decline_what_the_registry_found(wallet, final_word):
    final_word("declined")

    after = check_number(wallet, "philippines_nbi_clearance", "1")

    assert after.outcome == DECLINED
    assert after.body["result"]["idCheck"]["status"] == "found"


@pytest.mark.parametrize("id_type", PATHS)
@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("passed", APPROVED),
        ("declined", DECLINED),
        ("review", REVIEW),
        ("unknown_enum", REVIEW),
        ("missing_plan", REVIEW),
    ],
)
def test_an_answer_nobody_documents(id_type, said, outcome, wallet, sandbox, final_word):
    """Finalize alone decides; where it does not, a person does."""
    sandbox.fault(PATHS[id_type], "undocumented")
    final_word(said)

    after = check_number(wallet, id_type, "1")

    assert after.outcome == outcome
    found = after.body["result"]["idCheck"]
    assert (found["status"], found["record"]) == ("unknown", {})
    assert (found["matchedName"], found["nameMatchScore"]) == (None, None)


@pytest.mark.parametrize("id_type", ID_TYPES, ids=lambda id_type: id_type.code)
def test_malformed_values_are_neither_sent_nor_billed(id_type, wallet, sandbox):
    """Each field with a form, one after the other; everything else is the type's own example."""
    with_form = [field for field in id_type.fields if field.pattern]
    examples = {field.name: field.example for field in id_type.fields}

    for field in with_form:
        given = {**examples, field.name: "?"}
        number = {ID_NUMBER: given.pop(ID_NUMBER)} if ID_NUMBER in given else {}
        request = {"verificationType": id_type.code, "userData": given, **number}
        answer = wallet.post(URL, request, format="json")
        assert answer.status_code == 400
        assert answer.json()["code"] == "input_malformed"
        assert answer.json()["details"]["fields"] == [
            {"field": field.path, "pattern": field.pattern, "example": field.example}
        ]

    assert sandbox.requests() == []
    assert sandbox.bills() == []
    assert not Verification.objects.exists()


@pytest.mark.parametrize("number", ["AB1", "A" * 41, "H000 AAAA", "H000_AAAA", "\uff28000AAAA"])
@pytest.mark.parametrize(
    "id_type",
    [
        known.code
        for known in ID_TYPES
        if any(field.pattern == ANY_NUMBER_PATTERN for field in known.fields)
    ],
)
def test_numbers_without_a_documented_form(id_type, number, wallet, sandbox):
    request = {"verificationType": id_type, "idNumber": number, "userData": REQUESTS[id_type][1]}

    answer = wallet.post(URL, request, format="json")

    assert answer.status_code == 400
    assert answer.json()["details"]["fields"][0]["field"] == "idNumber"
    assert sandbox.requests() == []


def test_a_type_nobody_knows(wallet, sandbox):
    request = {"verificationType": "philippines_umid", "idNumber": "0000-0000000-1"}

    answer = wallet.post(URL, request, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "id_type_unknown")
    assert answer.json()["details"]["idTypes"] == [known.code for known in ID_TYPES]
    assert (sandbox.requests(), sandbox.bills()) == ([], [])


def test_a_provider_without_id_checks(regula_tenant, client_of, sandbox):
    request = {"verificationType": "philippines_nbi_clearance", "idNumber": "H000AAAA00-1"}

    answer = client_of(regula_tenant).post(URL, request, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "id_checks_not_supported")
    assert "Verify a document instead" in answer.json()["suggestedAction"]
    assert (sandbox.requests(), sandbox.bills()) == ([], [])
