"""Running one step: one billable call, read by the mapping of its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from providers.adapters.idmeta import mapping_faces, payloads, reasons
from providers.adapters.idmeta.client import IdmetaClient
from providers.adapters.idmeta.config import AccountConfig, TenantOptions
from providers.adapters.idmeta.id_types import ID_CHECKS
from providers.adapters.idmeta.mapping_document import document_step
from providers.adapters.idmeta.mapping_registry import registry_step
from providers.adapters.idmeta.mapping_watchlist import watchlist_step
from providers.adapters.idmeta.payloads import Picture
from providers.adapters.idmeta.reading import Object
from providers.adapters.idmeta.statuses import log
from providers.errors import RequestRefused, SessionUnknown
from providers.types import (
    Image,
    ImageRole,
    JsonObject,
    SessionRef,
    StepInput,
    StepKind,
    StepPlan,
    StepResult,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class StepCall:
    """Everything one step is run with."""

    session: SessionRef
    plan_code: str
    given: StepInput
    options: TenantOptions

    def picture(self, *roles: ImageRole) -> Image:
        """The first of the pictures that was given. Raises RequestRefused if none was."""
        for role in roles:
            if role in self.given.images:
                return self.given.images[role]
        raise RequestRefused(f"The step {self.plan_code} needs a picture that was not given")


class StepRunner:
    """Runs the steps of one account. Safe to share between threads.

    It remembers that the account has no v3, so that only the first liveness step asks in vain; two
    threads finding out at the same time is harmless.
    """

    def __init__(self, client: IdmetaClient, config: AccountConfig) -> None:
        self._client = client
        self._config = config
        self._has_v3 = config.prefers_v3_liveness
        self._runners: dict[StepKind, Callable[[StepCall], StepResult]] = {
            StepKind.DOCUMENT: self._document,
            StepKind.LIVENESS: self._liveness,
            StepKind.FACE_MATCH: self._face_comparison,
            StepKind.FACE_ENROLMENT: self._registration,
            StepKind.CUSTOM_DOCUMENT: self._custom_document,
            StepKind.WATCHLIST: self._watchlist,
            StepKind.ID_CHECK: self._registry,
        }

    def run(
        self, session: SessionRef, step: StepPlan, given: StepInput, options: TenantOptions
    ) -> StepResult:
        """Raises ProviderError, RequestRefused for a step that cannot be run at all."""
        runner = self._runners.get(step.kind)
        if runner is None:
            raise RequestRefused(f"The step {step.plan_code} is not supported")
        return runner(StepCall(session, step.plan_code, given, options))

    def _document(self, call: StepCall) -> StepResult:
        pictures = [Picture("imageFrontSide", call.picture(ImageRole.FRONT))]
        if (back := call.given.images.get(ImageRole.BACK)) is not None:
            pictures.append(Picture("imageBackSide", back))
        if self._config.sends_files:
            body = self._with_files(call, {}, pictures)
        else:
            body = self._with_json(call, {p.field: p.as_base64() for p in pictures})
        return document_step(call.plan_code, body)

    def _liveness(self, call: StepCall) -> StepResult:
        if not self._has_v3:
            return self._liveness_v1(call)
        selfie = Picture("image", call.picture(ImageRole.SELFIE))
        payload = {**payloads.session_ids_v3(call.session), "image": selfie.as_data_uri()}
        try:
            body = self._client.liveness_v3(payload)
        except SessionUnknown:
            return self._liveness_without_v3(call)
        return mapping_faces.liveness_v3(call.plan_code, body)

    def _liveness_without_v3(self, call: StepCall) -> StepResult:
        """A complete 404 proves nothing ran; whether v3 or the session is missing, v1 tells."""
        result = self._liveness_v1(call)
        self._has_v3 = False
        log.warning("The IDMeta account has no v3 liveness; v1, which gives no verdict, is used")
        return result

    def _liveness_v1(self, call: StepCall) -> StepResult:
        body = self._with_faces(call, {}, [Picture("image", call.picture(ImageRole.SELFIE))])
        return mapping_faces.liveness_v1(call.plan_code, body, call.options.liveness_threshold)

    def _face_comparison(self, call: StepCall) -> StepResult:
        portrait = call.given.portrait
        document = payloads.portrait_image(portrait) if portrait else call.picture(ImageRole.FRONT)
        selfie = call.picture(ImageRole.SELFIE)
        pictures = [Picture("image1", document), Picture("image2", selfie)]
        return mapping_faces.face_comparison(call.plan_code, self._with_faces(call, {}, pictures))

    def _registration(self, call: StepCall) -> StepResult:
        """The face is enrolled under our verification id, which says nothing about the person."""
        selfie = Picture("image", call.picture(ImageRole.SELFIE))
        fields = {"username": call.session.reference}
        if not self._config.uses_v3_enrolment:
            body = self._with_faces(call, fields, [selfie])
            return mapping_faces.registration_v1(call.plan_code, body)
        ids = payloads.session_ids_v3(call.session)
        body = self._client.detection_v3({**ids, **fields, "image": selfie.as_data_uri()})
        return mapping_faces.detection_v3(call.plan_code, body)

    def _custom_document(self, call: StepCall) -> StepResult:
        picture = call.picture(ImageRole.ADDITIONAL, ImageRole.FRONT)
        body = self._with_faces(call, {}, [Picture("document", picture)])
        return mapping_faces.custom_document(call.plan_code, body)

    def _watchlist(self, call: StepCall) -> StepResult:
        """Without a name there is nothing to search, and no call to pay for."""
        search = payloads.watchlist_search(call.given, call.options)
        if search is None:
            return StepResult(Verdict.REVIEW, (reasons.NAME_MISSING,))
        return watchlist_step(call.plan_code, self._with_json(call, search))

    def _registry(self, call: StepCall) -> StepResult:
        check = ID_CHECKS[call.plan_code]
        ids = payloads.session_ids_v3 if check.speaks_v3 else payloads.session_ids
        payload: JsonObject = {
            **ids(call.session),
            **payloads.registry_fields(check, call.given, call.options),
        }
        if check.needs_selfie:
            selfie = Picture("selfie_image", call.picture(ImageRole.SELFIE))
            payload[selfie.field] = selfie.as_base64()
        body = self._client.step(call.plan_code, payload)
        return registry_step(check, body, call.given.subject, datetime.now(UTC).date())

    def _with_faces(
        self, call: StepCall, fields: dict[str, str], pictures: list[Picture]
    ) -> Object:
        """Pictures as file parts, or as data URIs in JSON."""
        if self._config.sends_files:
            return self._with_files(call, fields, pictures)
        uris = {picture.field: picture.as_data_uri() for picture in pictures}
        return self._with_json(call, {**fields, **uris})

    def _with_files(
        self, call: StepCall, fields: dict[str, str], pictures: list[Picture]
    ) -> Object:
        parts = [picture.as_part() for picture in pictures]
        ids = payloads.session_ids(call.session)
        return self._client.step_with_files(call.plan_code, {**ids, **fields}, parts)

    def _with_json(self, call: StepCall, fields: Object) -> Object:
        ids = payloads.session_ids(call.session)
        return self._client.step(call.plan_code, {**ids, **fields})
