"""Every reason an IDMeta verification may carry, and the texts and checks they stand for.

Source: IDMeta API reference, "Biometric verification" (face image texts) and "Document
verification" (checks, process indicators), read 2026.
"""

from __future__ import annotations

from providers.types import Reason, RiskLevel


def _low(code: str, description: str) -> Reason:
    return Reason(code, RiskLevel.LOW, description)


def _medium(code: str, description: str) -> Reason:
    return Reason(code, RiskLevel.MEDIUM, description)


def _high(code: str, description: str) -> Reason:
    return Reason(code, RiskLevel.HIGH, description)


UNKNOWN_OUTCOME = _medium(
    "unknown_outcome", "The provider answered something we do not know; a person must look"
)
STEP_FAILED = _medium(
    "step_failed_at_provider", "The provider could not carry out the check it was asked for"
)
NAME_MISSING = _medium(
    "name_missing", "No name was given or read from a document, so no watchlist was searched"
)
NAME_MISMATCH = _medium(
    "name_mismatch", "The registry's record carries another name than the one given"
)

NEW_PHOTO_NEEDED = _medium("new_photo_needed", "The document's photo must be taken again")
DOCUMENT_REJECTED = _high("document_rejected", "The provider rejects the document")
DOCUMENT_REVIEW = _medium("document_review_needed", "The provider wants a person to look at it")
DOCUMENT_UNDETERMINABLE = _medium(
    "document_undeterminable", "The provider cannot tell whether the document is genuine"
)

LIVENESS_FAILED = _high("liveness_failed", "The selfie does not show a live person")
LIVENESS_REVIEW = _medium("liveness_review_needed", "It is unclear whether a live person is shown")
FACE_WATCHLIST_MATCH = _high(
    "face_watchlist_match", "The face resembles one on the account's face watchlist"
)
ENROLMENT_REVIEW = _medium(
    "face_enrolment_review_needed", "The enrolled face needs a person to look at it"
)
ENROLMENT_REJECTED = _high("face_enrolment_rejected", "The provider rejects the enrolled face")
WATCHLIST_MATCH = _high(
    "watchlist_match", "The name appears on a sanctions, PEP or other watchlist"
)

RECORD_NOT_FOUND = _high("record_not_found", "The registry has no such record")
RECORD_EXPIRED = _high("record_expired", "The registry's record has expired")
RECORD_INVALID = _high("record_invalid", "The registry's record is not valid")
REGISTRY_MISMATCH = _high(
    "registry_mismatch", "What was given does not agree with the registry's record"
)
REGISTRY_REJECTED = _high("registry_rejected", "The registry check was rejected")
REGISTRY_REVIEW = _medium("registry_review_needed", "The registry check needs a person to look")
LIVENESS_SESSION_FAILED = _medium(
    "liveness_session_failed", "The registry's own liveness session failed and must be done again"
)

PROVIDER_REJECTED = _high("provider_rejected", "The provider rejected the verification")
PROVIDER_REVIEW = _medium(
    "provider_review_needed", "The provider wants a person to look at the verification"
)
PROVIDER_INCOMPLETE = _medium(
    "provider_incomplete", "The provider still misses a step of the template"
)
PROVIDER_PURGED = _medium("provider_purged", "The provider has deleted the verification")

# The vendor's exact texts, without the end user's advice behind the first sentence.
FACE_QUALITY = {
    "no face detected in the image": _low("face_not_found", "No face was found in the picture"),
    "face is too small": _low("face_too_small", "The face is too small in the picture"),
    "multiple faces detected in the image": _low(
        "multiple_faces", "More than one face is in the picture"
    ),
    "face is partially hidden or obscured": _low("face_occluded", "The face is partly hidden"),
    "face is cropped": _low("face_cropped", "The face is cut off"),
    "face angle is too large": _low("face_angle", "The face looks too far to the side"),
    "face is too close to the border": _low(
        "face_near_border", "The face is too close to the picture's border"
    ),
}

IMAGE_QUALITY = {
    "Clarity": _low("image_blurred", "The picture is not sharp enough"),
    "Cropped": _low("image_cropped", "The document is cut off in the picture"),
}
IMAGE_QUALITY_POOR = _low("image_quality_poor", "The picture's quality is too low")

FAILED_CHECKS = {
    "MatchCheck": _high("data_mismatch", "The document's data contradict each other"),
    "LogicCheck": _high("data_implausible", "The document's data are not plausible or not valid"),
    "SecurityFeatures": _high("security_features_failed", "Security features are not as expected"),
    "PhotoForgeryCheck": _high("photo_forgery", "The photo on the document may be forged"),
    "GenerativeAiCheck": _high("generated_image", "The picture may be made by a computer"),
    "ScreenCheck": _high("screen_capture", "The document was photographed from a screen"),
    "PhotocopyCheck": _high("photocopy", "The document is a photocopy"),
    "HandPresenceCheck": _medium("hand_missing", "No hand holds the document"),
}

# What IDMeta doubts, and a reviewer of IDMeta's has settled once they pass the verification.
SETTLED_BY_REVIEWER = frozenset(
    reason.code
    for reason in (
        DOCUMENT_REVIEW,
        DOCUMENT_UNDETERMINABLE,
        LIVENESS_REVIEW,
        FACE_WATCHLIST_MATCH,
        ENROLMENT_REVIEW,
        WATCHLIST_MATCH,
        *FAILED_CHECKS.values(),
    )
)


def face_quality(texts: tuple[str, ...]) -> Reason | None:
    """The picture's fault a vendor text speaks of, None if it speaks of something else."""
    for text in texts:
        fault = FACE_QUALITY.get(text.partition(".")[0].strip().casefold())
        if fault is not None:
            return fault
    return None
