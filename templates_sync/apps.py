from django.apps import AppConfig


class TemplatesSyncConfig(AppConfig):
    """The local copy of the vendors' templates and plans."""

    name = "templates_sync"
    verbose_name = "Templates and plans"
