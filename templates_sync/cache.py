"""Rows read in requests, kept for five minutes or until the account is synced again.

Each account has a generation that every process can see without a query: a key in Redis, or
without Redis the time stamp of a file. A sync starts a new one, and what was kept under another
counts no more. Without a working cache everything is read from the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

log = structlog.get_logger("templates_sync.cache")

STAMPS = Path(settings.BASE_DIR) / "var" / "template-generations"
KEPT_SECONDS = 300
CACHE_TROUBLE = (OSError, RedisError)

T = TypeVar("T")


def remembered(account_id: UUID, name: str, read: Callable[[], T | None]) -> T | None:
    """What `read` answers, from the cache if it is there. None is not kept.

    The generation is looked up before the row is read, so that a row read just before a sync
    cannot be taken for one read after it.
    """
    key = _key(account_id, hashlib.sha256(name.encode()).hexdigest())
    try:
        generation, kept = _looked_up(account_id, key)
    except CACHE_TROUBLE as error:
        _warn(error)
        return read()
    if kept is not None and kept[0] == generation:
        return cast("T", kept[1])
    value = read()
    if value is not None:
        _keep(key, (generation, value))
    return value


def forget(account_id: UUID) -> None:
    """Start a new generation; call it after the commit. If it fails, five minutes do the rest."""
    try:
        if settings.REDIS_URL:
            cache.set(_key(account_id, "generation"), uuid4().hex, timeout=None)
        else:
            STAMPS.mkdir(parents=True, exist_ok=True)
            (STAMPS / str(account_id)).touch()
    except CACHE_TROUBLE as error:
        _warn(error)


def _looked_up(account_id: UUID, key: str) -> tuple[str, Any]:
    """The account's generation, and what is kept; with Redis in one round trip."""
    if not settings.REDIS_URL:
        return _generation_of_file(account_id), cache.get(key)
    generation_key = _key(account_id, "generation")
    found = cache.get_many([generation_key, key])
    generation = found.get(generation_key)
    if generation is None:
        generation = cache.get_or_set(generation_key, uuid4().hex, timeout=None)
    return str(generation), found.get(key)


def _generation_of_file(account_id: UUID) -> str:
    try:
        return str((STAMPS / str(account_id)).stat().st_mtime_ns)
    except FileNotFoundError:
        return "never synced on this machine"


def _keep(key: str, value: tuple[str, object]) -> None:
    try:
        cache.set(key, value, timeout=KEPT_SECONDS)
    except CACHE_TROUBLE as error:
        _warn(error)


def _key(account_id: UUID, name: str) -> str:
    return f"templates:{account_id}:{name}"


def _warn(error: Exception) -> None:
    log.warning("template_cache_unavailable", error_type=type(error).__name__)
