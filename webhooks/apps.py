from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Calls out to tenants, and in from providers."""

    name = "webhooks"
