"""`GET /verifications/{id}/events`: the log, and waiting for its next entry."""

from __future__ import annotations

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient
from rest_framework.test import APIClient

from tenants.services import issue_key
from verifications import services
from verifications.api import event_views
from verifications.events import envelope
from verifications.models import Status, Verification

pytestmark = pytest.mark.django_db

URL = "/api/v1/verifications"


@pytest.fixture
def accepted(stored, regula_tenant):
    return stored(regula_tenant)


@pytest.fixture
def read(client, accepted):
    """The log of the verification accepted."""
    return lambda **query: client.get(f"{URL}/{accepted.pk}/events", query)


def test_whole_log(read, accepted):
    services.cancel(verification=accepted)

    body = read().json()

    assert body == {
        "events": [envelope(event) for event in accepted.events.all()],
        "lastSequence": 2,
        "isFinal": True,
    }
    assert [event["type"] for event in body["events"]] == [
        "verification.created",
        "verification.cancelled",
    ]


def test_envelope(read, accepted):
    [event] = read().json()["events"]

    assert set(event) == {"id", "type", "verificationId", "sequence", "timestamp", "data"}
    assert (event["verificationId"], event["sequence"]) == (str(accepted.pk), 1)
    assert event["timestamp"].endswith("Z")
    assert event["data"]["status"] == "pending"


def test_only_what_is_newer(read, accepted):
    services.cancel(verification=accepted)

    assert [event["sequence"] for event in read(after=1).json()["events"]] == [2]


@pytest.mark.parametrize("after", [1, 7])
def test_nothing_newer(read, after):
    assert read(after=after).json() == {"events": [], "lastSequence": 1, "isFinal": False}


@pytest.mark.parametrize("status", ["completed", "failed", "expired", "cancelled"])
def test_what_is_over_is_not_waited_for(read, status):
    Verification.objects.update(status=status)
    started = time.monotonic()

    answer = read(after=1, wait=30)

    assert answer.json() == {"events": [], "lastSequence": 1, "isFinal": True}
    assert time.monotonic() - started < 5


def test_what_is_there_is_not_waited_for(read):
    started = time.monotonic()

    assert len(read(wait=30).json()["events"]) == 1
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "query",
    [
        {"after": "x"},
        {"after": -1},
        {"after": 1.5},
        {"after": 2**31},
        {"wait": "soon"},
        {"wait": -1},
        {"wait": "nan"},
        {"wait": "1" * 2000},
    ],
)
def test_malformed_queries(read, query):
    answer = read(**query)

    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")


def test_longest_wait(accepted):
    form = event_views.EventsForm(data={"wait": "31"})

    assert form.is_valid()
    assert form.validated_data == {"after": 0, "wait": 30}


def test_malformed_id(client):
    answer = client.get(f"{URL}/17/events")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_id")


def test_without_a_key(accepted):
    assert APIClient().get(f"{URL}/{accepted.pk}/events", {"wait": 5}).status_code == 401


class Poller:
    """A client of the event loop."""

    def __init__(self, key, verification):
        self._client = AsyncClient()
        self._key = key
        self._url = f"{URL}/{verification.pk}/events"

    async def poll(self, **query):
        answer = await self._client.get(self._url, query, headers={"X-API-Key": self._key})
        body = b"".join([part async for part in answer])
        return answer, body.decode()


@pytest.fixture
async def poller(regula_tenant, accepted):
    key = await sync_to_async(issue_key)(tenant=regula_tenant, name="test", mode="live")
    yield Poller(key.plain, accepted)
    # Of the thread on which Django runs what is not asynchronous; it outlives the tests' database.
    await sync_to_async(connections.close_all)()


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    async def test_until_time_is_up(self, poller):
        started = time.monotonic()

        answer, body = await poller.poll(after=1, wait=1)

        assert time.monotonic() - started >= 1
        assert answer["Content-Type"] == "application/json"
        assert body == '{"events":[],"lastSequence":1,"isFinal":false}'

    async def test_until_something_happens(self, poller, accepted):
        waiting = asyncio.create_task(poller.poll(after=1, wait=30))
        await asyncio.sleep(0.5)
        assert not waiting.done()

        await sync_to_async(services.cancel)(verification=accepted)
        _, body = await asyncio.wait_for(waiting, 25)

        assert '"type":"verification.cancelled"' in body
        assert '"lastSequence":2,"isFinal":true' in body

    async def test_a_review_may_still_change(self, poller, accepted):
        await Verification.objects.aupdate(status=Status.IN_PROGRESS, decision="review")

        _, body = await poller.poll(after=1, wait=1)

        assert '"isFinal":false' in body
