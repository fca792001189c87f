"""`/health/queue`, `/health/redis`, `/health/provider`"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from django.utils.timezone import now
from django_q.models import Schedule

from kyc_adapter.schedules import ensure_schedules
from tests.crash.servers import redis
from verifications.models import ProviderCall, Session

pytestmark = pytest.mark.django_db


def sweep_was_due(seconds):
    moment = now() - timedelta(seconds=seconds)
    Schedule.objects.filter(name="verifications.tasks.sweep").update(next_run=moment)


@pytest.fixture(autouse=True)
def _schedules(db):
    """As a worker keeps them; those of the migrated database are as old as the test run."""
    ensure_schedules()
    sweep_was_due(0)


def test_idle_queue(client):
    answer = client.get("/health/queue")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "broker": "orm",
        "queued": 0,
        "due": 0,
        "oldestDueSeconds": 0.0,
        "sweepOverdueSeconds": pytest.approx(0, abs=60),
        "deadLetters": 0,
    }


def test_what_waits(client, regula_tenant, stored):
    for _ in range(2):
        stored(regula_tenant)
    Session.objects.update(next_attempt_at=now() - timedelta(seconds=30))

    body = client.get("/health/queue").json()

    assert (body["status"], body["queued"], body["due"]) == ("ok", 2, 2)
    assert 30 <= body["oldestDueSeconds"] < 60


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (300, 503)])
def test_verification_that_nobody_takes(client, regula_tenant, stored, seconds, status):
    stored(regula_tenant)
    Session.objects.update(next_attempt_at=now() - timedelta(seconds=seconds))

    assert client.get("/health/queue").status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(90, 200), (300, 503)])
def test_no_worker_keeps_the_schedule(client, seconds, status):
    sweep_was_due(seconds)

    answer = client.get("/health/queue")

    assert answer.status_code == status
    assert seconds <= answer.json()["sweepOverdueSeconds"] < seconds + 60


def test_missing_schedule(client):
    Schedule.objects.all().delete()

    answer = client.get("/health/queue")

    assert answer.status_code == 503
    assert answer.json()["sweepOverdueSeconds"] is None


def test_dead_letters_are_counted(client, regula_tenant, stored):
    stored(regula_tenant)
    Session.objects.update(status="failed", dead_at=now())

    body = client.get("/health/queue").json()

    assert (body["status"], body["deadLetters"], body["due"]) == ("ok", 1, 0)


@pytest.mark.parametrize("part", ["queue", "provider"])
def test_database_that_is_away(client, part):
    def refused(*args):
        raise DatabaseError

    with connection.execute_wrapper(refused):
        answer = client.get(f"/health/{part}")

    assert (answer.status_code, answer.json()["status"]) == (503, "error")


def test_redis_that_is_not_used(client, settings):
    settings.REDIS_URL = ""

    answer = client.get("/health/redis")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "configured": False, "latencyMs": None}


def test_redis(client, settings, tmp_path):
    with redis(tmp_path) as server:
        settings.REDIS_URL = server.url
        answer = client.get("/health/redis")
        assert (answer.status_code, answer.json()["configured"]) == (200, True)
        assert answer.json()["latencyMs"] > 0

    answer = client.get("/health/redis")
    assert answer.status_code == 503
    assert answer.json() == {"status": "error", "configured": True, "latencyMs": None}


def test_no_calls_lately(client):
    answer = client.get("/health/provider")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "providers": []})


def book(session, *calls, made_at=None):
    """Calls to the session's provider. made_at: when, if not now; their ids begin with it."""
    for status, http_status in calls:
        call = ProviderCall(
            session=session,
            provider_account=session.provider_account,
            operation="step",
            status=status,
            http_status=http_status,
            fence=1,
        )
        if made_at:
            call.pk = UUID(f"{int(made_at.timestamp() * 1000):012x}{call.pk.hex[12:]}")
        call.save(force_insert=True)


def test_calls_of_the_last_minutes(client, regula_tenant, idmeta_tenant, stored):
    regula, idmeta = stored(regula_tenant).session, stored(idmeta_tenant).session
    book(regula, ("done", None), ("rejected", 400), ("reserved", None), ("not_sent", None))
    book(idmeta, *[("rejected", 500)] * 3, ("unknown", None), ("not_sent", None))
    book(regula, *[("unknown", None)] * 9, made_at=now() - timedelta(minutes=6))

    answer = client.get("/health/provider")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "error",
        "providers": [
            {"provider": "idmeta", "status": "error", "calls": 5, "failures": 5},
            {"provider": "regula", "status": "ok", "calls": 3, "failures": 1},
        ],
    }


def test_a_few_failures_are_bad_luck(client, regula_tenant, stored):
    book(stored(regula_tenant).session, *[("unknown", None)] * 4)

    assert client.get("/health/provider").status_code == 200


@pytest.mark.parametrize("part", ["queue", "redis", "provider"])
def test_costs_little(client, part, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        client.get(f"/health/{part}")
