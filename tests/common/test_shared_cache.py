"""Redis as the cache: the threads of a process share its connections."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.core.cache import CacheHandler

ONE, OTHER = "redis://127.0.0.1:1/0", "redis://127.0.0.1:1/1"


def handler_of(url):
    backend = {"BACKEND": "common.shared_cache.SharedRedisCache", "LOCATION": url}
    return CacheHandler({"default": backend})


def pool_in_a_new_thread(handler):
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(
            lambda: handler["default"]._cache.get_client(write=True).connection_pool
        ).result()


def test_a_thread_keeps_its_client():
    cache = handler_of(ONE)["default"]._cache

    assert cache.get_client("a") is cache.get_client("b", write=True)


def test_threads_share_connections():
    handler = handler_of(ONE)

    assert pool_in_a_new_thread(handler) is pool_in_a_new_thread(handler)


def test_servers_do_not():
    assert pool_in_a_new_thread(handler_of(ONE)) is not pool_in_a_new_thread(handler_of(OTHER))
