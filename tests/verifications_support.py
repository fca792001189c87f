"""Pictures and requests that many tests send."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

# The workflow runs on threads of its own, which see only what is committed.
RUNS_WORKFLOW = pytest.mark.django_db(transaction=True)
PASSPORT = "passport-td3.jpg"
CARD_FRONT = "id-card-td1-front.jpg"
CARD_BACK = "id-card-td1-back.jpg"
SELFIE = "selfie.jpg"


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def data_url(data: bytes, mime_type: str = "image/jpeg") -> str:
    return f"data:{mime_type};base64,{base64_of(data)}"


def blank_picture(width: int = 400, height: int = 400, kind: str = "JPEG") -> bytes:
    """A picture that is valid and shows nothing."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, kind)
    return buffer.getvalue()


def document_request(front: bytes, **more: Any) -> dict[str, Any]:
    images = {"front": data_url(front), **more.pop("images", {})}
    return {"verificationType": "document", **more, "documentImages": images}
