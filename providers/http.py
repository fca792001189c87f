"""The one HTTP client for vendors: one per provider account, safe to share between threads.

It decides what a failure means (`http_failures`), and nothing about the vendor's bodies. GETs
are retried by urllib3; a POST is never repeated here, because only the workflow knows whether a
step may be sent again. No redirects, no environment proxies or netrc, every call has a deadline
and a largest answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import requests
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from common.deadlines import DeadlineAdapter, deadline
from common.wire_json import loads_leniently
from providers.breaker import Breaker
from providers.errors import (
    OutcomeUnknown,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    UnreadableAnswer,
)
from providers.http_failures import refusal, transport_failure

CHUNK_BYTES = 64 * 1024
FilePart = tuple[str, bytes, str]


def no_correlation_id() -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What the composition root decides for every vendor call. Times in seconds.

    correlation_id: asked at each call; sent to the vendor, so that both logs can be joined.
    """

    connect_timeout: float = 3.05
    total_timeout: float = 30.0
    max_answer_bytes: int = 40 * 1024 * 1024
    pool_size: int = 64
    breaker_failures: int = 5
    breaker_reset: float = 15.0
    correlation_id: Callable[[], str | None] = no_correlation_id


@dataclass(frozen=True, slots=True)
class Access:
    """How to get at one vendor service.

    base_url: joined with the path as text, so a path prefix in it survives.
    verify: True, or the path of a CA bundle. client_certificate: path of a PEM with key.
    correlation_header: the header the vendor documents for a caller's request id.
    """

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)
    verify: bool | str = True
    client_certificate: str | None = None
    correlation_header: str = "X-Correlation-ID"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer. body: parsed JSON, None if the answer was not JSON (non-2xx only)."""

    status: int
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class GetOnlyRetry(Retry):
    """Retries GETs as configured; anything else fails at the first error.

    urllib3 itself would repeat a POST that could not connect, whatever `allowed_methods` says.
    """

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: Any = None,
    ) -> Self:
        if method != "GET" and error is not None and _pool is not None:
            raise MaxRetryError(_pool, url or "", error) from error
        return super().increment(method, url, response, error, _pool, _stacktrace)


class VendorHttp:
    """Calls one vendor service. All methods raise ProviderError subclasses."""

    def __init__(self, access: Access, limits: HttpLimits) -> None:
        self._access = access
        self._limits = limits
        self._breaker = Breaker(
            fail_max=limits.breaker_failures, reset_seconds=limits.breaker_reset
        )
        self._session = _session(access, limits)

    def get(
        self, path: str, *, params: Mapping[str, str] | None = None, timeout: float | None = None
    ) -> Any:
        """JSON of a 2xx answer. timeout: seconds, if shorter than the limits'."""
        return self._call("GET", path, params=params, timeout=timeout).body

    def post_json(self, path: str, payload: Mapping[str, Any]) -> Any:
        return self._call("POST", path, json=payload).body

    def post_multipart(
        self, path: str, fields: Mapping[str, str], files: Sequence[tuple[str, FilePart]]
    ) -> Any:
        """files: (field name, (file name, content, MIME type))."""
        return self._call("POST", path, data=fields, files=files).body

    def status_of(self, path: str, *, timeout: float | None = None) -> int:
        """The status of a GET, for endpoints that say everything by it (such as `readyz`).

        Raises ProviderError only if there was no complete answer.
        """
        try:
            return self._call("GET", path, timeout=timeout, needs_json=False).status
        except ProviderError as error:
            if error.http_status is None:
                raise
            return error.http_status

    def _call(
        self,
        method: str,
        path: str,
        *,
        timeout: float | None = None,
        needs_json: bool = True,
        **arguments: Any,
    ) -> Answer:
        self._breaker.admit()
        try:
            answer = self._exchange(method, path, timeout, needs_json, arguments)
        except (ProviderUnreachable, OutcomeUnknown, ProviderFailed):
            self._breaker.failed()
            raise
        except ProviderError:
            self._breaker.succeeded()
            raise
        self._breaker.succeeded()
        return answer

    def _exchange(
        self,
        method: str,
        path: str,
        timeout: float | None,
        needs_json: bool,
        arguments: Mapping[str, Any],
    ) -> Answer:
        total = min(timeout or self._limits.total_timeout, self._limits.total_timeout)
        try:
            with (
                deadline(total),
                self._session.send(
                    self._prepared(method, path, arguments),
                    timeout=(min(self._limits.connect_timeout, total), total),
                    allow_redirects=False,
                    stream=True,
                    proxies={},
                ) as response,
            ):
                content = self._content(response)
        except requests.RequestException as error:
            raise transport_failure(error) from error
        except HTTPError as error:  # while the body was read
            raise OutcomeUnknown("The provider's answer did not arrive") from error
        return _answer(response, content, needs_json)

    def _prepared(
        self, method: str, path: str, arguments: Mapping[str, Any]
    ) -> requests.PreparedRequest:
        """With the session's headers. Its own way of preparing also merges cookies, hooks and
        parameters that we have none of, which takes longer than all the rest.
        """
        return requests.Request(
            method,
            self._access.base_url + path,
            headers={**self._session.headers, **self._correlation()},
            auth=self._access.basic_auth,
            **arguments,
        ).prepare()

    def _correlation(self) -> dict[str, str]:
        correlation_id = self._limits.correlation_id()
        return {self._access.correlation_header: correlation_id} if correlation_id else {}

    def _content(self, response: requests.Response) -> bytes:
        """The body as it arrives; `iter_content` would wait until a chunk is full."""
        content = bytearray()
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            content += chunk
            if len(content) > self._limits.max_answer_bytes:
                raise UnreadableAnswer("The provider's answer is larger than allowed")
        return bytes(content)


def _session(access: Access, limits: HttpLimits) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers.update({"Accept": "application/json", **access.headers})
    session.verify = access.verify
    session.cert = access.client_certificate
    retry = GetOnlyRetry(
        total=3,
        connect=2,
        read=1,
        status=2,
        redirect=0,
        status_forcelist={429, 502, 503, 504},
        allowed_methods={"GET"},
        backoff_factor=0.1,
        backoff_jitter=0.1,
        backoff_max=2,
        retry_after_max=2,
        raise_on_status=False,
    )
    adapter = DeadlineAdapter(pool_connections=1, pool_maxsize=limits.pool_size, max_retries=retry)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _answer(response: requests.Response, content: bytes, needs_json: bool) -> Answer:
    status = response.status_code
    body = _parsed(content)
    if 200 <= status < 300:
        if needs_json and body is None:
            raise UnreadableAnswer("The provider's answer is not JSON", http_status=status)
        return Answer(status, body, response.headers)
    raise refusal(status, response.headers)


def _parsed(content: bytes) -> Any:
    try:
        return loads_leniently(content)
    except ValueError:
        return None
