"""The endpoints of the two Regula web services. Knows URLs, not meanings.

Sources: Regula Document Reader OpenAPI 9.2 and Face SDK OpenAPI 8.2 (`process`, `match`,
`healthz`, `readyz`). Every method raises ProviderError subclasses.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from providers.errors import CredentialsRefused, LicenceInvalid, ProviderError
from providers.http import VendorHttp

HEALTH_TIMEOUT_SECONDS = 10.0  # a health call waits behind a document in the service's queue


class Service:
    """What both services offer."""

    def __init__(self, http: VendorHttp) -> None:
        self._http = http

    def healthz(self, timeout_seconds: float = HEALTH_TIMEOUT_SECONDS) -> Any:
        """JSON: app, version, licenseValidUntil, scenarios[] (Document Reader), all nullable."""
        return self._http.get("/api/healthz", timeout=timeout_seconds)

    def readyz(self) -> int:
        """HTTP status: 200 the licence is valid, 400 it is not."""
        return self._http.status_of("/api/readyz", timeout=HEALTH_TIMEOUT_SECONDS)

    def _post(self, path: str, payload: Mapping[str, Any]) -> Any:
        try:
            return self._http.post_json(path, payload)
        except CredentialsRefused as error:
            if error.http_status == HTTPStatus.FORBIDDEN and self._has_no_licence():
                raise LicenceInvalid(
                    "Regula's licence is missing or expired", http_status=error.http_status
                ) from error
            raise

    def _has_no_licence(self) -> bool:
        """A 403 comes from a proxy or from the service; only `readyz` tells them apart."""
        try:
            return self.readyz() == HTTPStatus.BAD_REQUEST
        except ProviderError:
            return False


class DocumentReader(Service):
    """Regula Document Reader Web API."""

    def process(self, payload: Mapping[str, Any]) -> Any:
        """Read and check one document; the verdict is in the same answer."""
        return self._post("/api/process", payload)


class FaceSdk(Service):
    """Regula Face SDK Web API."""

    def match(self, payload: Mapping[str, Any]) -> Any:
        """Compare faces pairwise. Errors come as `code` inside a 200."""
        return self._post("/api/match", payload)
