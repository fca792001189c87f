"""`kill -9` at every point of a verification's life, in real processes.

The whole matrix runs with `make crash`; the suite runs a few cells.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from common.images import inspect_image
from providers.types import ImageRole
from tenants.services import issue_key
from tests.conftest import idmeta_tenant_of, regula_tenant_of
from tests.crash import support
from tests.verifications_support import PASSPORT, SELFIE, data_url, document_request
from verifications import runner, services
from verifications.evidence_store import Picture
from verifications.models import Evidence, RunMode, Verification, VerificationType
from verifications.requests import NewVerification
from verifications.wake import wake_worker

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS = (1, 2, 3)
EACH = 3  # verifications of each provider
# Points that only verifications of a provider with sessions pass are passed fewer times.
IN_A_WORKER = {
    "open.before_send": EACH,
    "open.after_send": EACH,
    "open.before_commit": EACH,
    "open.after_commit": 2 * EACH,
    "step.before_send": 5 * EACH,
    "step.after_send": 5 * EACH,
    "step.before_commit": 5 * EACH,
    "step.after_commit": 5 * EACH,
    "finalize.before_send": EACH,
    "finalize.after_send": EACH,
    "end.before_commit": 2 * EACH,
    "end.after_commit": 2 * EACH,
}
WHILE_A_CALLER_WAITS = ("accept.after_commit", *IN_A_WORKER)


def cells(points):
    """Each point with each seed, which decides at the how-manieth passing the process dies."""
    return [cell(point, seed) for point in points for seed in SEEDS]


def cell(point, seed):
    count = random.Random(f"{point} {seed}").randint(1, IN_A_WORKER.get(point, EACH))
    marks = () if (point, seed) in IN_THE_SUITE else pytest.mark.crash
    return pytest.param(f"{point}:{count}", marks=marks, id=f"{point}-{seed}")


IN_THE_SUITE = {("step.after_send", 1)}


@pytest.fixture
def tenants(sandbox, specimen, settings):
    """One for each provider. The pictures are read before, so that no step takes long."""
    settings.STEP_TIMEOUT = 60
    tenants = [regula_tenant_of(sandbox), idmeta_tenant_of(sandbox, default_template_id="456")]
    for tenant in tenants:
        runner.run_for_caller(services.create(request_of(tenant, specimen)).session.pk)
    Verification.objects.all().delete()
    sandbox.reset()
    return tenants


def request_of(tenant, specimen):
    pictures = {ImageRole.FRONT: specimen(PASSPORT), ImageRole.SELFIE: specimen(SELFIE)}
    return NewVerification(
        tenant=tenant,
        mode="live",
        run_mode=RunMode.ASYNC,
        verification_type=VerificationType.COMPREHENSIVE,
        pictures={role: Picture(data, inspect_image(data)) for role, data in pictures.items()},
    )


@pytest.mark.parametrize("crash_at", cells(IN_A_WORKER))
def test_worker_dies(crash_at, tenants, specimen, processes, sandbox):
    for tenant in tenants * EACH:
        services.create(request_of(tenant, specimen))
    processes.worker(crash_at, queues=["kyc"])
    wake_worker()

    support.wait_until_all_are_decided(2 * EACH)

    assert not processes.permit.exists(), "Nobody died"
    support.assert_nothing_lost_or_doubled(sandbox)


@pytest.mark.crash
@pytest.mark.parametrize("crash_at", cells(WHILE_A_CALLER_WAITS))
def test_web_process_dies(crash_at, tenants, specimen, processes, sandbox):
    """What was accepted is decided by a worker; what was not has left nothing."""
    address = processes.web(crash_at)
    keys = [issue_key(tenant=tenant, name="crash", mode="live").plain for tenant in tenants * EACH]
    body = {
        **document_request(specimen(PASSPORT), images={"selfie": data_url(specimen(SELFIE))}),
        "verificationType": "comprehensive",
    }
    with ThreadPoolExecutor(len(keys)) as callers:
        list(callers.map(lambda key: post(address, key, body), keys))

    assert not processes.permit.exists(), "Nobody died"
    processes.worker(queues=["kyc"])
    support.wait_until_all_are_decided(Verification.objects.count())
    support.assert_nothing_lost_or_doubled(sandbox)


@pytest.mark.crash
def test_web_process_dies_before_it_has_accepted(tenants, specimen, processes):
    address = processes.web("accept.before_commit:1")
    key = issue_key(tenant=tenants[0], name="crash", mode="live").plain

    assert post(address, key, document_request(specimen(PASSPORT))) is None

    assert not processes.permit.exists(), "Nobody died"
    assert not Verification.objects.exists()
    assert not Evidence.objects.exists()


def post(address, key, body):
    """The answer's status; None if the server died."""
    try:
        answer = requests.post(
            f"{address}/api/v1/verifications", json=body, headers={"X-API-Key": key}, timeout=60
        )
    except requests.ConnectionError:
        return None
    return answer.status_code
