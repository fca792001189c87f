"""`manage.py sandbox`: the vendors' APIs imitated on this machine (docs/sandbox.md)."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Runs until SIGTERM or Ctrl-C."""

    help = "Serve the sandbox: IDMeta's and Regula's APIs, imitated."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9100)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from providers.sandbox.server import sandbox_server
        except ImportError as error:
            raise CommandError(
                f"The sandbox needs its own packages: pip install -r requirements-sandbox.txt "
                f"({error})"
            ) from error
        host = options["host"]
        server = sandbox_server(host, options["port"])

        def stop(*_: object) -> None:
            threading.Thread(target=server.shutdown).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        self.stdout.write(f"Sandbox ready on http://{host}:{server.server_port}")
        self.stdout.flush()
        server.serve_forever()
        server.server_close()
