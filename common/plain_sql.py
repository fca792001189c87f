"""INSERT and UPDATE of known rows, for what happens many times a second.

A queryset builds its query anew for every statement, which costs ten times what sending it does.
Here the text is made once for each set of columns. Nothing else happens: no signals are sent, and
`auto_now` fields change only where they are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field, Model
from django.db.models.expressions import Combinable
from django.db.models.sql import Query


class Computed:
    """A value the database computes, such as its own clock; it must not name a column."""

    def __init__(self, expression: Combinable) -> None:
        self._expression = expression
        self._compiled: dict[str, tuple[str, tuple[Any, ...]]] = {}

    def compiled(self) -> tuple[str, tuple[Any, ...]]:
        """SQL and its parameters, for the database in use."""
        vendor = connection.vendor
        if vendor not in self._compiled:
            query = Query(None)
            compiler = query.get_compiler(connection=connection)
            text, values = compiler.compile(cast("Any", self._expression).resolve_expression(query))
            self._compiled[vendor] = text, tuple(values)
        return self._compiled[vendor]


def insert(*rows: Model) -> None:
    """Insert rows of one model, whose keys are set already."""
    _write(rows, _insert_text)


def insert_or_replace(*rows: Model) -> None:
    """Write rows of one model as they stand, whether they are in the database or not."""
    _write(rows, _insert_or_replace_text)


def _write(rows: Sequence[Model], text: Callable[[type[Model], int], str]) -> None:
    if not rows:
        return
    model = type(rows[0])
    # Itself, as each look through Django's proxy for it costs more than preparing a value.
    database = connections[DEFAULT_DB_ALIAS]
    fields = model._meta.concrete_fields
    values = [value for row in rows for value in _values(row, fields, database)]
    with database.cursor() as cursor:
        cursor.execute(text(model, len(rows)), values)
    for row in rows:
        _note_stored(row)


def _values(row: Model, fields: Sequence[Field[Any, Any]], database: Any) -> list[Any]:
    adding = row._state.adding
    return [field.get_db_prep_save(field.pre_save(row, adding), database) for field in fields]


def _note_stored(row: Model) -> None:
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


def insert_numbered(row: Model, number: str, within: str) -> None:
    """Insert a row with the next `number`, 1 being the first, of those that share `within`.

    The caller holds a lock that everybody takes who inserts one of these. `number` of the row is
    read from the database, and set.
    """
    database = connections[DEFAULT_DB_ALIAS]
    fields = [field for field in row._meta.concrete_fields if field.name != number]
    values = _values(row, fields, database)
    shared = values[fields.index(_field(type(row), within))]
    with database.cursor() as cursor:
        cursor.execute(_insert_numbered_text(type(row), number, within), [*values, shared])
        setattr(row, number, cursor.fetchone()[0])
    _note_stored(row)


def update(model: type[Model], where: Mapping[str, Any], **changes: Any) -> int:
    """Change the rows that have these values; how many there were.

    where: a value for a field, or a tuple of those it may have.
    """
    assignments, values = _assignments(model, changes)
    conditions = []
    for name, value in where.items():
        wanted = value if isinstance(value, tuple) else (value,)
        if not wanted:
            return 0
        conditions.append((name, len(wanted)))
        values += [_prepared(_field(model, name), one) for one in wanted]
    with connection.cursor() as cursor:
        cursor.execute(_update_text(model, assignments, tuple(conditions)), values)
        return int(cursor.rowcount)


def _assignments(
    model: type[Model], changes: Mapping[str, Any]
) -> tuple[tuple[tuple[str, str], ...], list[Any]]:
    """Fields with the SQL of what they become, and its parameters."""
    texts: list[tuple[str, str]] = []
    values: list[Any] = []
    for name, value in changes.items():
        if isinstance(value, Computed):
            text, parameters = value.compiled()
            texts.append((name, text))
            values += parameters
        else:
            texts.append((name, "%s"))
            values.append(_prepared(_field(model, name), value))
    return tuple(texts), values


def save(row: Model, *names: str) -> None:
    """Write these fields of a row as they stand."""
    update(type(row), {"pk": row.pk}, **{name: getattr(row, name) for name in names})


@lru_cache(maxsize=256)
def _insert_text(model: type[Model], count: int) -> str:
    fields = model._meta.concrete_fields
    columns = ", ".join(_quoted(field.column) for field in fields)
    one = f"({', '.join(['%s'] * len(fields))})"
    table = _quoted(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([one] * count)}"  # noqa: S608  # names of models alone


@lru_cache(maxsize=256)
def _insert_or_replace_text(model: type[Model], count: int) -> str:
    key = _quoted(_field(model, "pk").column)
    columns = [_quoted(field.column) for field in model._meta.concrete_fields]
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns if column != key)
    return f"{_insert_text(model, count)} ON CONFLICT ({key}) DO UPDATE SET {changes}"


@lru_cache(maxsize=16)
def _insert_numbered_text(model: type[Model], number: str, within: str) -> str:
    table, counted = _quoted(model._meta.db_table), _column(model, number)
    others = [_quoted(one.column) for one in model._meta.concrete_fields if one.name != number]
    return (
        f"INSERT INTO {table} ({', '.join(others)}, {counted}) "  # noqa: S608  # names of models alone
        f"SELECT {', '.join(['%s'] * len(others))}, COALESCE(MAX({counted}), 0) + 1 "
        f"FROM {table} WHERE {_column(model, within)} = %s RETURNING {counted}"
    )


@lru_cache(maxsize=256)
def _update_text(
    model: type[Model], changes: tuple[tuple[str, str], ...], where: tuple[tuple[str, int], ...]
) -> str:
    assignments = ", ".join(f"{_column(model, name)} = {text}" for name, text in changes)
    conditions = " AND ".join(
        f"{_column(model, name)} IN ({', '.join(['%s'] * count)})" for name, count in where
    )
    return f"UPDATE {_quoted(model._meta.db_table)} SET {assignments} WHERE {conditions}"  # noqa: S608  # names of models alone


@lru_cache(maxsize=1024)
def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return cast("Field[Any, Any]", field)


def _column(model: type[Model], name: str) -> str:
    return _quoted(_field(model, name).column)


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


def _prepared(field: Field[Any, Any], value: Any) -> Any:
    """As the database wants it; a related row stands for its key."""
    return field.get_db_prep_save(value.pk if isinstance(value, Model) else value, connection)
