"""Regula: a document read by Document Reader, then its portrait compared with the selfie."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar, Self

from providers.account_settings import AccountSettings, Setting
from providers.adapters.regula import config, mapping, mapping_face, mapping_request
from providers.adapters.regula.client import DocumentReader, FaceSdk
from providers.adapters.regula.config import TenantOptions
from providers.adapters.regula.health import health_of, licence_of
from providers.adapters.regula.mapping_health import scenarios_of
from providers.base import KycProvider, RunsSteps
from providers.errors import ProviderError, RequestRefused
from providers.http import HttpLimits, VendorHttp
from providers.types import (
    Health,
    Image,
    ImageRole,
    Json,
    OpenedSession,
    OpenRequest,
    ProcessingMode,
    SessionRef,
    StepInput,
    StepKind,
    StepPlan,
    StepResult,
)

DOCUMENT_STEP = StepPlan(StepKind.DOCUMENT, "document_reader", "Document check")
FACE_STEP = StepPlan(StepKind.FACE_MATCH, "face_match", "Face comparison")
FACE_TYPES = frozenset({"biometric", "comprehensive"})
SCENARIOS_LIFETIME_SECONDS = 600.0
SCENARIOS_TIMEOUT_SECONDS = 3.0


class RegulaAdapter(KycProvider, RunsSteps):
    """Both services answer at once and keep no session; `tag` marks what belongs together.

    A step may be sent again: calls with the same tag are one licensed session.
    """

    slug: ClassVar[str] = "regula"
    display_name: ClassVar[str] = "Regula"
    processing_mode: ClassVar[ProcessingMode] = ProcessingMode.SINGLE_STEP
    settings: ClassVar[tuple[Setting, ...]] = config.SETTINGS
    resend_is_safe: ClassVar[bool] = True
    opens_remotely: ClassVar[bool] = False

    def __init__(self, reader: DocumentReader, face: FaceSdk | None) -> None:
        self._reader = reader
        self._face = face
        self._scenarios_lock = threading.Lock()
        self._scenarios: frozenset[str] = frozenset()
        self._scenarios_asked_at: float | None = None

    @classmethod
    def connect(cls, account: AccountSettings, limits: HttpLimits) -> Self:
        face_access = config.face_access(account)
        return cls(
            DocumentReader(VendorHttp(config.docreader_access(account), limits)),
            FaceSdk(VendorHttp(face_access, limits)) if face_access else None,
        )

    def health(self) -> Health:
        return health_of(self._services())

    def check_credentials(self) -> Health:
        return licence_of(self._services())

    def missing_for_type(
        self, verification_type: str, images: frozenset[ImageRole]
    ) -> tuple[str, ...]:
        needed = [ImageRole.FRONT]
        if verification_type in FACE_TYPES:
            needed.append(ImageRole.SELFIE)
        return _missing(needed, images)

    def open(self, request: OpenRequest, options: Mapping[str, Json]) -> OpenedSession:
        """Makes no call. Raises RequestRefused if the settings cannot serve the request."""
        TenantOptions.read(options)
        needs_face = (
            request.verification_type in FACE_TYPES or ImageRole.SELFIE in request.available_images
        )
        if needs_face:
            self._face_sdk()
        return OpenedSession((DOCUMENT_STEP, FACE_STEP) if needs_face else (DOCUMENT_STEP,))

    def missing_for_step(
        self, step: StepPlan, images: frozenset[ImageRole], subject: frozenset[str]
    ) -> tuple[str, ...]:
        is_face = step.kind is StepKind.FACE_MATCH
        return _missing([ImageRole.SELFIE if is_face else ImageRole.FRONT], images)

    def execute_step(
        self,
        session: SessionRef,
        step: StepPlan,
        given: StepInput,
        options: Mapping[str, Json],
    ) -> StepResult:
        wanted = TenantOptions.read(options)
        if step.kind is StepKind.DOCUMENT:
            return self._document(session, given, wanted)
        if step.kind is StepKind.FACE_MATCH:
            return self._face_match(session, given, wanted)
        raise RequestRefused(f"Regula has no step {step.plan_code}")

    def _document(self, session: SessionRef, given: StepInput, wanted: TenantOptions) -> StepResult:
        scenario = wanted.scenario or self._best_scenario()
        payload = mapping_request.process_request(
            session.reference,
            scenario,
            front=_image(given, ImageRole.FRONT),
            back=given.images.get(ImageRole.BACK),
        )
        answer = self._reader.process(payload)
        today = datetime.now(UTC).date()
        return mapping.document_result(answer, wanted, scenario=scenario, today=today)

    def _face_match(
        self, session: SessionRef, given: StepInput, wanted: TenantOptions
    ) -> StepResult:
        """Without a portrait that was cut out, the front of the document stands in."""
        payload = mapping_request.match_request(
            session.reference,
            document_face=given.portrait or _image(given, ImageRole.FRONT).data,
            selfie=_image(given, ImageRole.SELFIE).data,
        )
        return mapping_face.face_result(self._face_sdk().match(payload), wanted)

    def _face_sdk(self) -> FaceSdk:
        if self._face is None:
            raise RequestRefused(
                "Regula cannot compare faces: face_url is not configured for this account"
            )
        return self._face

    def _services(self) -> dict[str, DocumentReader | FaceSdk]:
        face = {"faceSdk": self._face} if self._face else {}
        return {"documentReader": self._reader, **face}

    def _best_scenario(self) -> str:
        """With authenticity checks if the licence covers them."""
        covers_all = config.FULL_AUTH in self._licensed_scenarios()
        return config.FULL_AUTH if covers_all else config.FULL_PROCESS

    def _licensed_scenarios(self) -> frozenset[str]:
        """Asked at most once per lifetime, so that an outage or a new licence is noticed.

        The others wait for the one who asks: starting without the answer would leave the
        authenticity checks out.
        """
        with self._scenarios_lock:
            now = time.monotonic()
            asked_at = self._scenarios_asked_at
            if asked_at is None or now - asked_at > SCENARIOS_LIFETIME_SECONDS:
                self._scenarios_asked_at = now
                with contextlib.suppress(ProviderError):  # what we knew before is the best guess
                    self._scenarios = scenarios_of(self._reader.healthz(SCENARIOS_TIMEOUT_SECONDS))
            return self._scenarios


def _image(given: StepInput, role: ImageRole) -> Image:
    image = given.images.get(role)
    if image is None:
        raise RequestRefused(f"The step needs documentImages.{role.value}")
    return image


def _missing(needed: list[ImageRole], images: frozenset[ImageRole]) -> tuple[str, ...]:
    return tuple(f"documentImages.{role.value}" for role in needed if role not in images)
