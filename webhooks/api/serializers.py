"""What clients send and get back."""

from __future__ import annotations

from datetime import datetime

from rest_framework import serializers

from common import signing_secrets
from common.camel import CamelFields
from common.paging import PageForm
from tenants.models import Tenant
from verifications.api.fields import StrictFields, WebhookUrlField
from webhooks.models import DeliveryStatus, Source, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from webhooks.outbound.event_types import OFFERED, OUTCOMES

EVENT_TYPES = tuple(event.value for event in OFFERED)
DEFAULT_EVENTS = tuple(event.value for event in OUTCOMES)


class EndpointForm(CamelFields, StrictFields):
    """An endpoint to be made, or changes to one: then every field may be left out."""

    url = WebhookUrlField(look_up=True, help_text="https; a public host")
    description = serializers.CharField(required=False, max_length=200, allow_blank=True)
    events = serializers.ListField(
        source="event_types",
        child=serializers.ChoiceField(choices=EVENT_TYPES),
        required=False,
        allow_empty=False,
        max_length=len(EVENT_TYPES),
        help_text=f"default: {', '.join(DEFAULT_EVENTS)}",
    )
    include_result = serializers.BooleanField(
        source="includes_result",
        required=False,
        help_text="send the result, personal data included; default false",
    )


class EndpointOut(CamelFields):
    id = serializers.UUIDField()
    url = serializers.CharField()
    description = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField(), source="event_types")
    include_result = serializers.BooleanField(source="includes_result")
    enabled = serializers.BooleanField(source="is_enabled")
    disabled_reason = serializers.SerializerMethodField(method_name="get_disabled_reason")
    disabled_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(
        allow_null=True,
        help_text="when the first failure after the last success came",
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_disabled_reason(self, endpoint: WebhookEndpoint) -> str | None:
        return endpoint.disabled_reason or None


class SecretOut(CamelFields):
    """A signing secret, shown this once."""

    secret = serializers.SerializerMethodField(help_text="whsec_...")
    old_secret_valid_until = serializers.SerializerMethodField(
        method_name="get_old_secret_valid_until"
    )

    def get_secret(self, holder: WebhookEndpoint | Tenant) -> str:
        return signing_secrets.newest(_secrets(holder))

    def get_old_secret_valid_until(self, holder: WebhookEndpoint | Tenant) -> datetime | None:
        """Until then both sign; null if there is no old one."""
        return signing_secrets.old_valid_until(_secrets(holder))


class NewEndpointOut(EndpointOut):
    """An endpoint with its secret, which is shown this once."""

    secret = serializers.SerializerMethodField(help_text="whsec_...")

    def get_secret(self, endpoint: WebhookEndpoint) -> str:
        return signing_secrets.newest(endpoint.secrets)


class EndpointListOut(CamelFields):
    endpoints = EndpointOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    total_pages = serializers.IntegerField()


class DeliveryOut(CamelFields):
    id = serializers.UUIDField()
    event_id = serializers.UUIDField(source="message_id", help_text="the header webhook-id")
    event_type = serializers.CharField()
    verification_id = serializers.UUIDField(allow_null=True)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field has one itself
        choices=Source.choices, help_text="what named the address: an endpoint, or webhookUrl"
    )
    endpoint_id = serializers.UUIDField(allow_null=True)
    url = serializers.CharField()
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    attempts = serializers.IntegerField(help_text="since it was queued or redelivered")
    next_attempt_at = serializers.SerializerMethodField(method_name="get_next_attempt_at")
    last_status_code = serializers.IntegerField(allow_null=True)
    last_error = serializers.SerializerMethodField(method_name="get_last_error")
    delivered_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def get_next_attempt_at(self, delivery: WebhookDelivery) -> datetime | None:
        is_pending = delivery.status == DeliveryStatus.PENDING
        return delivery.next_attempt_at if is_pending else None

    def get_last_error(self, delivery: WebhookDelivery) -> str | None:
        return delivery.last_error or None


class AttemptOut(CamelFields):
    started_at = serializers.DateTimeField()
    duration_ms = serializers.IntegerField()
    status_code = serializers.IntegerField(allow_null=True)
    error = serializers.SerializerMethodField()
    answer = serializers.CharField(
        allow_null=True, help_text="the beginning of what the receiver answered, masked"
    )

    def get_error(self, attempt: WebhookAttempt) -> str | None:
        return attempt.error or None


class DeliveryDetailOut(DeliveryOut):
    """A delivery with every attempt, oldest first."""

    attempt_log = AttemptOut(many=True, source="attempt_rows.all")


class DeliveryListOut(CamelFields):
    deliveries = DeliveryOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    total_pages = serializers.IntegerField()


class DeliveryListForm(CamelFields, PageForm):
    """Paging and filters."""

    status = serializers.ChoiceField(choices=DeliveryStatus.choices, required=False)
    endpoint_id = serializers.UUIDField(required=False)
    verification_id = serializers.UUIDField(required=False)
    event_type = serializers.CharField(required=False)


def _secrets(holder: WebhookEndpoint | Tenant) -> signing_secrets.Secrets:
    secrets: signing_secrets.Secrets = (
        holder.webhook_secrets if isinstance(holder, Tenant) else holder.secrets
    )
    return secrets
