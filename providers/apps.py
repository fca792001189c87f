from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """The vendor boundary."""

    name = "providers"
