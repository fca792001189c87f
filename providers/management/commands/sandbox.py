"""`manage.py sandbox`: the vendors' APIs imitated on this machine (docs/sandbox.md)."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Runs until SIGTERM or Ctrl-C."""

    help = "Serve the sandbox: IDMeta's and Regula's APIs, imitated."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=9100)
        parser.add_argument(
            "--picture",
            action="append",
            default=[],
            type=Path,
            help="read this picture at the start, so that it is answered at once; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from providers.sandbox.server import sandbox_server
        except ImportError as error:
            raise CommandError(
                f"The sandbox needs its own packages: pip install -r requirements-sandbox.txt "
                f"({error})"
            ) from error
        host = options["host"]
        try:
            pictures = [path.read_bytes() for path in options["picture"]]
        except OSError as error:
            raise CommandError(f"A picture cannot be read: {error}") from None
        server = sandbox_server(host, options["port"], pictures=pictures)

        def stop(*_: object) -> None:
            threading.Thread(target=server.shutdown).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        self.stdout.write(f"Sandbox ready on http://{host}:{server.server_port}")
        self.stdout.flush()
        server.serve_forever()
        server.server_close()
