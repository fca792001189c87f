"""Each trap of the queue's settings stops the start, and the message says how to leave it."""

from __future__ import annotations

import pytest

from kyc_adapter import forks
from kyc_adapter.queue_checks import BROKER_CLASSES, check_queue

pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")

POSTGRESQL = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"pool": True}}


@pytest.fixture
def found(settings):
    """The problems of the settings as they are, with changes to the queue's and others."""

    def check(cluster=None, webhooks=None, **others):
        given = {**settings.Q_CLUSTER, **(cluster or {})}
        if webhooks is not None:
            given["ALT_CLUSTERS"] = {"webhooks": webhooks}
        settings.Q_CLUSTER = given
        for name, value in others.items():
            setattr(settings, name, value)
        return [(problem.id, problem.msg, problem.hint) for problem in check_queue(None)]

    return check


def test_our_settings_are_fine(found):
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"ALT_CLUSTERS": {}}, "E101", "ALT_CLUSTERS"),
        ({"scheduler": False}, "E102", "Leave it out"),
        ({"catch_up": True}, "W111", "catch_up"),
    ],
)
def test_default_queue(found, changes, code, word):
    problems = found(changes)

    assert problems[0][0] == f"kyc.{code}"
    assert word in problems[0][2]


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"timeout": None}, "E103", "longest task"),
        ({"timeout": 120, "retry": 300}, "E104", "retry"),
        # Long enough for one task, too short for those that wait inside the cluster.
        ({"queue_limit": 40, "workers": 2}, "E104", "queue_limit"),
        ({"ack_failures": False}, "E105", "ack_failures"),
        ({"guard_cycle": 0.3}, "E106", "guard_cycle"),
        ({"guard_cycle": 0}, "E106", "guard_cycle"),
        ({"sync": True}, "E107", "sync"),
        ({"broker_class": None}, "E108", "OrmBroker"),
        ({"save_limit": 250}, "E109", "-1"),
        ({"save_limit": 0}, "E109", "-1"),
        ({"bulk": 2}, "W110", "bulk"),
    ],
)
def test_one_queue(found, settings, changes, code, word):
    """Also where only one queue differs from the rest."""
    problems = found(webhooks={"workers": 1, "queue_limit": 1, **changes})

    assert problems[-1][0] == f"kyc.{code}"
    assert "webhooks" in problems[-1][1]
    assert word in problems[-1][2]


def test_queue_limit_that_is_left_out_grows_with_the_workers(found):
    problems = found(webhooks={"workers": 16, "queue_limit": 256})

    assert [problem[0] for problem in problems] == ["kyc.E104"]


def test_broker_of_the_other_kind(found):
    problems = found({"broker_class": BROKER_CLASSES["redis"]}, QUEUE_BROKER="orm")

    assert {problem[0] for problem in problems} == {"kyc.E108"}


@pytest.mark.parametrize(
    ("database", "code", "word"),
    [
        ({"ENGINE": "django.db.backends.sqlite3"}, "E112", "IMMEDIATE"),
        ({**POSTGRESQL, "OPTIONS": {}}, "E113", "pool"),
        ({**POSTGRESQL, "CONN_MAX_AGE": None}, "E114", "CONN_MAX_AGE"),
    ],
)
def test_database(found, database, code, word):
    problems = found(DATABASES={"default": database})

    assert [problem[0] for problem in problems] == [f"kyc.{code}"]
    assert word in problems[0][2]


def test_connections_kept_without_a_pool_are_fine(found):
    assert found(DATABASES={"default": {**POSTGRESQL, "OPTIONS": {}, "CONN_MAX_AGE": 60}}) == []


def test_pool_without_a_guard_at_fork(found, monkeypatch):
    monkeypatch.setattr(forks, "_guarded", False)

    problems = found(DATABASES={"default": POSTGRESQL})

    assert [problem[0] for problem in problems] == ["kyc.E115"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"HEARTBEAT": 10, "HEARTBEAT_SILENCE": 20}, "E116"),
        ({"WORKER_STOP": 30, "STEP_TIMEOUT": 30}, "W117"),
    ],
)
def test_supervision(found, changes, code):
    assert [problem[0] for problem in found(**changes)] == [f"kyc.{code}"]
