"""IDMeta's HTTP API: one method per way of calling it, bodies as they came, minus secrets.

Source: IDMeta API reference (v1 and v3) and IDMeta's Flutter SDK, read 2026. There is no documented
call to read, list or cancel a verification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from providers.adapters.idmeta.config import AccountConfig
from providers.adapters.idmeta.id_types import ID_CHECKS
from providers.errors import RequestRefused, SessionUnknown, TemplateUnknown, UnreadableAnswer
from providers.http import Access, FilePart, HttpLimits, VendorHttp

CREATE = "/v1/verification/create-verification"
FINALIZE = "/v1/verification/finalize-verification"
TEMPLATES = "/company/get-templates"
PHILSYS_KEY = "/v2/philsys/validate-verification"
LIVENESS_V3 = "/v3/verifications/biometrics-verification"
DETECTION_V3 = "/v3/verifications/biometrics-detection"

STEPS = {
    "document_verification": "/v1/verification/document_verification",
    "document_verification_v2": "/v1/verification/document_verification",
    "ktp_details_extraction": "/v2/verification/ktp-extraction",
    "biometrics_verification": "/v1/verification/biometricsverification",
    "biometrics_face_compare": "/v1/verification/biometricsfacecompare",
    "biometrics_registration": "/v1/verification/biometricsregistration",
    "custom_document": "/v1/verification/customdocument",
    "aml": "/v1/verification/aml",
    **{plan_code: check.path for plan_code, check in ID_CHECKS.items()},
}

# The flow's webhook secret, and the vendor's log of our request, which may hold whole pictures.
NEVER_RETURNED = frozenset({"webhook_secret", "requestdata", "requestresult"})


class IdmetaClient:
    """All methods raise ProviderError; those that answer give a JSON object without secrets."""

    def __init__(self, config: AccountConfig, limits: HttpLimits) -> None:
        headers = {"Authorization": f"Bearer {config.api_token}"}
        self._http = VendorHttp(Access(base_url=config.base_url, headers=headers), limits)

    def create_verification(self, template_id: str, metadata: Mapping[str, str]) -> dict[str, Any]:
        """Raises TemplateUnknown if IDMeta does not know the template."""
        payload = {"template_id": template_id, "metadata": dict(metadata)}
        with _template_refusals():
            return _answer(self._http.post_json(CREATE, payload))

    def finalize_verification(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """ids: template_id, verification_id. Raises SessionUnknown."""
        with _session_refusals():
            return _answer(self._http.post_json(FINALIZE, ids))

    def step(self, plan_code: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """A step sent as JSON. Raises SessionUnknown."""
        with _session_refusals():
            return _answer(self._http.post_json(STEPS[plan_code], payload))

    def step_with_files(
        self, plan_code: str, fields: Mapping[str, str], files: Sequence[tuple[str, FilePart]]
    ) -> dict[str, Any]:
        """A step sent as multipart/form-data. Raises SessionUnknown."""
        with _session_refusals():
            return _answer(self._http.post_multipart(STEPS[plan_code], fields, files))

    def liveness_v3(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Raises SessionUnknown, which a v1-only account answers too."""
        with _session_refusals():
            return _answer(self._http.post_json(LIVENESS_V3, payload))

    def detection_v3(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Raises SessionUnknown, which a v1-only account answers too."""
        with _session_refusals():
            return _answer(self._http.post_json(DETECTION_V3, payload))

    def philsys_key(self, verification_id: str) -> dict[str, Any]:
        """A key of PSA's liveness page, for one person. Raises SessionUnknown."""
        with _session_refusals():
            return _answer(self._http.get(PHILSYS_KEY, params={"verificationId": verification_id}))

    def templates(
        self, page: int, per_page: int, *, timeout: float | None = None
    ) -> dict[str, Any]:
        """One page of templates, counted from 1. timeout: seconds."""
        params = {"page": str(page), "per_page": str(per_page)}
        return _answer(self._http.get(TEMPLATES, params=params, timeout=timeout))


def _template_refusals() -> AbstractContextManager[None]:
    message = "IDMeta does not know this template; sync the templates and choose one of them"
    return _refusals({404, 422}, TemplateUnknown, message)


def _session_refusals() -> AbstractContextManager[None]:
    message = "IDMeta does not know this verification, or the call is not part of the account"
    return _refusals({404}, SessionUnknown, message)


@contextmanager
def _refusals(statuses: set[int], meaning: type[RequestRefused], message: str) -> Iterator[None]:
    try:
        yield
    except RequestRefused as error:
        if error.http_status in statuses:
            raise meaning(message, http_status=error.http_status) from error
        raise


def _answer(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise UnreadableAnswer("IDMeta's answer is not a JSON object")
    answer: dict[str, Any] = _without_secrets(body)
    return answer


def _without_secrets(value: dict[str, Any] | list[Any]) -> Any:
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in NEVER_RETURNED}
        return {key: _inside(item) for key, item in kept.items()}
    return [_inside(item) for item in value]


def _inside(value: Any) -> Any:
    return _without_secrets(value) if isinstance(value, dict | list) else value
