"""Many rows, or many values, in a statement whose text does not depend on how many there are.

With a parameter per value the driver parses a new text for every batch, and PostgreSQL plans it anew. There, all rows
are one parameter instead, as JSON. SQLite runs in this process and needs no such thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Row,
    String,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY


def insert_all(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], returning: tuple[str, ...] = ()
) -> Sequence[Row[Any]]:
    """Insert rows that name the same columns, in the order given; what is returned may come in any order."""
    if not rows:
        return []
    if connection.dialect.name == "sqlite":
        done = connection.execute(_returning(insert(table), table, returning), rows)
    else:
        done = connection.execute(_from_json(table, tuple(rows[0]), returning), {"rows": orjson.dumps(rows).decode()})
    return done.all() if returning else []


def one_of(dialect: Dialect, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether the column has one of these values."""
    if dialect.name == "sqlite":
        listed = func.json_each(orjson.dumps(values).decode()).table_valued("value")
        return column.in_(select(listed.c.value))
    # Never an array of VARCHAR(n): a cast to that cuts longer texts off, and they would be found.
    return column == any_(literal(values, ARRAY(Text() if isinstance(column.type, String) else column.type)))


@cache
def _from_json(table: Table, names: tuple[str, ...], returning: tuple[str, ...]) -> Any:
    given = cast(bindparam("rows", type_=Text()), JSON)
    read = func.json_populate_recordset(literal_column(f"NULL::{table.name}"), given)
    found = read.table_valued(*(Column(name, table.c[name].type) for name in names))
    return _returning(insert(table).from_select(names, select(*found.c)), table, returning)


def _returning(statement: Insert, table: Table, names: tuple[str, ...]) -> Any:
    return statement.returning(*(table.c[name] for name in names)) if names else statement
