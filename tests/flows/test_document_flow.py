"""A picture in, the person's data and the verdict out, over the vendors' real APIs."""

from __future__ import annotations

import pytest

from tests.verifications_support import PASSPORT, document_request
from verifications.models import Verification

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


@pytest.mark.parametrize("provider", ["regula", "idmeta"])
def test_passport(provider, request, client_of, specimen, sandbox):
    tenant = request.getfixturevalue(f"{provider}_tenant")

    answer = client_of(tenant).post(
        "/api/v1/verifications", document_request(specimen(PASSPORT)), format="json"
    )

    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert body["status"] == "completed"
    assert body["decision"] == "approved"
    assert body["providerName"] == provider
    extracted = body["result"]["document"]["extracted"]
    assert {key: extracted[key] for key in PRINTED_ON_PASSPORT} == PRINTED_ON_PASSPORT
    verification = Verification.objects.get(pk=body["id"])
    calls = verification.session.provider_calls.filter(operation="step")
    assert [call.status for call in calls] == ["done"]
    assert len(sandbox.bills()) == 1
