"""How requests come to their threads, and what happens when there are too many."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from django.db import connection

from kyc_adapter.handler import ThreadHandler
from tenants.services import issue_key
from tests.kyc_adapter.asgi_client import ask
from verifications.api import event_views


class Slow:
    """A page that is answered when the test says so. threads: by the names of those that ran it."""

    def __init__(self):
        self.began = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.threads = []

    def render(self, request, *args):
        self.threads.append(threading.current_thread().name)
        self.began.release()
        assert self.may_end.wait(10)
        raise ValueError("answered with 500")


@pytest.fixture
def slow(monkeypatch):
    page = Slow()
    monkeypatch.setattr("kyc_adapter.demo.render", page.render)
    yield page
    page.may_end.set()


async def began(slow):
    assert await asyncio.to_thread(slow.began.acquire, timeout=5)


class TestTooManyRequests:
    @pytest.fixture
    def handler(self, settings):
        settings.REQUESTS_AT_ONCE = 1
        return ThreadHandler()

    async def test_are_refused(self, handler, slow):
        first = await ask(handler, "/")
        await began(slow)

        asked = await ask(handler, "/health", method="POST", x_correlation_id="order-17")
        refused = await asked.answer()

        body = refused.json()
        assert refused.status == body["statusCode"] == 503
        assert refused.headers["retry-after"] == "2"
        assert refused.headers["content-type"] == "application/json"
        assert refused.headers["x-correlation-id"] == body["requestId"] == "order-17"
        assert (body["code"], body["retryable"]) == ("temporarily_unavailable", True)
        assert "Retry-After" in body["suggestedAction"]
        assert (body["path"], body["method"]) == ("/health", "POST")
        slow.may_end.set()
        assert (await first.answer()).status == 500
        assert len(slow.threads) == 1

    async def test_are_taken_again_when_there_is_room(self, handler, slow):
        slow.may_end.set()

        answers = [await (await ask(handler, "/")).answer() for _ in range(3)]

        assert [answer.status for answer in answers] == [500, 500, 500]

    async def test_a_body_that_breaks_off_takes_no_room(self, handler, slow):
        slow.may_end.set()
        for _ in range(2):
            asked = await ask(handler, "/", is_whole=False)
            await asked.leave()

        assert (await (await ask(handler, "/")).answer()).status == 500


async def test_requests_run_beside_each_other(slow):
    handler = ThreadHandler()
    asked = [await ask(handler, "/") for _ in range(2)]
    for _ in asked:
        await began(slow)
    slow.may_end.set()

    assert [(await one.answer()).status for one in asked] == [500, 500]
    assert len(set(slow.threads)) == 2


async def test_threads_are_used_again(slow, settings):
    settings.REQUESTS_AT_ONCE = 2
    slow.may_end.set()
    handler = ThreadHandler()
    for _ in range(3):
        await (await ask(handler, "/")).answer()

    assert len(set(slow.threads)) <= 2


async def until(looks):
    async with asyncio.timeout(30):
        while not looks:
            await asyncio.sleep(0.01)


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    """A request that waits for an event."""

    @pytest.fixture
    def key(self, regula_tenant):
        return issue_key(tenant=regula_tenant, name="test", mode="live").plain

    @pytest.fixture
    def url(self, regula_tenant, stored):
        return f"/api/v1/verifications/{stored(regula_tenant).pk}/events"

    @pytest.fixture
    def looks(self, monkeypatch):
        """One for each time that the waiting request has looked."""
        looks = []
        has_grown = event_views._has_grown
        monkeypatch.setattr(
            event_views, "_has_grown", lambda *args: looks.append(1) or has_grown(*args)
        )
        return looks

    async def test_takes_no_room(self, settings, url, key, looks):
        settings.REQUESTS_AT_ONCE = 1
        handler = ThreadHandler()
        waiting = await ask(handler, url, query="after=1&wait=1", x_api_key=key)
        await until(looks)

        other = await (await ask(handler, "/static/demo/demo.js")).answer()

        assert other.status == 200
        assert (await waiting.answer()).json()["events"] == []

    async def test_ends_when_the_client_leaves(self, url, key, looks):
        waiting = await ask(ThreadHandler(), url, query="after=1&wait=30", x_api_key=key)
        await until(looks)
        started = time.monotonic()

        await waiting.leave()
        count = len(looks)
        await asyncio.sleep(2 * event_views.LOOK_AGAIN_SECONDS)

        assert time.monotonic() - started < 5
        assert len(looks) == count > 0

    async def test_holds_no_connection(self, url, key, looks):
        handler = ThreadHandler()
        waiting = await ask(handler, url, query="after=1&wait=1", x_api_key=key)
        await until(looks)

        assert await handler._in_thread(lambda: connection.connection) is None
        await waiting.answer()
