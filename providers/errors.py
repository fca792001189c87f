"""Everything that can go wrong between us and a vendor.

Adapters raise only these. Three questions are answered by the class alone: may the same call be
tried again (`retryable`), may the vendor have worked on it (`arrival`), and does the refusal use
up an attempt (`uses_attempt`). Messages are ours, in English, and never hold personal data or
text from the vendor.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Arrival(StrEnum):
    """What we know about a request that did not end well; the states of a `provider_calls` row."""

    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class ProviderError(Exception):
    """Base of all vendor failures.

    code: stable, for machines. http_status: the vendor's, if it answered.
    retry_after_seconds: how long the vendor asked us to wait, if it did.
    """

    code: ClassVar[str] = "provider_error"
    retryable: ClassVar[bool] = False
    arrival: ClassVar[Arrival] = Arrival.REJECTED
    uses_attempt: ClassVar[bool] = True

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = http_status
        self.retry_after_seconds = retry_after_seconds


class ProviderUnreachable(ProviderError):
    """No connection (refused, DNS, connect timeout): the vendor never saw the request."""

    code = "provider_unreachable"
    retryable = True
    arrival = Arrival.NOT_SENT


class CircuitOpen(ProviderUnreachable):
    """We did not even try: this account failed too often just now."""

    code = "provider_circuit_open"
    uses_attempt = False


class ProviderUntrusted(ProviderError):
    """The TLS certificate did not hold; nothing was sent."""

    code = "provider_untrusted"
    arrival = Arrival.NOT_SENT


class ProviderThrottled(ProviderError):
    """429: refused, may be sent again after `retry_after_seconds`."""

    code = "provider_throttled"
    retryable = True


class ProviderFailed(ProviderError):
    """A complete 5xx answer."""

    code = "provider_failed"
    retryable = True


class OutcomeUnknown(ProviderError):
    """Timeout or reset after sending: the vendor may have done, and billed, the work."""

    code = "provider_outcome_unknown"
    retryable = True
    arrival = Arrival.UNKNOWN


class UnreadableAnswer(OutcomeUnknown):
    """A 2xx whose body is cut off, too large, or not what the vendor answers with."""

    code = "provider_answer_unreadable"


class CredentialsRefused(ProviderError):
    """401, 403 or 407: the tenant's credentials are wrong or lack a right."""

    code = "provider_credentials"


class LicenceInvalid(ProviderError):
    """The vendor's licence is missing, expired or does not cover the call."""

    code = "provider_licence"


class RequestRefused(ProviderError):
    """Another 4xx, or a redirect: our request, or its address, is wrong."""

    code = "provider_request_refused"


class TemplateUnknown(RequestRefused):
    """The vendor does not know the template we named."""

    code = "template_not_found"


class SessionUnknown(RequestRefused):
    """The vendor does not know (any more) the verification we named."""

    code = "provider_session_not_found"


class WebhookForged(Exception):
    """A callback whose signature is wrong or missing although a secret is set."""


class WebhookMalformed(Exception):
    """A callback that is authentic or unsigned, but not in a format the vendor uses."""
