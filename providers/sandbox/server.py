"""Serving the sandbox: one thread for each connection, the OCR engine loaded in the background."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from providers.sandbox.app import Application, create_app


class QuietRequestHandler(WSGIRequestHandler):
    """Writes no line for each request, and nothing of a connection that is gone."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def connection_dropped(
        self, error: BaseException, environ: Mapping[str, Any] | None = None
    ) -> None:
        """Also by a fault that resets it: no second request can come on it."""
        self.close_connection = True


def sandbox_server(
    host: str, port: int, app: Application | None = None, *, pictures: Sequence[bytes] = ()
) -> BaseWSGIServer:
    """A bound server, not yet serving: call `serve_forever()`, and `shutdown()` from elsewhere.

    Port 0 takes a free one (`server.server_port`). Exits with a message if the port is taken.
    pictures: read in the background at once, before anybody posts them.
    """
    app = app or create_app()
    prepare = app.sandbox.pages.prepare
    threading.Thread(target=prepare, args=(pictures,), daemon=True).start()
    return make_server(host, port, app, threaded=True, request_handler=QuietRequestHandler)
