"""Request bodies, read up to the size this service accepts."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

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
    """JSON up to MAX_BODY_MB; too much is 413, too deep is 400."""

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
            return super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply") from None


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
