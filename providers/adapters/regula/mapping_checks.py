"""Authenticity (container 20) and image quality (container 30), in the unified result's words."""

from __future__ import annotations

from collections.abc import Iterable

from providers.adapters.regula.field_codes import (
    DIAGNOSES,
    FEATURE_NAMES,
    LIVENESS_MLI_ELEMENT,
    LIVENESS_OVI_ELEMENT,
    QUALITY_NAMES,
    Feature,
)
from providers.adapters.regula.mapping_answer import Answer, FeatureCheck
from providers.adapters.regula.mapping_numbers import Check, check_result
from providers.types import CheckResult, Json, JsonObject

SECURITY_FEATURES: dict[str, frozenset[Feature]] = {
    "barcode": frozenset({Feature.BARCODE_FORMAT}),
    "hologram": frozenset({Feature.HOLOGRAMS, Feature.KINEGRAM, Feature.HOLOGRAM_DETECTION}),
    "uv_fibers": frozenset({Feature.UV_FIBERS}),
    "ir_visibility": frozenset({Feature.IR_VISIBILITY}),
    "ovi": frozenset({Feature.OVI}),
}
# Optically variable ink and multiple laser images are elements of the document liveness check.
LIVENESS_ELEMENTS = {"ovi": LIVENESS_OVI_ELEMENT, "mli": LIVENESS_MLI_ELEMENT}
LIGHT_FEATURES: dict[str, frozenset[Feature]] = {
    "white": frozenset(
        {
            Feature.IMAGE_PATTERN,
            Feature.PHOTO_EMBEDDING,
            Feature.PHOTO_AREA,
            Feature.LETTER_SCREEN,
            Feature.DOCUMENT_LIVENESS,
        }
    ),
    "uv": frozenset({Feature.UV_LUMINESCENCE, Feature.UV_FIBERS}),
    "ir": frozenset({Feature.IR_B900, Feature.IR_VISIBILITY}),
    "coaxial": frozenset({Feature.AXIAL_PROTECTION}),
}
DONE = frozenset({CheckResult.PASSED, CheckResult.FAILED})


def authenticity_checks(answer: Answer) -> list[Json]:
    """One entry per check and page: name, result, page, diagnoses of its elements.

    diagnoses: our word for the number where we have one, else `diagnose_<number>`; "pass" and
    "unknown" (1 and 0) are left out. similarityPercent: of two portraits, 0 to 100.
    """
    return [_feature_json(feature) for feature in answer.features]


def _feature_json(feature: FeatureCheck) -> JsonObject:
    entry: JsonObject = {
        "name": _name(FEATURE_NAMES, "type", feature.feature),
        "result": check_result(feature.overall).value,
        "page": feature.page,
        "diagnoses": [
            _name(DIAGNOSES, "diagnose", element.diagnose)
            for element in feature.elements
            if element.diagnose not in {None, 0, 1}
        ],
    }
    percents: list[Json] = [e.percent for e in feature.elements if e.percent is not None]
    if percents and feature.feature == Feature.PORTRAIT_COMPARISON:
        entry["similarityPercent"] = percents
    return entry


def quality_checks(answer: Answer) -> list[Json]:
    """One entry per check and page."""
    return [
        {
            "name": _name(QUALITY_NAMES, "type", quality.kind),
            "result": check_result(quality.result).value,
            "page": quality.page,
        }
        for quality in answer.quality
    ]


def security_features(answer: Answer) -> JsonObject:
    """`{present, authentic}` of every feature that was really checked."""
    results = {
        name: check_result(*_feature_checks(answer.features, features), *_liveness(answer, name))
        for name, features in SECURITY_FEATURES.items()
    }
    results["mli"] = check_result(*_liveness(answer, "mli"))
    if answer.status is not None:
        results["mrz"] = check_result(answer.status["detailsOptical.mrz"])
        results["rfid"] = check_result(answer.status["rfid"])
    return {
        name: {"present": True, "authentic": result is CheckResult.PASSED}
        for name, result in results.items()
        if result in DONE
    }


def light_source_checks(answer: Answer) -> JsonObject:
    """`{performed, result}` per light; a plain picture shows white light only."""
    results = {
        light: check_result(*_feature_checks(answer.features, features))
        for light, features in LIGHT_FEATURES.items()
    }
    return {
        light: {"performed": result in DONE, "result": result.value}
        for light, result in results.items()
    }


def authenticity(answer: Answer) -> CheckResult:
    """The server's roll-up; a single check can make it worse, never better."""
    security = Check.NOT_DONE if answer.status is None else answer.status["detailsOptical.security"]
    singles = (feature.overall for feature in answer.features)
    return check_result(security, *(single for single in singles if single is not Check.PASSED))


def _feature_checks(features: Iterable[FeatureCheck], wanted: frozenset[Feature]) -> list[Check]:
    return [feature.overall for feature in features if feature.feature in wanted]


def _liveness(answer: Answer, name: str) -> list[Check]:
    kind = LIVENESS_ELEMENTS.get(name)
    if kind is None:
        return []
    return [
        element.result
        for feature in answer.features
        if feature.feature == Feature.DOCUMENT_LIVENESS
        for element in feature.elements
        if element.kind == kind
    ]


def _name(names: dict[int, str], unknown: str, number: int | None) -> str:
    return f"{unknown}_unknown" if number is None else names.get(number, f"{unknown}_{number}")
