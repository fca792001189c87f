"""Begins a verification: the caller waits for the outcome, or is told where to find it."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from django.db import close_old_connections
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from verifications import runner, selectors, services
from verifications.api import problems
from verifications.api.serializers import AcceptedOut, CreatedOut
from verifications.models import RunMode, Verification
from verifications.requests import AccountNotFound, NewVerification, RequestNotPossible

RESPOND_ASYNC = "respond-async"


def verified(request: Request, new: NewVerification) -> Response:
    """Run it while the caller waits, or later if the caller prefers that."""
    if not _prefers_async(request):
        return _verified_now(new)
    response = accepted(request, new)
    response["Preference-Applied"] = RESPOND_ASYNC
    return response


def accepted(request: Request, new: NewVerification) -> Response:
    """Store it for a worker, and answer where to follow it."""
    verification = _created(replace(new, run_mode=RunMode.ASYNC))
    status_url = reverse("verification", args=[verification.pk], request=request)
    websocket_url = request.build_absolute_uri(f"/ws/verifications/{verification.pk}")
    answer = AcceptedOut(
        {
            "id": verification.pk,
            "status": verification.status,
            "status_url": status_url,
            "websocket_url": f"ws{websocket_url.removeprefix('http')}",
        }
    )
    headers = {"Location": status_url}
    return Response(answer.data, status=HTTPStatus.ACCEPTED, headers=headers)


def _verified_now(new: NewVerification) -> Response:
    verification = _created(new)
    # The caller waits without a connection; the thread that works for it needs one.
    close_old_connections()
    runner.run_for_caller(verification.session.pk)
    verification = selectors.verifications_of(new.tenant).get(pk=verification.pk)
    if verification.error is not None:
        raise problems.technical_failure(verification)
    return Response(CreatedOut(verification).data, status=HTTPStatus.CREATED)


def _created(new: NewVerification) -> Verification:
    try:
        return services.create(new)
    except RequestNotPossible as refusal:
        raise problems.refused(refusal) from None
    except AccountNotFound:
        raise problems.account_not_found(new) from None


def _prefers_async(request: Request) -> bool:
    """`Prefer: respond-async` (RFC 7240), alone or among other preferences."""
    preferences = request.headers.get("Prefer", "").lower().split(",")
    return any(given.partition(";")[0].strip() == RESPOND_ASYNC for given in preferences)
