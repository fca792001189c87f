"""The vendor boundary: what a provider is, and the roles one can play.

An adapter subclasses `KycProvider` and each role it plays; a role without its methods cannot be
instantiated. Adapters know no Django: settings, credentials and the HTTP client's limits are
passed in. One adapter object serves one provider account, from many threads at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar, Self

from providers.account_settings import AccountSettings, Setting
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


class KycProvider(ABC):
    """One vendor, reached with one set of credentials.

    settings: every key an operator may give, with its scope; see `account_settings`.
    """

    slug: ClassVar[str]
    display_name: ClassVar[str]
    processing_mode: ClassVar[ProcessingMode]
    settings: ClassVar[tuple[Setting, ...]]

    @classmethod
    @abstractmethod
    def connect(cls, account: AccountSettings, limits: HttpLimits) -> Self:
        """An adapter for this account. Makes no call; raises SettingError for bad settings."""

    @abstractmethod
    def health(self) -> Health:
        """Whether the vendor's services answer. Never raises ProviderError."""

    @abstractmethod
    def check_credentials(self) -> Health:
        """Whether the vendor accepts our credentials or licence. Never raises ProviderError."""


class RunsSteps(ABC):
    """Works a verification step by step, the way `verifications.workflow` drives it.

    resend_is_safe: a step whose outcome is unknown may be sent once more with the same reference
    without being billed or counted twice.
    opens_remotely: `open` calls the vendor, so it is a call to be booked.
    """

    resend_is_safe: ClassVar[bool] = False
    opens_remotely: ClassVar[bool] = False

    @abstractmethod
    def missing_for_type(
        self, verification_type: str, images: frozenset[ImageRole]
    ) -> tuple[str, ...]:
        """Request fields this provider needs for the type whatever the template, still missing.

        Answers with request paths such as `documentImages.selfie`.
        """

    @abstractmethod
    def open(self, request: OpenRequest, options: Mapping[str, Json]) -> OpenedSession:
        """Begin, and learn the steps. options: the tenant's settings for this provider."""

    @abstractmethod
    def missing_for_step(
        self, step: StepPlan, images: frozenset[ImageRole], subject: frozenset[str]
    ) -> tuple[str, ...]:
        """Request fields the step needs and the tenant did not give; () if it can run."""

    @abstractmethod
    def execute_step(
        self,
        session: SessionRef,
        step: StepPlan,
        given: StepInput,
        options: Mapping[str, Json],
    ) -> StepResult:
        """Run one step: exactly one billable call. Raises ProviderError."""


class ReconcilesSteps(ABC):
    """Can tell what became of a step whose answer was lost."""

    @abstractmethod
    def reconcile(self, session: SessionRef, step: StepPlan) -> StepFate:
        """Whether the step arrived and was done. Raises ProviderError if it cannot ask."""


class FinalizesSession(ABC):
    """Has a closing call that gives the vendor's own verdict.

    settled_by_reviewer: reason codes of doubts that the vendor voices itself, and that are gone
    once a person of the vendor's has looked and passed the verification. A doubt of ours, or an
    answer nobody knows, is never among them.
    """

    settled_by_reviewer: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def finalize(self, session: SessionRef) -> FinalVerdict:
        """Close the vendor's verification; safe to repeat. Raises ProviderError."""


class OffersTemplates(ABC):
    """Keeps templates (workflows) and plans on the vendor's side."""

    @abstractmethod
    def template_pages(self) -> Iterator[VendorTemplatePage]:
        """Every page of the vendor's template list, in order. Raises ProviderError."""

    @abstractmethod
    def plan_step(self, plan_code: str) -> StepPlan:
        """The step a plan stands for, as far as its code tells; UNSUPPORTED if it cannot run."""


class VerifiesById(ABC):
    """Checks an ID number against a registry."""

    @abstractmethod
    def id_types(self) -> tuple[IdType, ...]:
        """The ID types this provider can check."""


class StartsLiveness(ABC):
    """Has a page where a person proves to be alive before an ID number is checked."""

    @abstractmethod
    def liveness_page(self, external_id: str) -> LivenessPage:
        """The page for the vendor's verification of this id. Raises ProviderError."""


# What the settings are called that hold the secrets of a vendor's webhooks, newest first. Each may
# hold several, separated by spaces.
WEBHOOK_SECRETS = ("webhook_secret", "webhook_secret_previous")


class SendsWebhooks(ABC):
    """Calls us back. Its settings hold the credentials named in WEBHOOK_SECRETS."""

    @property
    @abstractmethod
    def webhook_headers(self) -> tuple[str, ...]:
        """The headers `read_webhook` looks at; they are kept with the body."""

    @abstractmethod
    def read_webhook(
        self, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]
    ) -> InboundNotice:
        """Verify and parse one callback.

        secrets: every secret that is valid now, newest first. Raises WebhookForged or
        WebhookMalformed. A notice is a hint: its status counts only once confirmed.
        """
