"""Does a worker really take tasks? For health checks of containers, and for the demo."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_q.brokers import get_broker

from verifications.wake import wake_worker

LOOK_AGAIN_SECONDS = 0.1


class Command(BaseCommand):
    help = "Wake a worker and wait until it has taken the task; exit code 1 if none does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=float, default=10.0, help="seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        broker = get_broker()
        wake_worker()
        deadline = time.monotonic() + options["timeout"]
        while broker.queue_size():
            if time.monotonic() > deadline:
                raise CommandError("No worker takes tasks; start one with manage.py worker")
            time.sleep(LOOK_AGAIN_SECONDS)
