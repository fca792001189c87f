"""Work that one socket starts and all sockets of the process share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any


def in_background(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task without the context of its starter, whose correlation id would be in its log lines."""
    return asyncio.create_task(work, context=Context())
