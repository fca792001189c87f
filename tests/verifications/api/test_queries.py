"""How many statements each route costs, and that none of them grows with the data."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test.utils import CaptureQueriesContext

from tests.verifications_support import blank_picture, document_request
from verifications.models import Verification

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/verifications"
KEY_LOOKUP = 1


def statements(captured):
    """Without the frame of transactions, which the databases count differently."""
    frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "PRAGMA")
    return [query["sql"] for query in captured if not query["sql"].upper().startswith(frame)]


@pytest.fixture
def warm(client):
    """One verification made; the key's last use is written already."""
    body = client.post(URL, document_request(blank_picture()), format="json").json()
    return client, body["id"]


def count(call):
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(statements(captured.captured_queries))


@contextmanager
def statements_of_threads():
    """What other threads' connections execute. One that is opened again keeps its first watcher."""
    executed, watched = [], []

    def watch(sender, connection, **kwargs):
        def note(execute, sql, params, many, context):
            executed.append({"sql": sql})
            return execute(sql, params, many, context)

        if connection not in watched:
            watched.append(connection)
            connection.execute_wrappers.append(note)

    connection_created.connect(watch)
    try:
        yield executed
    finally:
        connection_created.disconnect(watch)


def test_reading_one(warm):
    client, created = warm

    # it, its steps, its revisions
    assert count(lambda: client.get(f"{URL}/{created}")) == KEY_LOOKUP + 3


def test_reading_one_that_runs(warm):
    client, created = warm
    Verification.objects.update(status="in_progress")

    assert count(lambda: client.get(f"{URL}/{created}")) == KEY_LOOKUP + 3


def test_polling_what_has_not_changed(warm):
    client, created = warm
    version = client.get(f"{URL}/{created}")["ETag"]

    read = {"If-None-Match": version}
    assert count(lambda: client.get(f"{URL}/{created}", headers=read)) == KEY_LOOKUP + 1


@pytest.mark.parametrize(
    ("query", "queries"), [({}, 2), ({"after": 99}, 3), ({"after": 99, "wait": 30}, 3)]
)
def test_reading_the_log(warm, query, queries):
    client, created = warm

    # the verification, its events; where there are none, the newest number
    assert count(lambda: client.get(f"{URL}/{created}/events", query)) == KEY_LOOKUP + queries


def test_listing_does_not_grow(warm):
    client, _ = warm
    one = count(lambda: client.get(URL))
    for _ in range(4):
        client.post(URL, document_request(blank_picture()), format="json")

    assert count(lambda: client.get(URL)) == one == KEY_LOOKUP + 3


def test_people_do_not_cost_a_query_each(warm):
    client, _ = warm

    assert count(lambda: client.get(f"{URL}/users")) == KEY_LOOKUP + 2


def test_cancelling(warm):
    client, created = warm
    Verification.objects.update(status="in_progress")

    # read it, end the session, move it, event, webhook endpoints
    assert count(lambda: client.delete(f"{URL}/{created}")) == KEY_LOOKUP + 5


def test_creating(warm):
    """The request's own statements, and those of the workflow in its thread."""
    client, _ = warm
    with statements_of_threads() as in_threads, CaptureQueriesContext(connection) as captured:
        client.post(URL, document_request(blank_picture()), format="json")

    # key, config, four inserts (verification, session, evidence, event), answer
    assert len(statements(captured.captured_queries)) == KEY_LOOKUP + 6
    # claim 3, load 2, open 2, reserve 3, step 6, finish 6; prices, if they are not cached
    assert len(statements(in_threads)) <= 23


def test_accepting(warm):
    client, _ = warm
    body = document_request(blank_picture())
    client.post(f"{URL}/async", body, format="json")

    # config, whether the last wake-up call waits, four inserts: verification, session, evidence,
    # event
    assert count(lambda: client.post(f"{URL}/async", body, format="json")) == KEY_LOOKUP + 6
