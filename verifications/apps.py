from django.apps import AppConfig


class VerificationsConfig(AppConfig):
    """The life of one verification."""

    name = "verifications"
