"""Fields of requests: pictures, and objects that refuse keys nobody knows."""

from __future__ import annotations

import binascii
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.images import ImageRefused, inspect_image
from common.outgoing_urls import LONGEST_URL, UrlRefused, check_url
from verifications.evidence_store import Picture

DATA_URL = "data:"


@extend_schema_field(
    {
        "type": "string",
        "format": "byte",
        "description": "JPEG, PNG or WebP in base64, plain or as a data URL; at most 10 MB, "
        "at least 300 px on the shorter side. The bytes decide the type.",
    }
)
class Base64ImageField(serializers.Field[Picture, str, str, Any]):
    """A picture in base64.

    Not a CharField: its check for surrogates walks the text in Python, which costs ten times the
    decoding.
    """

    default_error_messages = {
        "not_text": "must be a text: a picture in base64",
        "not_base64": "must be a picture in base64, plain or as data:image/jpeg;base64,...",
    }

    def to_internal_value(self, data: Any) -> Picture:
        if not isinstance(data, str):
            self.fail("not_text")
        return picture(self._decoded(data))

    def to_representation(self, value: Picture) -> str:
        raise TypeError("Pictures are never sent back")

    def _decoded(self, text: str) -> bytes:
        if text.startswith(DATA_URL):
            header, comma, text = text.partition(",")
            if not comma or not header.endswith(";base64"):
                self.fail("not_base64")
        if "\n" in text or "\r" in text:
            text = text.replace("\r", "").replace("\n", "")
        try:
            return binascii.a2b_base64(text, strict_mode=True)
        except (binascii.Error, ValueError):
            self.fail("not_base64")


class TemplateField(serializers.CharField):
    """Our id of a template or the vendor's, which may come as a number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 200},
        "description": "The fields GET /id-types names for the type, and what else is known of the "
        "person: firstName, middleName, lastName, suffix, dateOfBirth (YYYY-MM-DD), gender. A name "
        "is compared with the one in the registry's record.",
    }
)
class PersonField(serializers.DictField):
    """The free fields of an ID check; the service knows which of them there are."""

    child = serializers.CharField(max_length=200)


@extend_schema_field({"type": "string", "format": "uri", "maxLength": LONGEST_URL})
class WebhookUrlField(serializers.CharField):
    """An address that this service may call; https is added where the scheme is left out.

    look_up: also ask the resolver, which may take a while.
    """

    def __init__(self, *, look_up: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._look_up = look_up

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        url = text if "://" in text else f"https://{text}"
        try:
            check_url(url, look_up=self._look_up)
        except UrlRefused as refusal:
            raise serializers.ValidationError(str(refusal), code="invalid_url") from None
        return url


def picture(data: bytes) -> Picture:
    """A checked picture. Raises ValidationError with the reason."""
    try:
        return Picture(data, inspect_image(data))
    except ImageRefused as refusal:
        raise serializers.ValidationError(str(refusal), code=refusal.code) from None


class StrictFields(serializers.Serializer[Any]):
    """Refuses keys it does not know, so that a misspelt option is noticed."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise serializers.ValidationError(
                    {name: [f"property {name} should not exist"] for name in unknown}
                )
        return super().to_internal_value(data)
