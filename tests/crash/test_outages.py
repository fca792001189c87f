"""The database, or Redis, restarted under load; two workers at once. Nothing is lost.

Seen from outside: tenants made by command, verifications posted and read over HTTP.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from providers.sandbox.idmeta.accounts import DEMO
from tests.crash import servers
from tests.processes import ENVIRONMENT, wait_for
from tests.verifications_support import PASSPORT, SELFIE, data_url, document_request

pytestmark = pytest.mark.crash

VERIFICATIONS = 12
STEPS = ["document_verification", "biometrics_verification", "biometrics_face_compare"]


class Service:
    """Web and workers on a database of their own, and an IDMeta tenant."""

    def __init__(self, processes, sandbox, body, **environment):
        self._environment = environment
        self._processes = processes
        self._body = body
        self._manage("migrate", "--verbosity=0")
        options = [f"--config={key}={value}" for key, value in sandbox.idmeta.items()]
        made = self._manage(
            "create_tenant", "Wallet", "--provider=idmeta", "--json",
            f"--credential=api_token={DEMO.token}", *options,
            "--config=default_template_id=456",
        )  # fmt: skip
        self._key = json.loads(made)["apiKey"]
        self._address = processes.web(**environment)

    def start_worker(self):
        self._processes.worker(**self._environment)

    def accept(self):
        """The id of a new verification; as a client would, until it is accepted."""
        while True:
            try:
                answer = self._call("POST", "/verifications/async", json=self._body)
            except requests.RequestException:
                continue
            if answer.status_code == 202:
                return answer.json()["id"]
            assert answer.status_code >= 500
            time.sleep(0.2)

    def outcome(self, verification_id):
        answer = self._call("GET", f"/verifications/{verification_id}")
        answer.raise_for_status()
        return answer.json()["status"], answer.json()["decision"]

    def outcomes(self, ids):
        """Those of all, as soon as all are decided."""
        found = {}

        def are_decided():
            try:
                found.update({one: self.outcome(one) for one in ids})
            except requests.RequestException:
                return False
            return all(decision for _, decision in found.values())

        wait_for(are_decided, "Not every verification was decided")
        return found

    def _call(self, method, path, **arguments):
        address = f"{self._address}/api/v1{path}"
        headers = {"X-API-Key": self._key}
        return requests.request(method, address, headers=headers, timeout=60, **arguments)

    def _manage(self, *command):
        environment = {**os.environ, **ENVIRONMENT, **self._environment}
        run = [sys.executable, "manage.py", *command]
        return subprocess.run(run, env=environment, check=True, capture_output=True).stdout


@pytest.fixture
def start(processes, sandbox, specimen, tmp_path):
    """A service of its own. The pictures are read once before, so that no step takes long."""
    body = {
        **document_request(specimen(PASSPORT), images={"selfie": data_url(specimen(SELFIE))}),
        "verificationType": "comprehensive",
    }

    def start(**environment):
        environment.setdefault("EVIDENCE_DIR", str(tmp_path / "evidence"))
        service = Service(processes, sandbox, body, **environment)
        service.start_worker()
        service.outcomes([service.accept()])
        sandbox.reset()
        return service

    return start


def assert_all_were_billed_once(sandbox):
    bills = Counter((bill["reference"], bill["kind"]) for bill in sandbox.bills())
    assert set(bills.values()) == {1}
    assert Counter(kind for _, kind in bills) == dict.fromkeys(STEPS, VERIFICATIONS)


def test_postgresql_restarted_under_load(start, sandbox):
    with servers.postgresql() as database:
        service = start(DATABASE_URL=database.url, REDIS_URL="")
        with ThreadPoolExecutor(4) as clients:
            accepted = [clients.submit(service.accept) for _ in range(VERIFICATIONS)]
            time.sleep(0.5)
            database.restart()
            ids = [future.result() for future in accepted]

        assert set(service.outcomes(ids).values()) <= {
            ("completed", "approved"),
            ("in_progress", "review"),
        }
        assert_all_were_billed_once(sandbox)


@pytest.mark.parametrize("broker", ["redis", "orm"])
def test_redis_restarted_under_load(start, sandbox, tmp_path, broker):
    with servers.redis(tmp_path) as redis:
        service = start(
            DATABASE_URL=f"sqlite:///{tmp_path}/kyc.sqlite3",
            REDIS_URL=redis.url,
            QUEUE_BROKER=broker,
        )
        with ThreadPoolExecutor(4) as clients:
            accepted = [clients.submit(service.accept) for _ in range(VERIFICATIONS)]
            time.sleep(0.5)
            redis.restart()
            ids = [future.result() for future in accepted]

        assert set(service.outcomes(ids).values()) == {("completed", "approved")}
        assert_all_were_billed_once(sandbox)


def test_two_workers_at_once(start, sandbox, tmp_path):
    service = start(DATABASE_URL=f"sqlite:///{tmp_path}/kyc.sqlite3", REDIS_URL="")
    service.start_worker()
    with ThreadPoolExecutor(4) as clients:
        ids = list(clients.map(lambda _: service.accept(), range(VERIFICATIONS)))

    assert set(service.outcomes(ids).values()) == {("completed", "approved")}
    assert_all_were_billed_once(sandbox)
