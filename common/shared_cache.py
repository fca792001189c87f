"""Redis as Django's cache, with one set of connections for all threads of a process.

Django gives each thread a cache of its own, and each of these its own connections: a worker whose
threads live for one time slice would connect for almost every read.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class _SharedClient(RedisCacheClient):
    _pools_of_process: ClassVar[dict[tuple[str, ...], dict[int, Any]]] = {}

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        # A dict of redis-py's pools, which are safe for threads, and connect anew after a fork.
        self._pools = self._pools_of_process.setdefault(tuple(servers), {})
        self._client_kept: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """The same each time, where Django makes one for each call: there is only one server."""
        if self._client_kept is None:
            self._client_kept = super().get_client(key, write=write)
        return self._client_kept


class SharedRedisCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _SharedClient
