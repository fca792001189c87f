"""Work the queues: `manage.py worker`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django_q.tasks import async_task

from kyc_adapter import wiring
from kyc_adapter.checks import SETTINGS_TAG
from kyc_adapter.worker.queues import all_queues
from kyc_adapter.worker.supervisor import Supervisor

SWEEP = "verifications.tasks.sweep"


class Command(BaseCommand):
    help = (
        "Start a Django-Q cluster for each queue, and start one again that dies or falls silent. "
        "SIGTERM and Ctrl-C let running steps finish; a second signal ends them."
    )

    requires_system_checks = (SETTINGS_TAG,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--queue",
            action="append",
            choices=[queue.name for queue in all_queues()],
            help="only this queue; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["queue"]
        queues = [queue for queue in all_queues() if not wanted or queue.name in wanted]
        Supervisor(queues, wiring.due_sources(), lambda: async_task(SWEEP)).run()
