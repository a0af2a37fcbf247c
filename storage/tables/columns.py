"""What the columns of every table are made of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.types import TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

metadata = MetaData(naming_convention=NAMING)

Identity = BigInteger().with_variant(Integer, "sqlite")
# JSON that keeps the order of its keys: a conversation's answers are taken back in the order they were given.
OrderedDocument = JSON(none_as_null=True)


class _Document(TypeDecorator[Any]):
    """JSON; on PostgreSQL `jsonb`."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON(none_as_null=True))
        # Two megabytes that nobody needs who has no such server.
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB(none_as_null=True))


Document = _Document()


class Instant(TypeDecorator[datetime]):
    """A moment: `timestamptz` on PostgreSQL, whole microseconds since 1970 on SQLite.

    SQLite has no type for moments; as integers they compare, sort and load without being parsed.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            moment: datetime = value
            return moment.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


def identity() -> Column[Any]:
    """The number by which a row is known, given by the database."""
    return Column("id", Identity, primary_key=True, autoincrement=True)


class PartialIndex(Index):
    """An index of those rows only for which a condition holds."""

    def __init__(self, name: str, *columns: Column[Any], where: ColumnElement[bool], unique: bool = False) -> None:
        super().__init__(name, *columns, unique=unique, sqlite_where=where)
        self.condition = where


@compiles(CreateIndex, "postgresql")
def _create_index(element: CreateIndex, compiler: DDLCompiler, **given: Any) -> str:
    # Told now: to take the option before, SQLAlchemy reads PostgreSQL's dialect, which takes 2 MB.
    if isinstance(element.element, PartialIndex):
        element.element.dialect_options["postgresql"]["where"] = element.element.condition
    written: str = compiler.visit_create_index(element, **given)  # type: ignore[no-untyped-call]  # it has no types
    return written


def refers(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    """A column that names a row of another table: `target` is "table.column"."""
    return Column(name, Identity, ForeignKey(target), nullable=nullable, index=index)
