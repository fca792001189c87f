from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Who may call, and with which provider."""

    name = "tenants"
