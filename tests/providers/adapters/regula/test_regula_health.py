"""Health: what `readyz` and `healthz` of both services add up to."""

from __future__ import annotations

import pytest
import requests
import responses

READER = "http://reader.test:8080"
FACE = "http://face.test:41101"


@pytest.fixture
def wire():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def test_both_services_are_ready(wire, load, adapter):
    wire.get(f"{READER}/api/readyz", status=200)
    wire.get(f"{READER}/api/healthz", json=load("healthz_docreader"))
    wire.get(f"{FACE}/api/readyz", status=200)
    wire.get(f"{FACE}/api/healthz", json=load("healthz_face"))
    health = adapter.health()
    assert health.is_healthy is True
    assert health.detail == "Document Reader: ready; Face SDK: ready"
    assert health.latency_ms >= 0
    assert health.facts == {
        "documentReader": {
            "version": "9.2.731.2044",
            "licenceValidUntil": "2027-06-30T00:00:00Z",
            "databaseVersion": "9.2.731",
            "scenarios": ["FullAuth", "FullProcess", "Mrz"],
        },
        "faceSdk": {"version": "8.2.694.1636", "licenceValidUntil": "2027-03-31T00:00:00Z"},
        "licenceValidUntil": "2027-03-31T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (400, "licence missing or expired"),
        (401, "credentials refused"),
        (403, "credentials refused"),
        (407, "credentials refused"),
        (404, "no Regula service at this address"),
        (302, "HTTP 302"),
        (500, "HTTP 500"),
        (599, "HTTP 599"),
        (requests.ConnectTimeout(), "The provider could not be reached"),
        (requests.ReadTimeout(), "The provider's answer did not arrive"),
    ],
)
def test_a_service_that_is_not_ready(wire, load, connect, status, detail):
    answer = {"status": status} if isinstance(status, int) else {"body": status}
    wire.get(f"{READER}/api/readyz", **answer)
    wire.get(f"{READER}/api/healthz", status=404)
    adapter = connect(face_url=None)
    for health in (adapter.health(), adapter.check_credentials()):
        assert health.is_healthy is False
        assert health.detail == f"Document Reader: {detail}"
        assert health.facts == {}


def test_one_ill_service_is_enough(wire, load, adapter):
    wire.get(f"{READER}/api/readyz", status=200)
    wire.get(f"{READER}/api/healthz", json=load("healthz_hidden"))
    wire.get(f"{FACE}/api/readyz", status=400)
    wire.get(f"{FACE}/api/healthz", status=500)
    health = adapter.health()
    assert health.is_healthy is False
    assert health.detail == "Document Reader: ready; Face SDK: licence missing or expired"
    assert health.facts == {}


def test_credentials_are_checked_without_the_facts(wire, adapter):
    wire.get(f"{READER}/api/readyz", status=200)
    wire.get(f"{FACE}/api/readyz", status=200)
    health = adapter.check_credentials()
    assert health.is_healthy is True
    assert [call.request.url for call in wire.calls] == [
        f"{READER}/api/readyz",
        f"{FACE}/api/readyz",
    ]
