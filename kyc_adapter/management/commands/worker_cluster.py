"""Internal: the main process of one cluster."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from kyc_adapter.worker import inside


class Command(BaseCommand):
    help = "Internal: one Django-Q cluster, started and watched by `manage.py worker`."
    # The supervisor has run them.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not inside.run():
            sys.exit(1)
