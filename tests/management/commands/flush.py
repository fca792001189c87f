"""Django's `flush` as the tests need it; Django calls it after every test that commits."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django_q.models import Schedule
from psycopg.errors import LockNotAvailable

from kyc_adapter.schedules import ensure_schedules
from tests.processes import wait_for

# Made by the migrations, changed by no test, and slow to make again.
LASTING = {ContentType._meta.db_table, Permission._meta.db_table}


class Command(flush.Command):
    """Deletes the few rows there are.

    Django's own truncates every table, which takes PostgreSQL longer than most tests take, and
    then makes every content type, permission and schedule anew, one by one.
    """

    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        names = connection.introspection.django_table_names()
        tables = [connection.ops.quote_name(name) for name in names if name not in LASTING]
        wait_for(lambda: is_flushed(connection, tables), "Somebody goes on writing")


def is_flushed(connection: BaseDatabaseWrapper, tables: list[str]) -> bool:
    """False while a server or worker that is shared by tests has a transaction.

    To wait for its locks, with some of ours taken already, could be waited for by it.
    """
    statements = [f"DELETE FROM {table}" for table in tables]
    if connection.vendor == "postgresql":
        lock = f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE NOWAIT"
        statements = ["; ".join([lock, *statements])]  # in one round trip
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            Schedule.objects.bulk_create(schedules())
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise
    return True


@cache
def schedules() -> list[Schedule]:
    """The rows that a migrated database has."""
    ensure_schedules()
    made = list(Schedule.objects.all())
    Schedule.objects.all().delete()
    return made
