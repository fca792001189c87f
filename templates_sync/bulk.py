"""Writes rows of one table in one statement, however many they are."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection, models
from django.db.models.constants import OnConflict


def write(
    rows: Sequence[models.Model],
    *,
    unique_fields: Sequence[str] = (),
    update_fields: Sequence[str] = (),
) -> None:
    """Insert the rows; of one that is there already, by `unique_fields`, update `update_fields`.

    On PostgreSQL Django sends an array for each column. On SQLite it would send a parameter for
    each value and a statement for as many as one takes, so there the rows go as one JSON text.
    """
    if not rows:
        return
    if connection.vendor == "sqlite":
        _write_as_json(rows, unique_fields, update_fields)
        return
    type(rows[0])._default_manager.bulk_create(
        rows,
        update_conflicts=bool(unique_fields),
        unique_fields=unique_fields or None,
        update_fields=update_fields or None,
    )


def _write_as_json(
    rows: Sequence[models.Model], unique_fields: Sequence[str], update_fields: Sequence[str]
) -> None:
    """For values that JSON can hold once they are prepared for SQLite: no bytes, no decimals."""
    model, quote = rows[0]._meta, connection.ops.quote_name
    fields = model.concrete_fields
    column_of = {field.name: str(field.column) for field in fields}
    values = [
        [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
        for row in rows
    ]
    columns = ", ".join(map(quote, column_of.values()))
    read = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(fields)))
    on_conflict = connection.ops.on_conflict_suffix_sql(
        fields,
        OnConflict.UPDATE if unique_fields else None,
        [column_of[name] for name in update_fields],
        [column_of[name] for name in unique_fields],
    )
    # The names are the models', and the values travel beside the statement. Without "WHERE" SQLite
    # takes "ON CONFLICT" for the condition of a join.
    statement = f"""
        INSERT INTO {quote(model.db_table)} ({columns})
        SELECT {read} FROM json_each(%s) WHERE true {on_conflict}
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(values)])
