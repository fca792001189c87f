"""A tenant's backend, as the service sees it."""

from __future__ import annotations

import time

import requests

from tenants.services import issue_key
from tests.processes import PATIENCE_SECONDS

URL = "/api/v1/verifications"


class Client:
    def __init__(self, address, tenant):
        self._address = address
        self._session = requests.Session()
        key = issue_key(tenant=tenant, name="test", mode="live").plain
        self._session.headers["X-API-Key"] = key

    def post(self, path, body, **headers):
        return self._session.post(
            f"{self._address}{URL}{path}", json=body, headers=headers, timeout=60
        )

    def get(self, url, **headers):
        return self._session.get(url, headers=headers, timeout=60)

    def delete(self, url):
        return self._session.delete(url, timeout=60)

    def events_until_the_end(self, status_url):
        """Long polls, from the first event to the last."""
        seen, is_final = [], False
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_final and time.monotonic() < deadline:
            log = self.get(f"{status_url}/events?after={len(seen)}&wait=20").json()
            seen += log["events"]
            is_final = log["isFinal"]
        return seen


def follow_to_approval(client, body):
    """The verification and its events, as the tenant reads them once it is done."""
    answer = client.post("/async", body)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    events = client.events_until_the_end(answer.json()["statusUrl"])

    final = client.get(answer.headers["Location"]).json()
    assert (final["status"], final["decision"]) == ("completed", "approved")
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "verification.created"
    assert events[-1]["type"] == "verification.completed"
    return final
