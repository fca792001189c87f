"""One error shape everywhere, and the headers around it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from tests.verifications_support import RUNS_WORKFLOW, blank_picture, document_request

pytestmark = pytest.mark.django_db

URL = "/api/v1/verifications"
KEYS = {
    "success",
    "statusCode",
    "error",
    "message",
    "details",
    "timestamp",
    "path",
    "method",
    "requestId",
    "code",
    "suggestedAction",
    "retryable",
}


@pytest.mark.parametrize(
    ("method", "path", "status", "error", "code"),
    [
        ("get", URL + "/x", 400, "Bad Request", "malformed_id"),
        ("post", URL, 400, "Bad Request", "validation_failed"),
        ("get", "/api/v1/nowhere", 404, "Not Found", "not_found"),
        ("get", "/nowhere", 404, "Not Found", "not_found"),
        ("put", URL, 405, "Method Not Allowed", "method_not_allowed"),
    ],
)
def test_shape(client, method, path, status, error, code):
    answer = getattr(client, method)(path)

    body = answer.json()
    assert answer.status_code == body["statusCode"] == status
    assert set(body) == KEYS
    assert body["success"] is False
    assert (body["error"], body["code"]) == (error, code)
    assert (body["path"], body["method"]) == (path, method.upper())
    assert body["suggestedAction"]
    assert body["retryable"] is False
    assert body["details"]["statusCode"] == status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "kya_" + "0" * 64},
        {"Authorization": "Bearer kya_wrong"},
        {"Authorization": "Basic abc"},
    ],
)
def test_missing_or_wrong_key(db, headers):
    answer = Client().get(URL, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_host_that_is_not_ours(client):
    answer = client.get(URL, SERVER_NAME="evil.example")

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


def test_crash_outside_the_api(monkeypatch):
    def crash(request):
        raise ValueError("secret")

    monkeypatch.setattr("kyc_adapter.demo.render", lambda *args: crash(None))

    answer = Client(raise_request_exception=False).get("/")

    assert answer.status_code == 500
    assert set(answer.json()) == KEYS - {"details"}
    assert "secret" not in answer.content.decode()


@pytest.fixture
def no_connection(monkeypatch):
    """Others hold all the connections to the database there are."""
    connection.close()
    if connection.vendor != "postgresql":
        with monkeypatch.context() as patch:
            patch.setattr(connection, "get_new_connection", _refuse_to_connect)
            yield
        return
    connection.close_pool()
    with monkeypatch.context() as patch:
        pool = {"min_size": 1, "max_size": 1, "timeout": 0.1}
        patch.setitem(connection.settings_dict["OPTIONS"], "pool", pool)
        connection.pool.open()
        with connection.pool.connection():
            yield
        connection.close_pool()


def _refuse_to_connect(params):
    raise connection.Database.OperationalError("secret")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", URL),
        ("post", URL + "/async"),
        ("get", URL),
        ("get", URL + "/01a20d81-4efd-7735-b53b-c6f476af339b/events"),
        ("get", "/api/v1/templates"),
        ("get", "/api/v1/webhook-endpoints"),
        ("post", "/hooks/idmeta/" + 43 * "x"),
        ("get", "/admin/"),
    ],
)
def test_no_connection_is_free(client, no_connection, method, path):
    client.raise_request_exception = False
    if path == "/admin/":
        client.cookies["sessionid"] = "x" * 32

    answer = getattr(client, method)(path)

    body = answer.json()
    assert answer.status_code == body["statusCode"] == 503
    assert answer.headers["Retry-After"] == "2"
    assert set(body) == KEYS - {"details"}
    assert (body["code"], body["retryable"]) == ("temporarily_unavailable", True)
    assert "Retry-After" in body["suggestedAction"]
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize(
    ("sent", "is_taken_over"),
    [("order-17", True), ("a" * 65, False), ("two words", False), ("", False)],
)
def test_correlation_id(client, sent, is_taken_over):
    answer = client.get(URL, headers={"X-Correlation-ID": sent})

    returned = answer.headers["X-Correlation-ID"]
    assert (returned == sent) is is_taken_over
    assert len(returned) >= 8


def test_request_id(client):
    by_name = client.get(URL + "/x", headers={"X-Request-Id": "r-1"}).json()["requestId"]
    otherwise = client.get(URL + "/x", headers={"X-Correlation-ID": "c-1"}).json()["requestId"]

    assert (by_name, otherwise) == ("r-1", "c-1")


@RUNS_WORKFLOW
def test_correlation_id_reaches_the_vendor(regula_tenant, client_of, sandbox):
    client = client_of(regula_tenant)

    client.post(
        URL,
        document_request(blank_picture()),
        format="json",
        headers={"X-Correlation-ID": "order-17"},
    )

    assert {request["correlationId"] for request in sandbox.requests()} == {"order-17"}


def test_browsers_of_configured_origins(client):
    def allowed(origin):
        answer = client.options(
            URL,
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "x-api-key,x-tenant-id",
            },
        )
        return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed("http://localhost:3000") == "http://localhost:3000"
    assert allowed("https://evil.example") is None


def test_docs_and_schema_are_served(client):
    assert client.get("/api/docs").status_code == 200
    assert b"createVerification" in client.get("/api/schema").content


def test_health(client):
    body = client.get("/health").json()

    assert (body["status"], body["database"], body["environment"]) == ("ok", "ok", "local")
    assert client.get("/api/v1/health").json().keys() == body.keys()


def test_health_without_a_database(client, monkeypatch):
    monkeypatch.setattr("kyc_adapter.health._database_answers", lambda: False)

    answer = client.get("/health")

    assert (answer.status_code, answer.json()["status"]) == (503, "error")


def test_browsers_may_poll_with_etags(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    wanted = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}

    preflight = client.options(URL, headers=wanted)
    answer = client.get(URL, headers={"Origin": "https://shop.example"})

    assert "if-none-match" in preflight.headers["Access-Control-Allow-Headers"]
    assert "etag" in answer.headers["Access-Control-Expose-Headers"]
