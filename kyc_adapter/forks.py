"""What a forked process must not share with its parent."""

from __future__ import annotations

import os

from django.db import connections

_guarded = False


def guard() -> None:
    """From now on a forked process forgets what it inherited."""
    global _guarded
    if not _guarded:
        os.register_at_fork(after_in_child=forget_inherited_connections)
        _guarded = True


def are_guarded() -> bool:
    return _guarded


def forget_inherited_connections() -> None:
    """Django-Q forks; a connection pool used by two processes mixes up their answers.

    The parent's pool is dropped from the child's memory without closing its sockets, which the
    parent still uses.
    """
    for connection in connections.all(initialized_only=True):
        pools = getattr(type(connection), "_connection_pools", None)
        if pools:
            pools.clear()
        connection.connection = None
