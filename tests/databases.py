"""One migrated database, and a copy of it for every test process.

To migrate takes as long as dozens of tests. The process that hands out the tests has nothing to do
while the others collect them, so it does it then.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import blocking_manager_key

from tests.processes import wait_for


class Original:
    """A plugin of the process that hands out the tests."""

    def __init__(self, config: pytest.Config) -> None:
        self._may_use_databases = config.stash[blocking_manager_key].unblock
        self._made: Any = None

    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["original_database"] = original_name()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        with self._may_use_databases():
            self._made = setup_databases(verbosity=0, interactive=False, serialized_aliases=())
            release()
        is_made().touch()

    def pytest_unconfigure(self) -> None:
        if self._made:
            with self._may_use_databases():
                teardown_databases(self._made, verbosity=0)


def copy_for(process: str, original: str) -> None:
    """Make the test process's own, and use it from now on."""
    wait_for(is_made().exists, "The database is not migrated")
    use(original)
    connection.creation.clone_test_db(process, verbosity=0)
    use(connection.creation.get_test_db_clone_settings(process)["NAME"])


def destroy_copy() -> None:
    connection.creation.destroy_test_db(verbosity=0)


def is_made() -> Path:
    """A file that is there when the original is."""
    return Path(os.environ["TESTS_FOLDER"]) / "is-made"


def original_name() -> str:
    return str(connection.creation._get_test_db_name())


def use(name: str) -> None:
    release()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name


def release() -> None:
    """Nobody may be connected to a database while it is copied."""
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()
