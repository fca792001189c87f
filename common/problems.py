"""Errors a caller gets to read: one exception, formatted by `kyc_adapter.errors`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from rest_framework.exceptions import APIException, ErrorDetail


class Problem(APIException):
    """A refusal or failure with everything a client needs to react.

    code: stable, for machines. suggested_action: what to do, in one sentence.
    retryable: whether the same request may succeed later. details: JSON, no personal data.
    wait: seconds for `Retry-After`, under the name by which DRF knows them; 0 for none.
    """

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        *,
        suggested_action: str = "",
        retryable: bool = False,
        details: Mapping[str, Any] | None = None,
        wait: int = 0,
    ) -> None:
        super().__init__(ErrorDetail(message, code=code))
        self.status_code = int(status)
        self.suggested_action = suggested_action
        self.retryable = retryable
        self.extra_details = dict(details or {})
        self.wait = wait
