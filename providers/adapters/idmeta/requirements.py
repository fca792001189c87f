"""What a step needs from the tenant, as paths of the request.

Pictures are `documentImages.<role>`, an ID number is `idNumber`, what is known about the person
`userData.<key>`.
"""

from __future__ import annotations

from providers.adapters.idmeta.id_types import ID_CHECKS
from providers.id_types import FULL_NAME
from providers.types import ImageRole, StepKind, StepPlan

TYPE_ROLES = {
    "document": (ImageRole.FRONT,),
    "biometric": (ImageRole.SELFIE,),
    "comprehensive": (ImageRole.FRONT, ImageRole.SELFIE),
}

STEP_ROLES = {
    StepKind.DOCUMENT: (ImageRole.FRONT,),
    StepKind.LIVENESS: (ImageRole.SELFIE,),
    StepKind.FACE_MATCH: (ImageRole.FRONT, ImageRole.SELFIE),
    StepKind.FACE_ENROLMENT: (ImageRole.SELFIE,),
}

NAME_KEYS = ("firstName", "lastName")


def missing_for_type(verification_type: str, images: frozenset[ImageRole]) -> tuple[str, ...]:
    """What the type itself implies; the template's steps may need more."""
    return _missing_pictures(TYPE_ROLES.get(verification_type, ()), images)


def missing_for_step(
    step: StepPlan, images: frozenset[ImageRole], subject: frozenset[str]
) -> tuple[str, ...]:
    """subject: the keys the tenant gave, `idNumber` among them."""
    if step.kind is StepKind.ID_CHECK:
        return tuple(ID_CHECKS[step.plan_code].as_id_type().missing(subject, images))
    if step.kind is StepKind.WATCHLIST:
        return _missing_for_watchlist(images, subject)
    if step.kind is StepKind.CUSTOM_DOCUMENT:
        has_any = images & {ImageRole.ADDITIONAL, ImageRole.FRONT}
        return () if has_any else (_path(ImageRole.ADDITIONAL),)
    roles = STEP_ROLES.get(step.kind, ())
    if step.kind is StepKind.DOCUMENT and step.config.get("multiSide") is True:
        roles = (*roles, ImageRole.BACK)
    return _missing_pictures(roles, images)


def _missing_for_watchlist(
    images: frozenset[ImageRole], subject: frozenset[str]
) -> tuple[str, ...]:
    """A document step before it may read the name, so a picture of one is enough here."""
    if ImageRole.FRONT in images or subject & {FULL_NAME, *NAME_KEYS}:
        return ()
    return tuple(f"userData.{key}" for key in NAME_KEYS)


def _missing_pictures(
    roles: tuple[ImageRole, ...], images: frozenset[ImageRole]
) -> tuple[str, ...]:
    return tuple(_path(role) for role in roles if role not in images)


def _path(role: ImageRole) -> str:
    return f"documentImages.{role.value}"
