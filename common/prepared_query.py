"""Querysets for what every request reads: the text of the query is made once.

Django makes it anew each time, which costs more than sending it and taking in the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar, cast

from django.db import connection
from django.db.models import Field, Model, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=Model)


class PreparedQuery(Generic[M]):
    """The rows of a queryset that have a value in further fields, whose values come later.

    rows: with `select_related`, `filter`, `defer` and an order; nothing else was tried.
    """

    def __init__(self, rows: QuerySet[M], *by: str) -> None:
        self._rows = rows
        self._by = by
        self._fields = [cast("Field[Any, Any]", rows.model._meta.get_field(name)) for name in by]
        self._statement: _Statement | None = None

    def rows_of(self, *values: Any) -> list[M]:
        """values: in the order of the fields; for a foreign key, the key."""
        if self._statement is None:
            self._statement = _Statement(self._filtered(values), len(values))
        wanted = [
            field.get_db_prep_value(value, connection)
            for field, value in zip(self._fields, values, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._statement.text, [*self._statement.constants, *wanted])
            return [self._statement.object_of(row) for row in cursor.fetchall()]

    def _filtered(self, values: Sequence[Any]) -> QuerySet[M]:
        """One after the other: a filter for all at once sorts them by name."""
        rows = self._rows
        for name, value in zip(self._by, values, strict=True):
            rows = rows.filter(**{name: value})
        return rows


class _Statement:
    """A query, and how its rows become objects: as `ModelIterable` of Django makes them.

    constants: the values of what is filtered for, but for the last ones, which come later.
    """

    def __init__(self, rows: QuerySet[Any], later: int) -> None:
        compiler = rows.query.get_compiler(connection=connection)
        self.text, values = compiler.as_sql()
        self.constants = values[:-later]
        columns = compiler.select
        own = compiler.klass_info["select_fields"]
        self._own = slice(own[0], own[-1] + 1)
        self._names = [column[0].target.attname for column in columns[self._own]]
        self._model = rows.model
        self._related = get_related_populators(  # type: ignore[call-arg]  # the stubs know a later one
            compiler.klass_info, columns, connection.alias
        )
        self._converters = list(compiler.get_converters(column[0] for column in columns).items())

    def object_of(self, found: Iterable[Any]) -> Any:
        row = list(found)
        for place, (converters, expression) in self._converters:
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        made = self._model.from_db(connection.alias, self._names, row[self._own])
        for related in self._related:
            related.populate(row, made)
        return made
