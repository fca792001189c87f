"""What we send. Pictures go as plain base64, without a `data:` prefix.

Sources: Regula Document Reader OpenAPI 9.2, ProcessRequest; Face SDK OpenAPI 8.2, MatchRequest.
"""

from __future__ import annotations

import base64
from typing import Any

from providers.adapters.regula.field_codes import Container
from providers.types import Image

FRONT_PAGE, BACK_PAGE = 0, 1
WHITE_LIGHT = 6
LARGEST_OUTPUT_PIXELS = 1200

DOCUMENT_INDEX, SELFIE_INDEX = 0, 1
PRINTED_PORTRAIT, LIVE_PORTRAIT = 1, 3


def process_request(
    reference: str, scenario: str, front: Image, back: Image | None
) -> dict[str, Any]:
    """reference: joins the calls of one verification into one licensed session, so never reused."""
    pages = {FRONT_PAGE: front, BACK_PAGE: back}
    return {
        "processParam": {
            "scenario": scenario,
            "resultTypeOutput": [container.value for container in Container],
            "dateFormat": "yyyy-MM-dd",
            "alreadyCropped": False,
            "generateAlpha2Codes": True,
            "imageOutputMaxWidth": LARGEST_OUTPUT_PIXELS,
        },
        "List": [
            {
                "ImageData": {"image": _base64(image.data)},
                "light": WHITE_LIGHT,
                "page_idx": page,
            }
            for page, image in pages.items()
            if image is not None
        ],
        "tag": reference,
    }


def match_request(reference: str, document_face: bytes, selfie: bytes) -> dict[str, Any]:
    """Two pictures, numbered by us; the service takes at most two of one type."""
    return {
        "tag": reference,
        "images": [
            {"index": DOCUMENT_INDEX, "type": PRINTED_PORTRAIT, "data": _base64(document_face)},
            {"index": SELFIE_INDEX, "type": LIVE_PORTRAIT, "data": _base64(selfie)},
        ],
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
