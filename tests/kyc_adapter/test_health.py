"""`GET /health` says whether the templates are fresh, without a word on whose they are."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils.timezone import now
from psycopg_pool import ConnectionPool

from kyc_adapter import health as views
from providers.models import ProviderAccount
from templates_sync.models import TemplateSync
from tenants.models import TenantProviderConfig

pytestmark = pytest.mark.django_db

KEYS = {"status", "timestamp", "uptime", "environment", "version", "database", "templates"}


@pytest.fixture
def synced_hours_ago(idmeta_tenant):
    """Let the account be years old, and its last good sync that many hours."""
    account = ProviderAccount.objects.get()
    ProviderAccount.objects.update(created_at=now() - timedelta(days=900))

    def sync(hours, status="succeeded"):
        moment = now() - timedelta(hours=hours)
        TemplateSync.objects.create(
            provider_account=account,
            status=status,
            started_at=moment,
            finished_at=moment,
            next_attempt_at=moment,
        )

    return sync


def health(client):
    answer = client.get("/health")
    assert set(answer.json()) == KEYS
    return answer.status_code, answer.json()["templates"]


def test_nothing_to_read(client):
    assert health(client) == (200, "ok")


def test_a_new_account_is_not_stale_yet(client, idmeta_tenant):
    assert health(client) == (200, "ok")


def test_an_account_that_was_never_read(client, synced_hours_ago):
    assert health(client) == (200, "stale")


@pytest.mark.parametrize(("hours", "state"), [(1, "ok"), (47, "ok"), (49, "stale")])
def test_age(client, synced_hours_ago, hours, state):
    synced_hours_ago(1000)
    synced_hours_ago(hours)
    assert health(client) == (200, state)


def test_the_interval_is_a_setting(client, synced_hours_ago, settings):
    settings.TEMPLATE_SYNC_HOURS = 1
    synced_hours_ago(3)
    assert health(client) == (200, "stale")


def test_failures_do_not_make_it_fresh(client, synced_hours_ago):
    synced_hours_ago(49)
    synced_hours_ago(1, status="failed")
    assert health(client) == (200, "stale")


def test_an_account_that_nobody_uses(client, synced_hours_ago):
    TenantProviderConfig.objects.update(is_enabled=False)
    assert health(client) == (200, "ok")


def test_costs_two_queries(client, synced_hours_ago, django_assert_num_queries):
    synced_hours_ago(1)
    with django_assert_num_queries(2):
        health(client)


def test_database_out_of_reach(client, monkeypatch):
    def refuse(*args):
        raise DatabaseError("down")

    with connection.execute_wrapper(refuse):
        assert health(client) == (503, "unknown")


def test_no_free_connection_is_not_waited_for_long(client, monkeypatch):
    monkeypatch.setattr(views, "FREE_CONNECTION_WITHIN_SECONDS", 0.1)
    with ConnectionPool("host=127.0.0.1 port=1", timeout=60) as nothing_free:
        monkeypatch.setattr(views, "_pool", lambda: nothing_free)
        started = time.monotonic()

        assert health(client) == (503, "unknown")

        assert time.monotonic() - started < 10
