"""The address that a request names, under its new name and its old one."""

from __future__ import annotations

import pytest

from verifications.models import Verification

pytestmark = pytest.mark.django_db

ROUTES = {
    "/api/v1/verifications": "json",
    "/api/v1/verifications/async": "json",
    "/api/v1/verifications/verify-by-id": "json",
    "/api/v1/verifications/upload": "multipart",
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("field", ["webhookUrl", "callbackUrl"])
@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/hook", "https://169.254.169.254/", "https://u:p@bank.example/"]
)
def test_hostile_ones_are_refused_everywhere(tenant, client_of, route, field, url):
    answer = client_of(tenant).post(route, {field: url}, format=ROUTES[route])

    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json()["details"]["fields"]}
    assert not Verification.objects.exists()


def test_http_is_refused_unless_it_is_allowed(tenant, client_of, settings):
    settings.WEBHOOK_ALLOW_HTTP = False
    answer = client_of(tenant).post(
        "/api/v1/verifications", {"webhookUrl": "http://bank.example/"}, format="json"
    )

    assert "not http://" in str(answer.json()["message"])
