"""From the key of PSA's liveness page to the PhilSys check, in one verification of the provider."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils.timezone import now

from templates_sync.services import sync_account
from tests.conftest import idmeta_tenant_of
from tests.verifications_support import RUNS_WORKFLOW
from verifications import liveness
from verifications.models import ProviderCall, Session, Verification

pytestmark = RUNS_WORKFLOW

LIVENESS = "/api/v1/liveness-sessions"
VERIFY = "/api/v1/verifications/verify-by-id"
PHILSYS, NBI = "philippines_philsys", "philippines_nbi_clearance"


@pytest.fixture
def tenant(sandbox):
    tenant = idmeta_tenant_of(sandbox)
    sync_account(tenant.provider_configs.get().provider_account)
    return tenant


@pytest.fixture
def client(tenant, client_of):
    return client_of(tenant)


def begin(client, verification_type=PHILSYS, **more):
    return client.post(LIVENESS, {"verificationType": verification_type, **more}, format="json")


def check(client, token, verification_type=PHILSYS):
    body = {
        "verificationType": verification_type,
        "idNumber": "0000-0000-0000-0001",
        "livenessToken": token,
    }
    if verification_type == PHILSYS:
        body["userData"] = {"faceLivenessSessionId": "session-1"}
    return client.post(VERIFY, body, format="json")


@pytest.fixture
def token(client):
    return begin(client).json()["livenessToken"]


def assert_unusable(answer, *, verifications=0):
    assert (answer.status_code, answer.json()["code"]) == (400, "liveness_token_unusable")
    assert Verification.objects.count() == verifications


def test_check_goes_on_in_what_the_session_has_begun(client, sandbox):
    before = len(sandbox.requests())
    begun = begin(client)

    assert begun.status_code == 201
    session = begun.json()
    assert set(session) == {"livenessToken", "publicKey", "pageUrl", "expiresAt"}
    assert session["pageUrl"].endswith(f"awst={session['publicKey']}")
    assert not Verification.objects.exists()
    assert sandbox.bills() == []

    answer = check(client, session["livenessToken"])

    assert answer.status_code == 201
    verification = Verification.objects.get()
    assert (verification.decision, verification.external_template_id) == ("approved", "425")
    assert answer.json()["providerVerificationId"] == verification.external_id
    paths = [request["path"].rpartition("/")[2] for request in sandbox.requests()[before:]]
    assert paths.count("create-verification") == 1
    assert paths.count("validate-verification") == 1
    calls = ProviderCall.objects.values_list("operation", "status")
    assert list(calls) == [("step", "done"), ("finalize", "done")]
    assert len(sandbox.bills()) == 1


def test_template_asked_for(client):
    assert check(client, begin(client, templateId="838").json()["livenessToken"]).status_code == 201
    assert Verification.objects.get().external_template_id == "838"


@pytest.mark.parametrize("harm", [lambda token: "x", lambda token: "é", lambda token: token[:-8]])
def test_token_that_is_none_of_ours(client, token, harm):
    assert_unusable(check(client, harm(token)))


def test_token_works_once(client, token):
    assert check(client, token).status_code == 201

    assert_unusable(check(client, token), verifications=1)


def test_token_works_for_one_of_two_at_once(client, token, monkeypatch):
    """The second has looked before the first was stored."""
    assert check(client, token).status_code == 201
    monkeypatch.setattr(liveness, "_is_used", lambda begun: False)

    assert_unusable(check(client, token), verifications=1)


def test_token_is_for_one_type(client, token):
    assert_unusable(check(client, token, NBI))


def test_token_is_too_old_after_half_an_hour(client, token):
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert_unusable(check(client, token))


def test_stranger_cannot_use_it(token, sandbox, client_of):
    """Not even one that uses the same account of the provider."""
    assert_unusable(check(client_of(idmeta_tenant_of(sandbox, "Another wallet")), token))


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"verification_type": NBI}, "liveness_not_needed"),
        ({"verification_type": "umid"}, "id_type_unknown"),
        ({"templateId": "99999"}, "template_not_found"),
        ({"templateId": "960"}, "template_not_supported"),
    ],
)
def test_nothing_is_begun_for_another_check(client, sandbox, request_, code):
    before = len(sandbox.requests())

    answer = begin(client, **request_)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert len(sandbox.requests()) == before


def test_provider_without_id_checks(regula_tenant, client_of):
    answer = begin(client_of(regula_tenant))

    assert (answer.status_code, answer.json()["code"]) == (400, "id_checks_not_supported")


@pytest.mark.parametrize(
    ("path", "fault", "status"),
    [
        ("create-verification", "500", 503),
        ("validate-verification", "500", 503),
        ("validate-verification", "not_json", 503),
        ("create-verification", "401", 502),
    ],
)
def test_provider_that_fails(client, sandbox, path, fault, status):
    sandbox.fault(path, fault, times=5)

    answer = begin(client)

    assert answer.status_code == status
    assert answer.json()["retryable"] is (status == 503)
    assert answer.json()["suggestedAction"]
    assert not Session.objects.exists()
