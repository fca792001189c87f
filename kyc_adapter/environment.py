"""Reads settings from the environment (or a `.env` file), and remembers what it could not use.

Nothing is raised here: a process whose settings cannot be loaded could only end in a traceback.
`problems` holds what was wrong, the default takes its place, and `kyc_adapter.checks` stops the
start with everything that was found.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from redis.backoff import NoBackoff
from redis.retry import Retry

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})
CACHE_TIMEOUT_SECONDS = 0.25
DATABASE_SCHEMES = frozenset({"postgres", "postgresql", "psql", "pgsql", "sqlite"})
DATABASE_HINT = (
    "Set postgres://user:password@host:5432/name, sqlite:////path/file.sqlite3, or nothing"
)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A value that was not taken. message: what is wrong. hint: what to set instead."""

    message: str
    hint: str


class Environment:
    """Settings by name. An empty value means unset; a value that cannot be used is replaced by
    the default and noted in `problems`.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[Unusable] = []

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, "").strip() or default

    def words(self, name: str, default: str = "") -> list[str]:
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def origins(self, name: str, default: str) -> list[str]:
        """Origins as browsers send them: scheme, host, maybe a port, and no path."""
        given = self.words(name, default)
        wrong = [origin for origin in given if not _is_origin(origin)]
        if wrong:
            self._refuse(
                f"{name} holds {', '.join(wrong)}",
                "Set origins such as https://app.example.com, separated by commas, without a path",
            )
            return []
        return given

    def choice(self, name: str, default: str, *allowed: str) -> str:
        given = self.text(name, default)
        if given not in allowed:
            self._refuse(f"{name} is {given!r}", f"Set {' or '.join(allowed)}")
            return default
        return given

    def boolean(self, name: str, default: bool) -> bool:
        given = self.text(name, str(default)).lower()
        if given not in YES | NO:
            self._refuse(f"{name} is {given!r}", "Set true or false")
            return default
        return given in YES

    def number(self, name: str, default: float, *, least: float) -> float:
        given = self.text(name, str(default))
        value = _number(given)
        if value is None or value < least:
            self._refuse(f"{name} is {given!r}", f"Set a number, at least {least}")
            return default
        return value

    def whole(self, name: str, default: int, *, least: int) -> int:
        given = self.text(name, str(default))
        if not given.isdecimal() or int(given) < least:
            self._refuse(f"{name} is {given!r}", f"Set a whole number, at least {least}")
            return default
        return int(given)

    def numbers(self, name: str, default: str) -> list[float]:
        """Numbers separated by commas, none below 0."""
        values = [_number(word) for word in self.words(name, default)]
        usable = [value for value in values if value is not None and value >= 0]
        if len(usable) < len(values):
            given = self.text(name)
            self._refuse(f"{name} is {given!r}", "Set numbers separated by commas, none below 0")
            return [float(word) for word in default.split(",")]
        return usable

    def address(self, name: str, *schemes: str) -> str:
        """An address with one of the schemes. It may hold a password, so it is never repeated."""
        given = self.text(name)
        if given and not _is_address(given, schemes):
            self._refuse(f"{name} is not an address", f"Set {schemes[0]}://host, or nothing")
            return ""
        return given

    def database(
        self, name: str, default: str, *, pool_size: int, keeps_prepared: bool
    ) -> dict[str, Any]:
        """Django's settings for one database, with what each engine needs to bear our load.

        pool_size, keeps_prepared: PostgreSQL's connections, and whether they remember statements.
        """
        try:
            return _database(self.text(name, default), pool_size, keeps_prepared)
        except (ValueError, OSError) as error:
            # Of the value itself nothing is repeated: it holds a password.
            what = f": {error.strerror}" if isinstance(error, OSError) else ""
            self._refuse(f"{name} cannot be used{what}", DATABASE_HINT)
            return _database("sqlite://:memory:", pool_size, keeps_prepared)

    def _refuse(self, message: str, hint: str) -> None:
        self.problems.append(Unusable(message, hint))


def encryption_keys(values: list[str]) -> list[bytes]:
    """Keys that are 32 bytes in base64; malformed ones are dropped here and reported by a check."""
    keys = []
    for value in values:
        try:
            key = base64.urlsafe_b64decode(value)
        except (binascii.Error, ValueError):
            continue
        if len(key) == 32:
            keys.append(key)
    return keys


def _number(given: str) -> float | None:
    """None for what is no number; `nan` and `inf` are none either."""
    try:
        value = float(given)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _is_address(given: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(given)
        port = parts.port  # raises if it is none
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and port != 0


def _is_origin(given: str) -> bool:
    return _is_address(given, ("https", "http")) and given.count("/") == 2


def _database(url: str, pool_size: int, keeps_prepared: bool) -> dict[str, Any]:
    """Raises ValueError if the address is not understood, OSError if SQLite has no place there."""
    if url.partition("://")[0] not in DATABASE_SCHEMES:
        raise ValueError("unknown kind of database")
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if "sqlite" in config["ENGINE"]:
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        # Without IMMEDIATE most concurrent read-then-write transactions fail at once.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif not config["NAME"]:
        raise ValueError("no database is named")
    else:
        config["CONN_MAX_AGE"] = 0
        config["OPTIONS"] = {"pool": {"min_size": 1, "max_size": pool_size, "timeout": 5}}
        if keeps_prepared:
            # Only a statement whose values travel beside it is the same statement the next time.
            config["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 5}
    return config


def cache(redis_url: str) -> dict[str, Any]:
    """Django's settings for one cache; without Redis each process has its own."""
    if not redis_url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "common.shared_cache.SharedRedisCache",
        "LOCATION": redis_url,
        "OPTIONS": {
            # Who asks the cache can do without it, and must not wait for it.
            "socket_timeout": CACHE_TIMEOUT_SECONDS,
            "socket_connect_timeout": CACHE_TIMEOUT_SECONDS,
            # On a new connection: the kept one may have died with an earlier Redis.
            "retry": Retry(NoBackoff(), 1),
        },
    }
