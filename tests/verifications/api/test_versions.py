"""`ETag` and `If-None-Match`: right for every change, cheap for none."""

from __future__ import annotations

from itertools import pairwise

import pytest

from common import crash_points
from tests.verifications_support import RUNS_WORKFLOW
from verifications import claims, services, workflow
from verifications.models import Session, Verification

pytestmark = pytest.mark.django_db

URL = "/api/v1/verifications"


@pytest.fixture
def accepted(stored, regula_tenant):
    return stored(regula_tenant)


@pytest.fixture
def read(client, accepted):
    def get(version=None):
        headers = {"If-None-Match": version} if version else {}
        return client.get(f"{URL}/{accepted.pk}", headers=headers)

    return get


def test_unchanged(read):
    first = read()

    again = read(first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["ETag"].startswith('W/"')
    assert again["Cache-Control"] == first["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("others", ['"x", {}', '{}, W/"y"', "*"])
def test_one_of_several(read, others):
    version = read()["ETag"]

    assert read(others.format(version)).status_code == 304
    assert read(others.format(version.removeprefix("W/"))).status_code == 304


@pytest.mark.parametrize("version", ['W/"x"', "x", '"', ","])
def test_unknown_versions(read, version):
    assert read(version).status_code == 200


def test_stranger_gets_404_whatever_the_version(read, stranger, accepted):
    answer = stranger.get(f"{URL}/{accepted.pk}", headers={"If-None-Match": read()["ETag"]})

    assert answer.status_code == 404
    assert stranger.get(f"{URL}/{accepted.pk}", headers={"If-None-Match": "*"}).status_code == 404


def test_cancelled(read, accepted):
    version = read()["ETag"]
    services.cancel(verification=accepted)

    assert read(version).json()["status"] == "cancelled"


def test_put_off(read, accepted):
    """Nothing but the message and the session's own status change."""
    lease = claims.claim(accepted.session.pk)
    version = read()["ETag"]
    claims.release(lease, due_at=accepted.created_at, last_progress_message="Waiting")

    assert read(version).json()["progress"]["message"] == "Waiting"


@RUNS_WORKFLOW
@pytest.mark.parametrize("provider", ["regula", "idmeta"])
def test_whole_run(provider, request, stored, client_of, monkeypatch):
    """Wherever it is looked at, a new answer has a new version and an old version is no answer."""
    tenant = request.getfixturevalue(f"{provider}_tenant")
    verification, client = stored(tenant), client_of(tenant)
    seen = []

    def look(point=""):
        if point.endswith("before_commit"):
            return  # nobody else sees it yet
        answer = client.get(f"{URL}/{verification.pk}")
        body = {name: value for name, value in answer.json().items() if name != "updatedAt"}
        seen.append((answer["ETag"], body))

    monkeypatch.setattr(crash_points, "reach", look)
    look()
    workflow.run(verification.session.pk)
    look()

    changes = [(before, after) for before, after in pairwise(seen) if before != after]
    assert len(changes) >= 3
    assert all(before[0] != after[0] for before, after in changes)
    versions = [version for version, _ in seen]
    assert len(set(versions)) == len({str(one) for one in seen})
    assert seen[-1][1]["status"] == "completed"


def test_first_claim_is_seen(read, accepted):
    version = read()["ETag"]
    before = Verification.objects.get().updated_at

    claims.claim(accepted.session.pk)

    assert read(version).json()["status"] == "in_progress"
    assert Verification.objects.get().updated_at > before
    assert Session.objects.get().updated_at > before
