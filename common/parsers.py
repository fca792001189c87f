"""Request bodies, read up to the size this service accepts."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

from common import wire_json
from common.problems import Problem


def body_too_large() -> Problem:
    megabytes = settings.MAX_BODY_BYTES // 1024**2
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"The request body is larger than {megabytes} MB",
        suggested_action="Send smaller pictures: 10 MB each at most",
    )


class SizedJSONParser(JSONParser):
    """JSON in UTF-8, up to MAX_BODY_MB; too much is 413."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(settings.MAX_BODY_BYTES + 1)
        if len(body) > settings.MAX_BODY_BYTES:
            raise body_too_large()
        try:
            return wire_json.loads_strictly(body.decode())
        except ValueError as error:
            raise ParseError(f"JSON parse error - {_reason(error)}") from None


def _reason(error: ValueError) -> str:
    """UnicodeDecodeError is told in our words, because its own hold a piece of the body."""
    return "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


class SizedMultiPartParser(MultiPartParser):
    """Multipart up to MAX_BODY_MB by its Content-Length, which multipart needs anyway."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY_BYTES:
            raise body_too_large()
        return super().parse(stream, media_type, parser_context)
