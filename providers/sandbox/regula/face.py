"""Face SDK: /api/match and /api/detect. Errors come as a code inside HTTP 200.

Source: FaceSDK-web-openapi, match.yml and detect.yml; "Face SDK result codes" in the docs.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from providers.sandbox.calls import Call, JsonObject, decoded
from providers.sandbox.faults import Scenario
from providers.sandbox.reading.faces import Face, similarity
from providers.sandbox.reading.page import FacePicture
from providers.sandbox.reading.pictures import UnreadablePicture
from providers.sandbox.regula import assumed
from providers.sandbox.regula.docreader import licence_body, require_licence

OK, NO_FACE, CANNOT_DECODE, TOO_FEW_IMAGES, TOO_MANY_OF_A_TYPE = 0, 2, 6, 224, 238
UNKNOWN_CODE = 999  # for the scenario unknown_enum; not among Regula's codes
MOST_OF_A_TYPE = 2  # server setting sdk.compare.limitPerImageTypes
LIVE = 3
STAGED_SIMILARITIES = {Scenario.DECLINED: 0.0085, Scenario.REVIEW: 0.70}
# Eyes, nose and mouth corners in a face's box, as fractions of its width and height.
LANDMARKS = ((0.28, 0.35), (0.72, 0.35), (0.5, 0.62), (0.34, 0.82), (0.66, 0.82))


@dataclass(frozen=True)
class Image:
    """One posted image; `faces` is empty where none was found."""

    index: int
    kind: int
    faces: Sequence[Face]


def match(call: Call) -> JsonObject:
    """Compare each pair of images; similarity runs from 0 to 1."""
    require_licence(call)
    items = call.body.get("images")
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    kinds = Counter(item.get("type") for item in items)
    if len(items) < 2:
        return _coded(TOO_FEW_IMAGES)
    if any(count > MOST_OF_A_TYPE for count in kinds.values()):
        return _coded(TOO_MANY_OF_A_TYPE)
    try:
        images = [_image(call, item, number) for number, item in enumerate(items)]
    except UnreadablePicture:
        return _coded(CANNOT_DECODE)
    call.sandbox.bills.charge_regula(
        account=call.text("tenant") or "default",
        kind="match",
        tag=call.text("tag"),
        correlation_id=call.correlation_id,
    )
    return _compared(call, images)


def detect(call: Call) -> JsonObject:
    """The faces of one image with their places."""
    require_licence(call)
    started = time.monotonic()
    try:
        picture = _faces(call, call.text("image"))
    except UnreadablePicture:
        return {"code": CANNOT_DECODE, "results": {"detections": []}}
    param = call.body.get("processParam")
    options = param if isinstance(param, dict) else {}
    faces = picture.faces[:1] if options.get("onlyCentralFace") else picture.faces
    results: JsonObject = {
        "detections": [{"landmarks": _landmarks(face), "roi": _roi(face)} for face in faces],
        "elapsedTime": round(1000 * (time.monotonic() - started), 1),
    }
    if options.get("scenario"):
        results["scenario"] = options["scenario"]
    return {"code": OK if faces else NO_FACE, "results": results}


def health(call: Call) -> JsonObject:
    return {"app": "Face API", **licence_body(call), "version": assumed.FACE_VERSION}


def _image(call: Call, item: JsonObject, number: int) -> Image:
    picture = _faces(call, str(item.get("data") or ""))
    faces = picture.faces if item.get("detectAll") is True else picture.faces[:1]
    index, kind = item.get("index"), item.get("type")
    return Image(
        index if isinstance(index, int) else number,
        kind if isinstance(kind, int) else LIVE,
        faces,
    )


def _faces(call: Call, text: str) -> FacePicture:
    """The faces in a base64 picture. Raises UnreadablePicture."""
    picture = call.sandbox.pages.read_faces(decoded(text) or b"")
    call.note(picture.scenario)
    return picture


def _compared(call: Call, images: Sequence[Image]) -> JsonObject:
    is_complete = all(image.faces for image in images)
    code = OK if is_complete else assumed.SOME_FACE_MISSING_CODE
    if Scenario.UNKNOWN_ENUM in call.scenarios:
        code = UNKNOWN_CODE
    return {
        "code": call.sandbox.settings.faceMatchCode or code,
        "detections": [_detection(image) for image in images],
        "results": [
            _pair(call, (first, i), (second, j))
            for first, second in combinations(images, 2)
            for i in range(len(first.faces))
            for j in range(len(second.faces))
        ],
        "metadata": {},
    }


def _pair(call: Call, first: tuple[Image, int], second: tuple[Image, int]) -> JsonObject:
    """`score` is a distance: 0 for the same face."""
    staged = [value for name, value in STAGED_SIMILARITIES.items() if name in call.scenarios]
    (left, i), (right, j) = first, second
    alike = staged[0] if staged else similarity(left.faces[i], right.faces[j])
    return {
        "firstIndex": left.index,
        "firstFaceIndex": i,
        "first": left.kind,
        "secondIndex": right.index,
        "secondFaceIndex": j,
        "second": right.kind,
        "score": round(1.3 * (1 - alike), 4),
        "similarity": alike,
    }


def _detection(image: Image) -> JsonObject:
    return {
        "imageIndex": image.index,
        "status": OK if image.faces else NO_FACE,
        "faces": [
            {"faceIndex": number, "landmarks": _landmarks(face), "roi": _roi(face),
             "rotationAngle": 0.0}
            for number, face in enumerate(image.faces)
        ],
    }  # fmt: skip


def _roi(face: Face) -> list[float]:
    left, top, right, bottom = face.rect
    return [float(left), float(top), float(right - left), float(bottom - top)]


def _landmarks(face: Face) -> list[list[int]]:
    left, top, width, height = _roi(face)
    return [[round(left + x * width), round(top + y * height)] for x, y in LANDMARKS]


def _coded(code: int) -> JsonObject:
    return {"code": code, "detections": [], "results": [], "metadata": {}}
