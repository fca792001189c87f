"""SQLite as it is, where Django assumes an older one."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def allow_long_statements(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Let bulk writes use all the parameters that this SQLite takes, often 250,000.

    Django 5.2 splits them at 999, which makes the number of statements grow with that of rows.
    """
    if connection.vendor == "sqlite":
        limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = limit
