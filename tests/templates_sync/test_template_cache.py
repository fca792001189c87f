"""What requests read stays in memory, and goes when the account is synced."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.conf import settings as project_settings
from django.core.cache.backends.locmem import LocMemCache

from kyc_adapter import environment
from templates_sync import cache
from templates_sync.models import ProviderTemplate
from templates_sync.selectors import plan_prices, smallest_template_with, template_named
from templates_sync.services import sync_account
from tests.processes import database_url
from tests.templates_sync.support import DOCUMENT, template

REDIS = project_settings.REDIS_URL
STORES = ["files", "redis"] if REDIS else ["files"]
DEAD_REDIS = "redis://127.0.0.1:1/0"


def use_redis(settings, url):
    settings.REDIS_URL = url
    settings.CACHES = {"default": environment.cache(url)}


@pytest.fixture(params=STORES)
def store(request, settings):
    use_redis(settings, REDIS if request.param == "redis" else "")
    return request.param


@pytest.fixture
def read(account, vendor):
    """An account that was synced; nothing of it is remembered yet."""
    vendor.lists(template("7", "Seven"), template("8", "Eight", "166", "162"))
    sync_account(account)
    return account


class Calls:
    """A cache that notes what it is asked for."""

    def __init__(self, behind):
        self._behind = behind
        self.made = []

    def __getattr__(self, name):
        self.made.append(name)
        return getattr(self._behind, name)


@pytest.mark.django_db
class TestOneProcess:
    @pytest.mark.parametrize(
        "look",
        [
            lambda account, row: template_named(account, row.external_template_id),
            lambda account, row: template_named(account, str(row.pk)),
            lambda account, row: smallest_template_with(account, DOCUMENT.code),
            lambda account, row: plan_prices(account),
        ],
        ids=["by the vendor's id", "by our id", "smallest", "prices"],
    )
    def test_a_warm_read_needs_no_query(self, store, read, look, django_assert_num_queries):
        row = ProviderTemplate.objects.first()
        with django_assert_num_queries(1):
            cold = look(read, row)
        with django_assert_num_queries(0):
            assert look(read, row) == cold

    def test_a_warm_read_is_one_round_trip(self, read, settings, monkeypatch):
        settings.REDIS_URL = "redis://in-memory.example"
        kept = Calls(LocMemCache("one-round-trip", {}))
        monkeypatch.setattr(cache, "cache", kept)
        template_named(read, "7")
        kept.made.clear()

        assert template_named(read, "7").name == "Seven"
        assert kept.made == ["get_many"]

    def test_a_sync_makes_it_cold(self, store, read, vendor):
        assert template_named(read, "7").name == "Seven"
        vendor.lists(template("7", "Renamed", "166", "162"), template("8", "Eight", "166"))
        sync_account(read)

        assert template_named(read, "7").name == "Renamed"
        assert smallest_template_with(read, DOCUMENT.code).name == "Eight"

    def test_withdrawn_is_seen_at_once(self, store, read, vendor):
        assert template_named(read, "7").is_active
        vendor.lists(template("8"))
        sync_account(read)

        assert not template_named(read, "7").is_active

    def test_unknown_is_not_kept(self, store, read):
        assert template_named(read, "9") is None
        ProviderTemplate.objects.filter(external_template_id="7").update(external_template_id="9")
        assert template_named(read, "9").name == "Seven"

    def test_a_row_read_while_a_sync_commits_counts_no_more(self, store, read):
        def read_too_early():
            row = ProviderTemplate.objects.get(external_template_id="7")
            ProviderTemplate.objects.filter(pk=row.pk).update(name="Newer")
            cache.forget(read.pk)
            return row

        assert cache.remembered(read.pk, "template 7", read_too_early).name == "Seven"
        assert template_named(read, "7").name == "Newer"

    def test_accounts_share_nothing(self, store, read, second_tenant):
        other = second_tenant.provider_configs.get().provider_account
        assert template_named(read, "7")
        assert template_named(other, "7") is None

    def test_gone_after_five_minutes(self, store, read, monkeypatch):
        monkeypatch.setattr(cache, "KEPT_SECONDS", 0)
        template_named(read, "7")
        ProviderTemplate.objects.update(name="Edited")
        assert template_named(read, "7").name == "Edited"


@pytest.mark.django_db
class TestNoWorkingCache:
    def test_redis_out_of_reach(self, read, settings, vendor):
        use_redis(settings, DEAD_REDIS)

        assert template_named(read, "7").name == "Seven"
        vendor.lists(template("7", "Renamed"))
        sync_account(read)
        assert template_named(read, "7").name == "Renamed"
        assert plan_prices(read)[DOCUMENT.code] == {"amount": "0.50"}

    def test_redis_that_hangs(self, read, settings):
        """It takes connections, and never answers."""
        with socket.create_server(("127.0.0.1", 0)) as hanging:
            use_redis(settings, f"redis://127.0.0.1:{hanging.getsockname()[1]}/0")
            started = time.monotonic()

            assert template_named(read, "7").name == "Seven"

        assert time.monotonic() - started < 4 * environment.CACHE_TIMEOUT_SECONDS

    def test_nowhere_to_put_the_stamps(self, read, settings, vendor, monkeypatch, tmp_path):
        use_redis(settings, "")
        (tmp_path / "file").touch()
        monkeypatch.setattr(cache, "STAMPS", tmp_path / "file" / "generations")

        assert template_named(read, "7").name == "Seven"
        vendor.lists(template("7", "Renamed"))
        sync_account(read)
        assert template_named(read, "7").name == "Renamed"


READER = """
import sys
from pathlib import Path
import django
django.setup()
from providers.models import ProviderAccount
from kyc_adapter import environment
from templates_sync import cache
from templates_sync.selectors import template_named
cache.STAMPS = Path(sys.argv[1])
account = ProviderAccount.objects.get()
for line in sys.stdin:
    print(template_named(account, "7").name, flush=True)
"""


@contextmanager
def reader(redis_url):
    """Another process that reads template 7, each time it is asked."""
    process = subprocess.Popen(
        [sys.executable, "-c", READER, str(cache.STAMPS)],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
            "REDIS_URL": redis_url,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask():
        process.stdin.write("\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    try:
        yield ask
    finally:
        process.stdin.close()
        process.wait(timeout=10)


@pytest.mark.django_db(transaction=True)
def test_a_sync_reaches_another_process(store, read, vendor, settings):
    with reader(settings.REDIS_URL) as ask:
        assert ask() == "Seven"
        ProviderTemplate.objects.filter(external_template_id="7").update(name="Unseen")
        assert ask() == "Seven"  # remembered, so not read again

        vendor.lists(template("7", "Renamed"))
        sync_account(read)

        assert ask() == "Renamed"
