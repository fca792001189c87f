"""`GET /health`: is this process up, does it reach its database, are the templates fresh?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from psycopg_pool import ConnectionPool, PoolTimeout
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.camel import CamelFields
from templates_sync.selectors import is_copy_stale

STARTED = time.monotonic()
FREE_CONNECTION_WITHIN_SECONDS = 2.0
STATES = ("ok", "error")
COPY_STATES = ("ok", "stale", "unknown")


class HealthOut(CamelFields):
    status = serializers.ChoiceField(choices=STATES)
    timestamp = serializers.DateTimeField()
    uptime = serializers.FloatField(help_text="seconds")
    environment = serializers.CharField()
    version = serializers.CharField()
    database = serializers.ChoiceField(choices=STATES)
    templates = serializers.ChoiceField(
        choices=COPY_STATES,
        help_text="stale: the copy of a provider's templates was not renewed for two intervals; "
        "verifications go on with it",
    )


class OpenView(APIView):
    # For whoever can reach the service; so it tells nothing but states and counts.
    authentication_classes = ()
    permission_classes = (AllowAny,)


class HealthView(OpenView):
    @extend_schema(
        operation_id="health",
        summary="Is the service up?",
        auth=[],
        responses={200: HealthOut, 503: HealthOut},
    )
    def get(self, request: Request) -> Response:
        is_well = _database_answers()
        return answer(
            {
                "status": word(is_well),
                "timestamp": now().isoformat().replace("+00:00", "Z"),
                "uptime": round(time.monotonic() - STARTED, 3),
                "environment": settings.ENVIRONMENT,
                "version": settings.SPECTACULAR_SETTINGS["VERSION"],
                "database": word(is_well),
                "templates": _template_copy() if is_well else "unknown",
            }
        )


class HealthAlias(HealthView):
    """The same under the API's prefix, where the older service had it."""

    schema = None


def answer(state: Mapping[str, Any]) -> Response:
    """503 if something does not work."""
    is_well = state["status"] == word(True)
    return Response(state, status=HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE)


def word(is_well: bool) -> str:
    return "ok" if is_well else "error"


def _database_answers() -> bool:
    try:
        if pool := _pool():
            # Whoever asks for our health has less patience than a request may have.
            with pool.connection(timeout=FREE_CONNECTION_WITHIN_SECONDS):
                pass
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, PoolTimeout):
        return False
    return True


def _pool() -> ConnectionPool | None:
    """Where this thread would have to wait for a connection; None if it has one, or needs none."""
    pool: ConnectionPool | None = getattr(connection, "pool", None)
    if pool is None or connection.connection is not None:
        return None
    pool.open()
    return pool


def _template_copy() -> str:
    try:
        return "stale" if is_copy_stale() else "ok"
    except DatabaseError:
        return "unknown"
