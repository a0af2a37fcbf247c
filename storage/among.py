"""Many values in one parameter."""

from typing import Any

from sqlalchemy import ARRAY, JSON, Boolean, Column, TypeDecorator, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine
from typing_extensions import override


class _Several(TypeDecorator[list[Any]]):
    """Values of one type as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = JSON
    cache_ok = True

    def __init__(self, one: TypeEngine[Any]) -> None:
        super().__init__()
        self.one = one

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.one) if dialect.name == "postgresql" else JSON())


class among(FunctionElement[bool]):  # noqa: N801  # it is called like SQLAlchemy's own functions
    """Whether a column has one of the values of a parameter, a list.

    However many they are, it is one parameter and one statement; those of an IN cost much more to prepare than to find.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Column[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=_Several(column.type)))

    @override
    def self_group(self, against: OperatorType | None = None) -> "among":
        return self  # a condition already: what is compared with 1 finds no index on SQLite


@compiles(among, "postgresql")
def _among_array(element: among, compiler: SQLCompiler, **given: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **given)} = ANY ({compiler.process(values, **given)})"


@compiles(among, "sqlite")
def _among_json(element: among, compiler: SQLCompiler, **given: Any) -> str:
    column, values = element.clauses
    listed = f"json_each({compiler.process(values, **given)})"
    return f"{compiler.process(column, **given)} IN (SELECT value FROM {listed})"  # noqa: S608  # our own names only
