"""The addresses of sockets; `kyc_adapter.asgi` serves them."""

from __future__ import annotations

from typing import Any

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.urls import path, re_path

from verifications.sockets.consumer import VerificationConsumer
from verifications.sockets.handshake import KnownOrigins


def sockets() -> Any:
    """The ASGI application for everything under `/ws/`; other addresses are refused (403)."""
    consumer = VerificationConsumer.as_asgi()
    routes = URLRouter(
        [
            path("ws/verifications", consumer),
            path("ws/verifications/<str:verification_id>", consumer),
            re_path("", WebsocketDenier.as_asgi()),
        ]
    )
    return KnownOrigins(routes, settings.WEBSOCKET_ORIGINS)
