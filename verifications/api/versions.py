"""Which version of a verification a client has: `ETag` and `If-None-Match`."""

from __future__ import annotations

import hashlib

from django.utils.http import parse_etags
from rest_framework.request import Request

from verifications.models import Verification


def version_of(verification: Verification) -> str:
    """A weak ETag; it changes whenever an answer about the verification does.

    It needs only the two rows that are read anyway: whoever changes them, or the steps, dates them.
    """
    session = verification.session
    told = (
        verification.status,
        verification.decision,
        verification.account_id,
        verification.updated_at,
        session.status,
        session.fence,
        session.updated_at,
    )
    return f'W/"{hashlib.blake2b(repr(told).encode(), digest_size=12).hexdigest()}"'


def has_client(request: Request, version: str) -> bool:
    """Whether `If-None-Match` names the version; weakly compared, as RFC 9110 says."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return known == ["*"] or version.removeprefix("W/") in {
        etag.removeprefix("W/") for etag in known
    }
