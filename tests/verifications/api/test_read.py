"""Reading, listing, cancelling; and that nobody sees another tenant's."""

from __future__ import annotations

import uuid

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tenants.models import Tenant
from tests.verifications_support import RUNS_WORKFLOW, blank_picture, document_request
from verifications.models import Status, Verification
from verifications.outcomes import TechnicalFailure

pytestmark = pytest.mark.django_db

URL = "/api/v1/verifications"
PICTURE = blank_picture()


@pytest.fixture
def created(client):
    return client.post(URL, document_request(PICTURE), format="json").json()


@pytest.fixture
def finished(stored, regula_tenant):
    """The id of a completed verification, made without running it."""
    verification = stored(regula_tenant)
    Verification.objects.update(status=Status.COMPLETED)
    return str(verification.pk)


@RUNS_WORKFLOW
def test_read_back_has_nulls_and_no_create_only_fields(client, created):
    body = client.get(f"{URL}/{created['id']}").json()

    assert body["templateId"] is body["error"] is body["progress"] is None
    assert not {"expiresAt", "metadata", "verificationLink"} & set(body)
    assert body["result"] == created["result"]
    assert body["steps"] == [{"name": "Document check", "status": "done"}]


def test_technical_failure_is_read_back_and_listed(client, finished):
    failure = TechnicalFailure("provider_failed", "It failed", True, "Send it again later")
    Verification.objects.update(status=Status.FAILED, error=failure.to_json())

    listed = client.get(URL).json()["verifications"]

    for body in (client.get(f"{URL}/{finished}").json(), *listed):
        assert (body["status"], body["decision"], body["result"]) == ("failed", None, None)
        assert body["error"] == {
            "code": "provider_failed",
            "message": "It failed",
            "retryable": True,
            "suggestedAction": "Send it again later",
        }
    assert len(listed) == 1


@RUNS_WORKFLOW
def test_running_verification_shows_its_progress(client, created):
    Verification.objects.update(status=Status.IN_PROGRESS)

    progress = client.get(f"{URL}/{created['id']}").json()["progress"]

    assert progress["totalSteps"] == progress["currentStep"] == 1
    assert progress["steps"] == [{"name": "Document check", "status": "done"}]


def test_malformed_id(client):
    answer = client.get(f"{URL}/17")

    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_id"


@pytest.mark.parametrize("method", ["get", "delete"])
def test_unknown_id(client, regula_tenant, method):
    wanted = uuid.uuid4()

    answer = getattr(client, method)(f"{URL}/{wanted}")

    assert answer.status_code == 404
    assert answer.json()["message"] == (
        f"Verification {wanted} not found for tenant {regula_tenant.pk}"
    )


@pytest.mark.parametrize("status", ["pending", "in_progress"])
def test_cancel(client, finished, status):
    Verification.objects.update(status=status)

    assert client.delete(f"{URL}/{finished}").status_code == 204
    assert client.get(f"{URL}/{finished}").json()["status"] == "cancelled"


@pytest.mark.parametrize("status", ["completed", "failed", "expired", "cancelled"])
def test_cancel_of_what_is_over(client, finished, status):
    Verification.objects.update(status=status)

    answer = client.delete(f"{URL}/{finished}")

    assert answer.status_code == 400
    assert answer.json()["message"] == (
        f"Verification {finished} is in state '{status}' but requires 'pending or in_progress'"
    )


@RUNS_WORKFLOW
def test_list_is_newest_first_with_right_totals(client):
    ids = [
        client.post(URL, document_request(PICTURE), format="json").json()["id"] for _ in range(3)
    ]

    body = client.get(URL, {"limit": 2}).json()
    assert [one["id"] for one in body["verifications"]] == [ids[2], ids[1]]
    assert (body["total"], body["page"], body["totalPages"]) == (3, 1, 2)
    second = client.get(URL, {"limit": 2, "page": 2}).json()
    assert [one["id"] for one in second["verifications"]] == [ids[0]]
    beyond = client.get(URL, {"limit": 2, "page": 9}).json()
    assert (beyond["verifications"], beyond["total"]) == ([], 3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "completed"}, 1),
        ({"status": "nonsense"}, 0),
        ({"verificationType": "document"}, 1),
        ({"verificationType": "biometric"}, 0),
        ({"accountId": str(uuid.uuid4())}, 0),
    ],
)
def test_list_filters(client, finished, query, found):
    assert client.get(URL, query).json()["total"] == found


@pytest.mark.parametrize("query", [{"accountId": "x"}, {"page": "0"}, {"limit": "many"}])
def test_list_refuses_malformed_queries(client, query):
    assert client.get(URL, query).status_code == 400


def test_list_never_gives_more_than_100(client, finished):
    template = Verification.objects.get()
    for _ in range(2):
        rows = []
        for _ in range(60):
            row = Verification(
                tenant=template.tenant,
                provider=template.provider,
                provider_account=template.provider_account,
                verification_type="document",
                verification_method="document",
                status="completed",
                expires_at=template.expires_at,
            )
            rows.append(row)
        Verification.objects.bulk_create(rows)

    body = client.get(URL, {"limit": 5000, "status": "completed"}).json()

    assert (len(body["verifications"]), body["total"], body["totalPages"]) == (100, 121, 2)


@RUNS_WORKFLOW
def test_verified_people(client):
    for _ in range(2):
        client.post(URL, document_request(PICTURE), format="json")

    body = client.get(f"{URL}/users").json()

    [person] = body.pop("users")
    assert body == {"total": 1, "page": 1, "totalPages": 1}
    assert person["name"] == {"first": "JUAN", "last": "DELA CRUZ"}
    assert person["referenceId"] == "PHL_N01"
    assert person["verificationCount"] == 2
    assert person["lastVerified"].endswith("Z")


def routes(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield path


# Every API route, and what a stranger gets there for a verification of another tenant.
STRANGERS_ANSWERS = {
    "api/v1/health": (200, None),
    "api/v1/id-types": (200, {"idTypes": []}),
    # test_liveness_sessions.py has what a stranger gets for the token of another tenant's.
    "api/v1/liveness-sessions": (405, None),
    "api/v1/plans": (200, {"total": 0}),
    "api/v1/plans/<str:code>": (404, None),
    "api/v1/templates": (200, {"total": 0}),
    "api/v1/templates/<str:reference>": (404, None),
    "api/v1/verifications": (200, {"total": 0}),
    "api/v1/verifications/async": (405, None),
    "api/v1/verifications/upload": (405, None),
    "api/v1/verifications/verify-by-id": (405, None),
    "api/v1/verifications/users": (200, {"total": 0}),
    "api/v1/verifications/<str:verification_id>": (404, None),
    "api/v1/verifications/<str:verification_id>/events": (404, None),
    "api/v1/ws-tickets": (405, None),
    # tests/webhooks/api has what a stranger gets for the ids of another tenant's.
    "api/v1/webhook-deliveries": (200, {"total": 0}),
    "api/v1/webhook-deliveries/<str:delivery_id>": (404, None),
    "api/v1/webhook-deliveries/<str:delivery_id>/redeliver": (405, None),
    "api/v1/webhook-endpoints": (200, {"total": 0}),
    "api/v1/webhook-endpoints/<str:endpoint_id>": (404, None),
    "api/v1/webhook-endpoints/<str:endpoint_id>/disable": (405, None),
    "api/v1/webhook-endpoints/<str:endpoint_id>/enable": (405, None),
    "api/v1/webhook-endpoints/<str:endpoint_id>/rotate": (405, None),
    "api/v1/webhook-endpoints/<str:endpoint_id>/test": (405, None),
    "api/v1/webhook-secret/rotate": (405, None),
}


def test_every_route_has_an_isolation_test():
    assert {path for path in routes() if path.startswith("api/v1/")} == set(STRANGERS_ANSWERS)


@pytest.mark.parametrize("path", STRANGERS_ANSWERS)
def test_stranger_sees_nothing(finished, stranger, path):
    status, expected = STRANGERS_ANSWERS[path]

    answer = stranger.get("/" + path.replace("<str:verification_id>", finished))

    assert answer.status_code == status
    assert finished not in answer.content.decode() or status == 404
    for key, value in (expected or {}).items():
        assert answer.json()[key] == value


def test_stranger_cancels_nothing(finished, stranger):
    Verification.objects.update(status="in_progress")

    assert stranger.delete(f"{URL}/{finished}").status_code == 404
    assert Verification.objects.get().status == "in_progress"


def test_every_row_belongs_to_its_own_tenant(finished):
    assert Verification.objects.get().tenant == Tenant.objects.get(name="Bank")
