"""Pictures and requests that many tests send."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from functools import cache
from typing import Any

import pytest
from PIL import Image

from tenants.models import Mode, Tenant
from verifications.models import RunMode
from verifications.requests import NewVerification

# The workflow runs on threads of its own, which see only what is committed.
RUNS_WORKFLOW = pytest.mark.django_db(transaction=True)
PASSPORT = "passport-td3.jpg"
CARD_FRONT = "id-card-td1-front.jpg"
CARD_BACK = "id-card-td1-back.jpg"
SELFIE = "selfie.jpg"


def nbi_check(tenant: Tenant) -> NewVerification:
    """An ID check that passes, for a worker: three calls, and no picture."""
    return NewVerification(
        tenant=tenant,
        mode=Mode.LIVE,
        run_mode=RunMode.ASYNC,
        verification_type="philippines_nbi_clearance",
        template="960",
        subject={
            "idNumber": "H000AAAA00-AA00000001",
            "firstName": "Mayumi",
            "lastName": "Halimbawa",
        },
    )


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def data_url(data: bytes, mime_type: str = "image/jpeg") -> str:
    return f"data:{mime_type};base64,{base64_of(data)}"


@cache
def blank_picture(width: int = 400, height: int = 400, kind: str = "JPEG") -> bytes:
    """A picture that is valid and shows nothing."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, kind)
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG file whose header promises a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def document_request(front: bytes, **more: Any) -> dict[str, Any]:
    images = {"front": data_url(front), **more.pop("images", {})}
    return {"verificationType": "document", **more, "documentImages": images}
