"""What the workflow asks a provider to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.types.vocabulary import ImageRole, Json, StepKind


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as the tenant gave it. mime_type: image/jpeg, image/png or image/webp."""

    data: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step to do.

    plan_code: the vendor's code of it, the key of its endpoint.
    config: the vendor's settings for the step (IDMeta `tool_settings`), JSON, no secrets.
    """

    kind: StepKind
    plan_code: str
    name: str
    config: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What a provider needs to begin.

    reference: our verification id. template_id: the vendor's template id, or None.
    """

    reference: str
    verification_type: str
    available_images: frozenset[ImageRole]
    template_id: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """external_id: the vendor's verification id, or None where the vendor keeps no session."""

    steps: tuple[StepPlan, ...]
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class LivenessPage:
    """Where a person proves to be alive, in a browser. key: opens the page, once."""

    key: str
    url: str


@dataclass(frozen=True, slots=True)
class SessionRef:
    """How later calls name the session. reference: our verification id."""

    reference: str
    external_id: str | None
    template_id: str | None


@dataclass(frozen=True, slots=True)
class StepInput:
    """What a step may use.

    images: the tenant's pictures by role. portrait: the face an earlier document step cut out.
    document: what an earlier document step extracted (keys of `DocumentFindings.extracted`).
    subject: what the tenant said about the person: firstName, middleName, lastName, suffix,
    dateOfBirth (YYYY-MM-DD), gender, and the fields of an `IdType`; all optional.
    """

    images: Mapping[ImageRole, Image] = field(default_factory=dict)
    portrait: bytes | None = field(default=None, repr=False)
    document: Mapping[str, str] = field(default_factory=dict, repr=False)
    subject: Mapping[str, str] = field(default_factory=dict, repr=False)
