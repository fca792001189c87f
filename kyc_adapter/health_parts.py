"""`/health/queue`, `/health/redis`, `/health/provider`: how the parts behind the service are.

Open to whoever can reach the service, so they hold counts alone, and no vendor is called.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, F, Q
from django.utils.timezone import now
from django_q.brokers import get_broker
from django_q.models import Schedule
from drf_spectacular.utils import extend_schema
from redis import Redis
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.camel import CamelFields
from kyc_adapter.health import STATES, OpenView, answer, word
from verifications import claims, dead_letters
from verifications.models import CallStatus, ProviderCall

SWEEP = "verifications.tasks.sweep"
# The sweep is due each minute, and a cluster looks for what is due twice a minute.
NO_WORKER_AFTER_SECONDS = 150
WAITS_TOO_LONG_SECONDS = 120
REDIS_TIMEOUT_SECONDS = 1
RECENT = timedelta(minutes=5)
# A provider with fewer calls, all of them failed, may have had bad luck.
ENOUGH_CALLS = 5


class QueueHealthOut(CamelFields):
    status = serializers.ChoiceField(choices=STATES)
    broker = serializers.CharField()
    queued = serializers.IntegerField(allow_null=True, help_text="wake-up calls nobody has taken")
    due = serializers.IntegerField(allow_null=True, help_text="verifications waiting for a worker")
    oldest_due_seconds = serializers.FloatField(allow_null=True, help_text="the longest wait")
    sweep_overdue_seconds = serializers.FloatField(
        allow_null=True,
        help_text="how late the workers are with their own schedule; null if it is missing",
    )
    dead_letters = serializers.IntegerField(allow_null=True)


class RedisHealthOut(CamelFields):
    status = serializers.ChoiceField(choices=STATES)
    configured = serializers.BooleanField(help_text="false: this installation needs no Redis")
    latency_ms = serializers.FloatField(allow_null=True)


class ProviderStateOut(CamelFields):
    provider = serializers.CharField()
    status = serializers.ChoiceField(choices=STATES)
    calls = serializers.IntegerField(help_text="in the last five minutes")
    failures = serializers.IntegerField(help_text="of them, those that were not answered properly")


class ProviderHealthOut(CamelFields):
    status = serializers.ChoiceField(choices=STATES)
    providers = ProviderStateOut(many=True)


class QueueHealthView(OpenView):
    @extend_schema(
        operation_id="queueHealth",
        summary="Do workers take up what is due?",
        auth=[],
        responses={200: QueueHealthOut, 503: QueueHealthOut},
    )
    def get(self, request: Request) -> Response:
        return answer(queue_state())


class RedisHealthView(OpenView):
    @extend_schema(
        operation_id="redisHealth",
        summary="Does Redis answer?",
        auth=[],
        responses={200: RedisHealthOut, 503: RedisHealthOut},
    )
    def get(self, request: Request) -> Response:
        return answer(redis_state())


class ProviderHealthView(OpenView):
    @extend_schema(
        operation_id="providerHealth",
        summary="How did the providers answer lately?",
        description="From the calls that were made anyway; `manage.py provider_health` asks them.",
        auth=[],
        responses={200: ProviderHealthOut, 503: ProviderHealthOut},
    )
    def get(self, request: Request) -> Response:
        return answer(provider_state())


def queue_state() -> dict[str, Any]:
    """`QueueHealthOut`; null for what could not be found out."""
    names = ("queued", "due", "oldestDueSeconds", "sweepOverdueSeconds", "deadLetters")
    try:
        facts: dict[str, Any] = _queue_facts()
    except (DatabaseError, RedisError):
        return {"status": "error", "broker": settings.QUEUE_BROKER, **dict.fromkeys(names)}
    overdue = facts["sweepOverdueSeconds"]
    is_swept = overdue is not None and overdue < NO_WORKER_AFTER_SECONDS
    is_well = is_swept and facts["oldestDueSeconds"] < WAITS_TOO_LONG_SECONDS
    return {"status": word(is_well), "broker": settings.QUEUE_BROKER, **facts}


def redis_state() -> dict[str, Any]:
    """`RedisHealthOut`"""
    if not settings.REDIS_URL:
        return {"status": "ok", "configured": False, "latencyMs": None}
    started = time.perf_counter()
    is_well = _redis_answers()
    latency = round((time.perf_counter() - started) * 1000, 1) if is_well else None
    return {"status": word(is_well), "configured": True, "latencyMs": latency}


def provider_state() -> dict[str, Any]:
    """`ProviderHealthOut`"""
    try:
        recent = _recent_calls()
    except DatabaseError:
        return {"status": "error", "providers": []}
    providers = [
        {**row, "status": word(not _is_down(row["calls"], row["failures"]))} for row in recent
    ]
    is_well = all(provider["status"] == "ok" for provider in providers)
    return {"status": word(is_well), "providers": providers}


def _queue_facts() -> dict[str, Any]:
    moment = now()
    due, oldest_due_at = claims.backlog()
    sweep_at = Schedule.objects.filter(name=SWEEP).values_list("next_run", flat=True).first()
    return {
        "queued": get_broker().queue_size(),
        "due": due,
        "oldestDueSeconds": _seconds_since(oldest_due_at, moment),
        "sweepOverdueSeconds": _seconds_since(sweep_at, moment) if sweep_at else None,
        "deadLetters": dead_letters.dead_letters().count(),
    }


def _seconds_since(earlier: datetime | None, moment: datetime) -> float:
    """0 if it is still to come, or nothing is."""
    return max(0.0, round((moment - earlier).total_seconds(), 1)) if earlier else 0.0


def _redis_answers() -> bool:
    client = Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
    )
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()


def _recent_calls() -> list[dict[str, Any]]:
    """`{provider, calls, failures}` by provider, of calls that are over; from the youngest rows
    alone, which lie together because their ids begin with the time."""
    failed = Q(status__in=(CallStatus.NOT_SENT, CallStatus.UNKNOWN)) | Q(
        status=CallStatus.REJECTED, http_status__gte=500
    )
    rows = (
        ProviderCall.objects.filter(pk__gte=_first_id_of(now() - RECENT))
        .exclude(status=CallStatus.RESERVED)
        .values(provider=F("provider_account__provider__slug"))
        .annotate(calls=Count("pk"), failures=Count("pk", filter=failed))
        .order_by("provider")
    )
    return [dict(row) for row in rows]


def _is_down(calls: int, failures: int) -> bool:
    return calls >= ENOUGH_CALLS and calls == failures


def _first_id_of(moment: datetime) -> UUID:
    """No UUIDv7 of this moment or later is smaller: its first 48 bits are milliseconds."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
