"""Django's `flush` as the tests need it; Django calls it after every test that commits."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db import connections, transaction
from django_q.models import Schedule

from kyc_adapter.schedules import ensure_schedules

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
        statements = [f"DELETE FROM {table}" for table in tables]
        if connection.vendor == "postgresql":
            # Wait for transactions that still write, as TRUNCATE does; and all in one round trip.
            lock = f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE"
            statements = ["; ".join([lock, *statements])]
        with transaction.atomic(using=options["database"]), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            Schedule.objects.bulk_create(schedules())


@cache
def schedules() -> list[Schedule]:
    """The rows that a migrated database has."""
    ensure_schedules()
    made = list(Schedule.objects.all())
    Schedule.objects.all().delete()
    return made
