"""What clients send."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers

from common.camel import CamelFields, FixedFields
from common.paging import PageForm
from common.wire_json import loads_strictly
from providers.id_types import ID_NUMBER
from providers.types import ImageRole
from tenants.authentication import Principal
from tenants.models import Mode
from verifications.api.fields import (
    Base64ImageField,
    PersonField,
    StrictFields,
    TemplateField,
    WebhookUrlField,
    picture,
)
from verifications.evidence_store import Picture
from verifications.expectations import KEYS as EXPECTATIONS
from verifications.models import Status, VerificationType
from verifications.requests import DEFAULT_EXPIRES_IN, NewVerification

DOCUMENT_TYPES = ("passport", "drivers_license", "id_card", "visa", "residence_permit", "other")
# http or https, or no scheme at all; a host with a top-level domain. As clients know it.
URL = re.compile(
    r"(https?://)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(:\d{1,5})?([/?#]\S*)?", re.IGNORECASE
)
UNSET_TEXTS = ("", "string")


class UrlField(serializers.CharField):
    """An address; https is added where the scheme is left out."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not URL.fullmatch(text):
            raise serializers.ValidationError("must be a URL address", code="invalid_url")
        return text if "://" in text else f"https://{text}"


class ImagesForm(CamelFields, StrictFields):
    front = Base64ImageField()
    back = Base64ImageField(required=False)
    selfie = Base64ImageField(required=False)
    additional = Base64ImageField(required=False)


class LocationForm(CamelFields):
    latitude = serializers.FloatField(required=False, min_value=-90, max_value=90)
    longitude = serializers.FloatField(required=False, min_value=-180, max_value=180)


class DeviceForm(CamelFields):
    type = serializers.ChoiceField(choices=["mobile", "tablet", "desktop", "other"], required=False)


class KnownMetadataForm(CamelFields):
    """The keys of metadata whose form is agreed; any other key is the tenant's own."""

    ip_address = serializers.IPAddressField(required=False)
    location = LocationForm(required=False)
    device = DeviceForm(required=False)
    referrer = UrlField(required=False)
    initiated_at = serializers.DateTimeField(required=False)
    custom = serializers.DictField(required=False)


class MetadataField(serializers.DictField):
    """A free object; the agreed keys are checked, and kept as they were sent."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        metadata: dict[str, Any] = super().to_internal_value(data)
        KnownMetadataForm(data=metadata).is_valid(raise_exception=True)
        return metadata


class UserDataForm(CamelFields, StrictFields):
    """What the tenant knows about the person; used by steps that need a name (watchlists)."""

    first_name = serializers.CharField(required=False, max_length=200)
    middle_name = serializers.CharField(required=False, max_length=200)
    last_name = serializers.CharField(required=False, max_length=200)
    suffix = serializers.CharField(required=False, max_length=20)
    date_of_birth = serializers.RegexField(r"^\d{4}-\d{2}-\d{2}$", required=False)
    gender = serializers.ChoiceField(choices=["male", "female", "any"], required=False)


class SelfieForm(CamelFields, StrictFields):
    selfie = Base64ImageField(required=False)


class VerificationForm(FixedFields, StrictFields):
    """`POST /verifications`."""

    verification_type = serializers.ChoiceField(choices=VerificationType.choices)
    account_id = serializers.UUIDField(required=False)
    document_images = ImagesForm(required=False)
    allowed_document_types = serializers.ListField(
        child=serializers.ChoiceField(choices=DOCUMENT_TYPES), required=False
    )
    expected_countries = serializers.ListField(
        child=serializers.CharField(max_length=50), required=False
    )
    callback_url = WebhookUrlField(required=False)
    webhook_url = WebhookUrlField(required=False)
    expires_in = serializers.IntegerField(
        required=False, min_value=300, max_value=86400, default=DEFAULT_EXPIRES_IN
    )
    require_liveness = serializers.BooleanField(required=False)
    require_address_verification = serializers.BooleanField(required=False)
    minimum_confidence = serializers.FloatField(required=False, min_value=0, max_value=100)
    processing_method = serializers.ChoiceField(choices=["direct", "external_link"], required=False)
    template_id = TemplateField(required=False)
    user_data = UserDataForm(required=False)
    metadata = MetadataField(required=False)
    custom_properties = serializers.DictField(required=False)

    def request(self, principal: Principal) -> NewVerification:
        """What the service takes. Metadata also holds the options, as clients know it."""
        data = self.validated_data
        expectations = {
            name: data[snake] for name, snake in _expectation_names().items() if snake in data
        }
        metadata = {
            **expectations,
            **data.get("metadata", {}),
            **data.get("custom_properties", {}),
        }
        if "processing_method" in data:
            metadata["processingMethod"] = data["processing_method"]
        return NewVerification(
            tenant=principal.tenant,
            mode=Mode(principal.key.mode),
            verification_type=VerificationType(data["verification_type"]),
            pictures={
                ImageRole(role): image for role, image in data.get("document_images", {}).items()
            },
            account_id=data.get("account_id"),
            template=data.get("template_id"),
            expectations=expectations,
            metadata=metadata,
            subject=_camel_keys(UserDataForm(), data.get("user_data", {})),
            webhook_url=data.get("webhook_url") or data.get("callback_url") or "",
            expires_in=data["expires_in"],
        )


class IdCheckForm(FixedFields, StrictFields):
    """`POST /verifications/verify-by-id`; what a type needs is for the service to judge."""

    verification_type = serializers.CharField(
        max_length=50, help_text="the code of an ID type, as in GET /id-types"
    )
    id_number = serializers.CharField(
        required=False, max_length=100, help_text="left out where the type is searched without one"
    )
    user_data = PersonField(required=False)
    document_images = SelfieForm(required=False)
    account_id = serializers.UUIDField(required=False)
    callback_url = WebhookUrlField(required=False)
    webhook_url = WebhookUrlField(required=False)
    expires_in = serializers.IntegerField(
        required=False, min_value=300, max_value=86400, default=DEFAULT_EXPIRES_IN
    )
    template_id = TemplateField(required=False)
    liveness_token = serializers.CharField(
        required=False, max_length=2000, help_text="of POST /liveness-sessions; its template counts"
    )
    metadata = MetadataField(required=False)

    def validate_verificationType(self, value: str) -> str:  # noqa: N802 named after the wire
        if value in VerificationType:
            raise serializers.ValidationError(f"send a {value} to POST /verifications")
        return value

    def request(self, principal: Principal) -> NewVerification:
        data = self.validated_data
        number = {ID_NUMBER: data["id_number"]} if "id_number" in data else {}
        return NewVerification(
            tenant=principal.tenant,
            mode=Mode(principal.key.mode),
            verification_type=data["verification_type"],
            pictures={
                ImageRole(role): image for role, image in data.get("document_images", {}).items()
            },
            account_id=data.get("account_id"),
            template=data.get("template_id"),
            metadata=data.get("metadata", {}),
            subject={**data.get("user_data", {}), **number},
            webhook_url=data.get("webhook_url") or data.get("callback_url") or "",
            expires_in=data["expires_in"],
            liveness_token=data.get("liveness_token", ""),
        )


class UploadForm(CamelFields):
    """The text fields of `POST /verifications/upload`; unknown ones are ignored, as ever."""

    verification_type = serializers.ChoiceField(choices=VerificationType.choices)
    account_id = serializers.UUIDField(required=False)
    callback_url = WebhookUrlField(required=False)
    webhook_url = WebhookUrlField(required=False)
    template_id = TemplateField(required=False)
    metadata = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    front = serializers.FileField(required=False)
    back = serializers.FileField(required=False)
    selfie = serializers.FileField(required=False)
    additional = serializers.FileField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        uploads = {role: attrs[role.value] for role in ImageRole if role.value in attrs}
        if not uploads:
            raise serializers.ValidationError(
                {"front": ["at least one file is required: front, back, selfie or additional"]}
            )
        pictures: dict[ImageRole, Picture] = {}
        errors: dict[str, Any] = {}
        for role, upload in uploads.items():
            try:
                pictures[role] = picture(upload.read())
            except serializers.ValidationError as error:
                errors[role.value] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return {**attrs, "pictures": pictures, "uploads": uploads}

    def request(self, principal: Principal) -> NewVerification:
        data = self.validated_data
        return NewVerification(
            tenant=principal.tenant,
            mode=Mode(principal.key.mode),
            verification_type=VerificationType(data["verification_type"]),
            pictures=data["pictures"],
            account_id=data.get("account_id"),
            template=data.get("template_id"),
            metadata={**_lenient_metadata(data.get("metadata", "")), **self._upload_metadata()},
            webhook_url=data.get("webhook_url") or data.get("callback_url") or "",
        )

    def _upload_metadata(self) -> dict[str, Any]:
        pictures = self.validated_data["pictures"]
        return {
            "uploadMethod": "multipart",
            "uploadedFiles": [
                {
                    "fieldName": role.value,
                    "originalName": upload.name,
                    "size": len(pictures[role].data),
                    "width": pictures[role].facts.width,
                    "height": pictures[role].facts.height,
                    "mimeType": pictures[role].facts.mime_type,
                }
                for role, upload in self.validated_data["uploads"].items()
            ],
        }


class ListForm(CamelFields, PageForm):
    """Paging and filters. An unknown status simply finds nothing, as clients know it."""

    status = serializers.CharField(
        required=False, help_text=", ".join(status.value for status in Status)
    )
    verification_type = serializers.CharField(required=False)
    account_id = serializers.UUIDField(required=False)


def _expectation_names() -> dict[str, str]:
    """Wire name and field name of the request's thresholds."""
    return {name: re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in EXPECTATIONS}


def _camel_keys(form: serializers.Serializer[Any], data: dict[str, Any]) -> dict[str, str]:
    return {
        name: str(data[field.source]) for name, field in form.fields.items() if field.source in data
    }


def _lenient_metadata(text: str) -> dict[str, Any]:
    """Metadata that is not a JSON object does not fail; it is kept under its own key."""
    if text.strip() in UNSET_TEXTS:
        return {}
    try:
        parsed = loads_strictly(text)
    except ValueError:
        return {"invalidMetadata": text}
    return parsed if isinstance(parsed, dict) else {"invalidMetadata": text}
