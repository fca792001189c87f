"""The event log of one verification, and waiting for its next entry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from django.db.models import Exists, Max, OuterRef
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.camel import CamelFields
from verifications.api.callers import verification_of
from verifications.events import envelope
from verifications.models import Verification, VerificationEvent
from verifications.sockets.threads import in_thread
from verifications.transitions import ENDS

LONGEST_WAIT_SECONDS = 30
LOOK_AGAIN_SECONDS = 0.4
# The column's own limit.
LARGEST_SEQUENCE = 2**31 - 1


class EventsForm(CamelFields):
    """What to read, and how long to wait for it."""

    after = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_SEQUENCE,
        default=0,
        help_text="only events with a higher sequence",
    )
    wait = serializers.IntegerField(
        required=False,
        min_value=0,
        default=0,
        help_text="seconds to wait while there is none; more than 30 count as 30",
    )

    def validate_wait(self, value: int) -> int:
        return min(value, LONGEST_WAIT_SECONDS)


class EventOut(CamelFields):
    """An event as every transport publishes it; documentation of `events.envelope`."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    verification_id = serializers.UUIDField()
    sequence = serializers.IntegerField(help_text="1, 2, 3 and so on, without a gap")
    timestamp = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # a serializer has one itself


class EventLogOut(CamelFields):
    """Part of the log; documentation of `log_after`."""

    events = EventOut(many=True)
    last_sequence = serializers.IntegerField(help_text="of the newest event: the next `after`")
    is_final = serializers.BooleanField(help_text="the verification is over: poll no more")


class EventsView(APIView):
    @extend_schema(
        operation_id="listEvents",
        summary="Read the event log, or wait for its next entry",
        description="With `wait`, an answer without events comes only after that many seconds, or "
        "at once if the verification is over. An answer that breaks off in the middle is to be "
        "asked for again.",
        parameters=[EventsForm],
        responses={200: EventLogOut},
    )
    def get(self, request: Request, verification_id: str) -> HttpResponseBase:
        form = EventsForm(data=request.query_params)
        form.is_valid(raise_exception=True)
        after, wait = form.validated_data["after"], form.validated_data["wait"]
        verification = verification_of(request, verification_id)
        log = log_after(verification, after)
        if log["events"] or log["isFinal"] or not wait:
            return Response(log)
        # Written only when there is something to tell. Meanwhile the event loop waits; the request
        # holds no database connection and no thread.
        return StreamingHttpResponse(
            log_once_it_grew(verification, after, wait), content_type="application/json"
        )


def log_after(verification: Verification, after: int) -> dict[str, Any]:
    """`EventLogOut` as a dict. The status is older than the events, so `isFinal` is never early."""
    events = [envelope(event) for event in verification.events.filter(sequence__gt=after)]
    return {
        "events": events,
        "lastSequence": events[-1]["sequence"] if events else _last_sequence(verification),
        "isFinal": verification.status in ENDS,
    }


def _last_sequence(verification: Verification) -> int:
    return verification.events.aggregate(last=Max("sequence"))["last"] or 0


async def log_once_it_grew(
    verification: Verification, after: int, seconds: float
) -> AsyncIterator[bytes]:
    """The log as JSON, when it has an event after `after`, or the time is up."""
    until = time.monotonic() + seconds
    while not await in_thread(_has_grown, verification, after) and time.monotonic() < until:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    yield JSONRenderer().render(await in_thread(log_after, verification, after))


def _has_grown(verification: Verification, after: int) -> bool:
    newer = VerificationEvent.objects.filter(verification=OuterRef("pk"), sequence__gt=after)
    row = Verification.objects.filter(pk=verification.pk)
    verification.status, has_grown = row.values_list("status", Exists(newer)).get()
    return bool(has_grown)
