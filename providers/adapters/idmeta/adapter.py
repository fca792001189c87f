"""IDMeta: a multi-step provider whose templates decide which checks a verification runs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Self

from providers.account_settings import AccountSettings
from providers.adapters.idmeta import (
    config,
    mapping_session,
    plans,
    reasons,
    requirements,
    templates,
    webhooks,
)
from providers.adapters.idmeta.client import IdmetaClient
from providers.adapters.idmeta.id_types import ID_TYPES
from providers.adapters.idmeta.payloads import session_ids
from providers.adapters.idmeta.statuses import log
from providers.adapters.idmeta.steps import StepRunner
from providers.base import (
    FinalizesSession,
    KycProvider,
    OffersTemplates,
    ReconcilesSteps,
    RunsSteps,
    SendsWebhooks,
    StartsLiveness,
    VerifiesById,
)
from providers.errors import ProviderError, TemplateUnknown
from providers.http import HttpLimits
from providers.id_types import IdType
from providers.types import (
    FinalVerdict,
    Health,
    ImageRole,
    InboundNotice,
    Json,
    LivenessPage,
    OpenedSession,
    OpenRequest,
    ProcessingMode,
    SessionRef,
    StepFate,
    StepInput,
    StepPlan,
    StepResult,
    VendorTemplatePage,
)

PROBE_TIMEOUT_SECONDS = 5.0


class IdmetaAdapter(
    KycProvider,
    RunsSteps,
    ReconcilesSteps,
    FinalizesSession,
    OffersTemplates,
    VerifiesById,
    StartsLiveness,
    SendsWebhooks,
):
    """One IDMeta account.

    It plays no role for cancelling, because IDMeta documents no call for it. Steps are billed and
    carry no idempotency key, so none is ever sent again on a guess.
    """

    slug = "idmeta"
    display_name = "IDMeta"
    processing_mode = ProcessingMode.MULTI_STEP
    settings = config.SETTINGS
    settled_by_reviewer = reasons.SETTLED_BY_REVIEWER
    resend_is_safe = False
    opens_remotely = True

    def __init__(self, account: config.AccountConfig, limits: HttpLimits) -> None:
        self._account = account
        self._client = IdmetaClient(account, limits)
        self._steps = StepRunner(self._client, account)

    @classmethod
    def connect(cls, account: AccountSettings, limits: HttpLimits) -> Self:
        return cls(config.AccountConfig.read(account), limits)

    def health(self) -> Health:
        """IDMeta documents no health endpoint, so the smallest harmless call is made."""
        return self._probe("IDMeta answers")

    def check_credentials(self) -> Health:
        return self._probe("IDMeta accepts the API token")

    def missing_for_type(
        self, verification_type: str, images: frozenset[ImageRole]
    ) -> tuple[str, ...]:
        return requirements.missing_for_type(verification_type, images)

    def open(self, request: OpenRequest, options: Mapping[str, Json]) -> OpenedSession:
        """Create a verification of the template. Raises TemplateUnknown, also if none is named."""
        if request.template_id is None:
            raise TemplateUnknown("No IDMeta template is named: set default_template_id")
        metadata = {"reference": request.reference}
        body = self._client.create_verification(request.template_id, metadata)
        self._check_company(mapping_session.company_id(body))
        return mapping_session.opened_session(body)

    def liveness_page(self, external_id: str) -> LivenessPage:
        return mapping_session.liveness_page(self._client.philsys_key(external_id))

    def missing_for_step(
        self, step: StepPlan, images: frozenset[ImageRole], subject: frozenset[str]
    ) -> tuple[str, ...]:
        return requirements.missing_for_step(step, images, subject)

    def execute_step(
        self,
        session: SessionRef,
        step: StepPlan,
        given: StepInput,
        options: Mapping[str, Json],
    ) -> StepResult:
        return self._steps.run(session, step, given, config.TenantOptions.read(options))

    def reconcile(self, session: SessionRef, step: StepPlan) -> StepFate:
        """Finalizing lists the steps IDMeta misses, and is harmless while there are some."""
        body = self._client.finalize_verification(session_ids(session))
        return mapping_session.step_fate(body, step)

    def finalize(self, session: SessionRef) -> FinalVerdict:
        body = self._client.finalize_verification(session_ids(session))
        return mapping_session.final_verdict(body)

    def template_pages(self) -> Iterator[VendorTemplatePage]:
        return templates.pages(lambda page: self._client.templates(page, templates.PER_PAGE))

    def plan_step(self, plan_code: str) -> StepPlan:
        kind, name = plans.kind_and_name(plan_code)
        return StepPlan(kind, plan_code, name)

    def id_types(self) -> tuple[IdType, ...]:
        return ID_TYPES

    @property
    def webhook_headers(self) -> tuple[str, ...]:
        return self._account.signature_headers

    def read_webhook(
        self, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]
    ) -> InboundNotice:
        return webhooks.read_webhook(headers, body, secrets, self._account.signature_headers)

    def _probe(self, healthy: str) -> Health:
        started = time.monotonic()
        try:
            self._client.templates(1, 1, timeout=PROBE_TIMEOUT_SECONDS)
        except ProviderError as error:
            return Health(
                False,
                error.message,
                facts={"code": error.code},
                is_reachable=error.http_status is not None,
            )
        return Health(True, healthy, latency_ms=round((time.monotonic() - started) * 1000))

    def _check_company(self, company_id: str) -> None:
        expected = self._account.company_id
        if expected and company_id and company_id != expected:
            log.warning("The API token belongs to IDMeta company %s, not %s", company_id, expected)
