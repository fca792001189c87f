"""Pairs of settings with which Django-Q runs tasks twice, never, or slowly; each stops the start.

The defaults are right. These checks are for those who change `Q_CLUSTER` or `DATABASES`, whose
traps show only under load.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning

from kyc_adapter import forks
from kyc_adapter.checks import SETTINGS_TAG
from kyc_adapter.schedules import TIMEOUTS

# Django-Q adds it to a task's timeout before its sentinel kills the worker.
SENTINEL_GRACE_SECONDS = 3
NEEDED_QUEUES = frozenset({"webhooks"})
BROKER_CLASSES = {
    "orm": "kyc_adapter.worker.brokers.OrmBroker",
    "redis": "kyc_adapter.worker.brokers.RedisBroker",
}


@register(SETTINGS_TAG)
def check_queue(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    return [
        *_queues(),
        *(problem for name, given in _by_queue().items() for problem in _tasks_of(name, given)),
        *_database(),
        *_supervision(),
    ]


def _by_queue() -> dict[str, Mapping[str, Any]]:
    """What Django-Q's settings come to for each queue."""
    common = settings.Q_CLUSTER
    alternatives = common.get("ALT_CLUSTERS") or {}
    return {
        common["name"]: common,
        **{name: {**common, **given} for name, given in alternatives.items()},
    }


def _queues() -> Iterator[CheckMessage]:
    if NEEDED_QUEUES - set(settings.Q_CLUSTER.get("ALT_CLUSTERS") or {}):
        yield Error(
            "Q_CLUSTER['ALT_CLUSTERS'] lacks the queue webhooks, so nobody would work it",
            hint='Add "ALT_CLUSTERS": {"webhooks": {"workers": 1, "queue_limit": 1}}',
            id="kyc.E101",
        )
    if not settings.Q_CLUSTER.get("scheduler", True):
        yield Error(
            "Q_CLUSTER['scheduler'] is off, so no schedule would ever run",
            hint="Leave it out; switch it off in ALT_CLUSTERS only",
            id="kyc.E102",
        )


def _tasks_of(name: str, given: Mapping[str, Any]) -> Iterator[CheckMessage]:
    yield from _doubles(name, given)
    yield from _stalls(name, given)
    yield from _slows(name, given)


def _doubles(name: str, given: Mapping[str, Any]) -> Iterator[CheckMessage]:
    """Tasks that would run twice, or for ever."""
    timeout, retry = given.get("timeout") or 0, given.get("retry", 60)
    if timeout <= 0:
        yield Error(
            f"Queue {name} has no timeout: a task that hangs would hold its worker for ever",
            hint="Set Q_CLUSTER['timeout'], in seconds, above the longest task",
            id="kyc.E103",
        )
    least = max(timeout * _rounds(given), *TIMEOUTS.values()) + SENTINEL_GRACE_SECONDS
    if retry <= least:
        yield Error(
            f"Queue {name}: retry ({retry} s) is not above {least} s, so a task that still runs, "
            "or waits inside its cluster, would be given to a second worker",
            hint=f"Set Q_CLUSTER['retry'] above {least}, or lower timeout, queue_limit or bulk",
            id="kyc.E104",
        )
    if not given.get("ack_failures"):
        yield Error(
            f"Queue {name}: ack_failures is off, so a task that fails would run again for ever",
            hint="Set Q_CLUSTER['ack_failures'] to True; our rows know when to try again",
            id="kyc.E105",
        )


def _rounds(given: Mapping[str, Any]) -> int:
    """How many tasks a worker may have to end before one that its cluster has taken is over.

    The time until `retry` starts when the pusher takes a task: it may wait in the cluster's own
    queue, and the pusher holds as many as it takes at once.
    """
    workers: int = given["workers"]
    waiting: int = given.get("queue_limit", workers**2) + given.get("bulk", 1)
    return 1 + math.ceil(waiting / workers)


def _stalls(name: str, given: Mapping[str, Any]) -> Iterator[CheckMessage]:
    """Tasks that would never run, or never end."""
    limit = Fraction((given.get("timeout") or 0) + SENTINEL_GRACE_SECONDS)
    cycle = Fraction(given.get("guard_cycle", 0.5))
    if cycle <= 0 or cycle.denominator > 1024 or limit % cycle:
        yield Error(
            f"Queue {name}: guard_cycle does not divide timeout + {SENTINEL_GRACE_SECONDS} s; "
            "Django-Q counts down to exactly 0, and would never end a worker that hangs",
            hint="Set Q_CLUSTER['guard_cycle'] to 0.5, and timeout to a whole number",
            id="kyc.E106",
        )
    if given.get("sync"):
        yield Error(
            f"Queue {name}: sync is on, so tasks would run inside requests, and in transactions",
            hint="Leave Q_CLUSTER['sync'] out",
            id="kyc.E107",
        )
    if given.get("broker_class") != BROKER_CLASSES.get(settings.QUEUE_BROKER):
        yield Error(
            f"Queue {name}: broker_class is not ours, so heartbeats would wait where no cluster "
            "looks, and `manage.py worker` would start the clusters again and again",
            hint=f"Set Q_CLUSTER['broker_class'] to one of {', '.join(BROKER_CLASSES.values())}",
            id="kyc.E108",
        )


def _slows(name: str, given: Mapping[str, Any]) -> Iterator[CheckMessage]:
    if given.get("save_limit", 250) >= 0:
        yield Error(
            f"Queue {name}: save_limit keeps successful tasks; 0 without end, and with more each "
            "finished task reads all that are kept",
            hint="Set Q_CLUSTER['save_limit'] to -1; what happened is in our own tables",
            id="kyc.E109",
        )
    if given.get("bulk", 1) > 1:
        yield CheckWarning(
            f"Queue {name}: bulk is above 1, so tasks wait in one cluster while others idle",
            hint="Set Q_CLUSTER['bulk'] to 1",
            id="kyc.W110",
        )
    if given.get("catch_up", True):
        yield CheckWarning(
            f"Queue {name}: catch_up is on, so after an outage every missed run is made up for",
            hint="Set Q_CLUSTER['catch_up'] to False; one run finds all that is due",
            id="kyc.W111",
        )


def _database() -> Iterator[CheckMessage]:
    database = settings.DATABASES["default"]
    options = database.get("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        if options.get("transaction_mode") != "IMMEDIATE":
            yield Error(
                "SQLite without IMMEDIATE transactions: most that read and then write would fail",
                hint="Set OPTIONS['transaction_mode'] of the database to IMMEDIATE",
                id="kyc.E112",
            )
        return
    if not options.get("pool"):
        if database.get("CONN_MAX_AGE", 0) == 0:
            yield Error(
                "Neither a pool nor CONN_MAX_AGE: the queue would connect anew for every task",
                hint="Set OPTIONS['pool'] of the database",
                id="kyc.E113",
            )
    elif database.get("CONN_MAX_AGE", 0) != 0:
        yield Error(
            "CONN_MAX_AGE and a pool: Django refuses to connect",
            hint="Set CONN_MAX_AGE of the database to 0",
            id="kyc.E114",
        )
    elif not forks.are_guarded():
        yield Error(
            "A pool, and no guard at fork: the queue's processes would share connections",
            hint="Call kyc_adapter.forks.guard() before anything forks, as kyc_adapter.apps does",
            id="kyc.E115",
        )


def _supervision() -> Iterator[CheckMessage]:
    if settings.HEARTBEAT_SILENCE < 3 * settings.HEARTBEAT:
        yield Error(
            f"HEARTBEAT_SILENCE_SECONDS ({settings.HEARTBEAT_SILENCE}) is less than three times "
            f"HEARTBEAT_SECONDS ({settings.HEARTBEAT}): one lost heartbeat would end a cluster",
            hint="Set a longer silence or a shorter heartbeat",
            id="kyc.E116",
        )
    if settings.WORKER_STOP <= settings.STEP_TIMEOUT:
        yield CheckWarning(
            f"WORKER_STOP_SECONDS ({settings.WORKER_STOP}) is not above STEP_TIMEOUT_SECONDS "
            f"({settings.STEP_TIMEOUT}): a stop would cut calls off, and leave them unknown",
            hint="Set a longer stop, and give the worker still more time where it is run",
            id="kyc.W117",
        )
