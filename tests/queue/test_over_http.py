"""A client over real HTTP, a real server and a real worker, on both brokers."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tenants.services import issue_key
from tests.conftest import idmeta_tenant_of, regula_tenant_of
from tests.crash import servers, support
from tests.processes import PATIENCE_SECONDS, wait_for
from tests.verifications_support import PASSPORT, document_request
from verifications.models import ProviderCall, Verification

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

URL = "/api/v1/verifications"
VERIFICATIONS = ["kyc"]
# Reading a picture for the first time takes the sandbox seconds on a busy machine.
UNHURRIED = {"STEP_TIMEOUT_SECONDS": "30", "LEASE_SECONDS": "40"}
NBI = {
    "verificationType": "philippines_nbi_clearance",
    "idNumber": "H000AAAA00-AA00000000",
    "templateId": "960",
    "userData": {"firstName": "Mayumi", "lastName": "Halimbawa"},
}


@pytest.fixture(params=["orm", "redis"])
def queue(request, tmp_path):
    """The environment of processes that use this broker."""
    if request.param == "orm":
        yield {"QUEUE_BROKER": "orm"}
        return
    with servers.redis(tmp_path) as redis:
        yield {"QUEUE_BROKER": "redis", "REDIS_URL": redis.url}


class Client:
    """A tenant's backend."""

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


def test_accepted_worked_and_followed(queue, sandbox, specimen, processes):
    processes.worker(**queue, **UNHURRIED)
    address = processes.web(**queue)

    document = follow_to_approval(
        Client(address, regula_tenant_of(sandbox)), document_request(specimen(PASSPORT))
    )
    assert len(sandbox.bills()) == 1
    id_check = follow_to_approval(Client(address, idmeta_tenant_of(sandbox)), NBI)
    assert len(sandbox.bills()) == 2

    assert document["result"]["document"]["extracted"]["lastName"] == "ERIKSSON"
    assert id_check["result"]["idCheck"]["status"] == "found"


def test_slow_provider_is_answered_early_and_finished_by_a_worker(sandbox, processes):
    sandbox.fault("create-verification", "slow", seconds=4)
    client = Client(processes.web(SYNC_DEADLINE_SECONDS="1"), idmeta_tenant_of(sandbox))

    started = time.monotonic()
    answer = client.post("/verify-by-id", NBI)

    assert time.monotonic() - started < 4
    assert (answer.status_code, answer.json()["status"]) == (201, "in_progress")
    assert answer.json()["progress"]["percentage"] == 0
    processes.worker(queues=VERIFICATIONS)
    support.wait_until_all_are_decided(1)
    assert Verification.objects.get().decision == "approved"
    assert len(sandbox.bills()) == 1


def test_web_process_is_killed_during_a_call(sandbox, processes):
    """The caller gets no answer; the verification is kept, and a worker ends it."""
    sandbox.fault("create-verification", "slow", seconds=4)
    client = Client(processes.web(), idmeta_tenant_of(sandbox))
    with ThreadPoolExecutor(1) as caller:
        waiting = caller.submit(client.post, "/verify-by-id", NBI)
        wait_for(
            lambda: ProviderCall.objects.filter(status="reserved").exists(), "Nothing was called"
        )
        os.kill(processes.last.pid, signal.SIGKILL)
        with pytest.raises(requests.ConnectionError):
            waiting.result()

    processes.worker(queues=VERIFICATIONS)
    support.wait_until_all_are_decided(1)

    assert Verification.objects.get().decision == "approved"
    assert Verification.objects.get().session.fence > 1
    assert len(sandbox.bills()) == 1


def test_cancelled_while_a_worker_is_at_it(sandbox, processes):
    """The call under way ends; no further one is made, so nothing is billed."""
    sandbox.fault("create-verification", "slow", seconds=3)
    processes.worker(queues=VERIFICATIONS)
    client = Client(processes.web(), idmeta_tenant_of(sandbox))
    accepted = client.post("/async", NBI).json()
    wait_for(sandbox.requests, "No worker took it")

    assert client.delete(accepted["statusUrl"]).status_code == 204

    wait_for(lambda: not ProviderCall.objects.filter(status="reserved"), "It went on")
    events = client.events_until_the_end(accepted["statusUrl"])
    assert [event["type"] for event in events] == ["verification.created", "verification.cancelled"]
    time.sleep(4)  # by then the slow call has ended
    assert [request["path"] for request in sandbox.requests()] == [sandbox.requests()[0]["path"]]
    assert sandbox.bills() == []


def test_many_that_wait_hold_up_nobody(sandbox, processes):
    """They hold no database connection: the pool has two, and every other request needs one."""
    client = Client(processes.web(DATABASE_POOL_SIZE="2"), idmeta_tenant_of(sandbox))
    accepted = client.post("/async", NBI).json()
    events = f"{accepted['statusUrl']}/events?after=1&wait=6"
    with ThreadPoolExecutor(40) as pollers:
        waiting = [pollers.submit(client.get, events) for _ in range(40)]
        time.sleep(2)
        for _ in range(5):
            assert client.get(accepted["statusUrl"]).status_code == 200
        assert not any(poll.done() for poll in waiting)
        answers = [poll.result() for poll in waiting]

    expected = {"events": [], "lastSequence": 1, "isFinal": False}
    assert [answer.json() for answer in answers] == [expected] * 40
