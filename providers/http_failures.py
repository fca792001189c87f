"""What a failed HTTP call means: which ProviderError, and so whether it may be sent again."""

from __future__ import annotations

import math
from collections.abc import Mapping

import requests
from urllib3.exceptions import NewConnectionError

from providers.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    ProviderError,
    ProviderFailed,
    ProviderThrottled,
    ProviderUnreachable,
    ProviderUntrusted,
    RequestRefused,
)

MAX_RETRY_AFTER_SECONDS = 3600.0
# A gateway's answer: the vendor behind it (524: behind Cloudflare) may still be working.
GATEWAY_TIMEOUTS = frozenset({504, 524})


def transport_failure(error: requests.RequestException) -> ProviderError:
    """There was no answer. Only what certainly happened before sending counts as not sent."""
    if isinstance(error, requests.exceptions.SSLError):
        return ProviderUntrusted("The provider's TLS certificate was not accepted")
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return ProviderUnreachable("The provider could not be reached")
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.ConnectionError) and isinstance(reason, NewConnectionError):
        return ProviderUnreachable("The provider could not be reached")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return RequestRefused("The provider's address is not valid")
    return OutcomeUnknown("The provider's answer did not arrive")


def refusal(status: int, headers: Mapping[str, str]) -> ProviderError:
    """The answer was not a 2xx."""
    if status == 429:
        return ProviderThrottled(
            "The provider asks us to slow down",
            http_status=status,
            retry_after_seconds=_retry_after(headers),
        )
    if status in GATEWAY_TIMEOUTS:
        return OutcomeUnknown("The provider's gateway gave up waiting", http_status=status)
    if status >= 500:
        return ProviderFailed(
            "The provider failed", http_status=status, retry_after_seconds=_retry_after(headers)
        )
    if status in {401, 403, 407}:
        return CredentialsRefused("The provider refused our credentials", http_status=status)
    if 300 <= status < 400:
        return RequestRefused(
            "The provider redirects; its address is probably wrong", http_status=status
        )
    return RequestRefused("The provider refused the request", http_status=status)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds only; the date form is not used by the vendors."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)
