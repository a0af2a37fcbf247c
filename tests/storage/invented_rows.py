"""A row in every table, for tests of what must keep all of them. Nobody reads what it says."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine

Contents = dict[str, list[dict[str, Any]]]

VALUES: tuple[tuple[type[TypeEngine[Any]], object], ...] = (
    (JSON, {"甲": ["乙", 1]}),
    (Boolean, True),
    (DateTime, datetime(2026, 9, 1, 9, 0, 0, 123456, tzinfo=UTC)),
    (Date, date(2026, 9, 1)),
    (Float, 23.5),
    (LargeBinary, b"\x00\xff"),
    (String, "虚构"),
    (Integer, 1),
)


def fill(engine: Engine) -> Contents:
    """Put a row into every table that the database has, whatever its revision, and give all rows."""
    with engine.begin() as connection:
        for table in _tables(connection):
            connection.execute(insert(table).values({column.name: _value(column, table) for column in table.columns}))
    return contents(engine)


def contents(engine: Engine) -> Contents:
    """Every row of every table, as the database stores it."""
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in _tables(connection)
        }


def _tables(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def _value(column: Column[Any], table: Table) -> object:
    refers_to_itself = any(key.column.table is table for key in column.foreign_keys)
    if refers_to_itself and column.nullable:
        return None
    return next(value for kind, value in VALUES if isinstance(column.type, kind))
