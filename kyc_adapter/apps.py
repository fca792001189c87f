from __future__ import annotations

import gc

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class KycAdapterConfig(AppConfig):
    """The composition root: checks, wiring, schedules."""

    name = "kyc_adapter"

    def ready(self) -> None:
        # Models can be imported only now. The two modules of checks register themselves.
        from kyc_adapter import checks, forks, queue_checks, schedules, wiring  # noqa: F401

        wiring.connect()
        forks.guard()
        # Once: Django tells each app of a migration, except those that have no models, as this one.
        queue = apps.get_app_config("django_q")
        post_migrate.connect(schedules.ensure_schedules, sender=queue)
        # What is imported stays: the collector need not look through it time and again.
        gc.freeze()
        gc.enable()
