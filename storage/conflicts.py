"""Inserts that say what becomes of a row that is there already."""

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite


def insert_or_else(table: Table, dialect: str) -> sqlite.Insert:
    """An insert with `on_conflict_do_update` and `on_conflict_do_nothing`, as the database of that name has them."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    # Two megabytes that nobody needs who has no such server.
    from sqlalchemy.dialects import postgresql

    insert: sqlite.Insert = postgresql.insert(table)  # type: ignore[assignment]  # the same methods, another class
    return insert
