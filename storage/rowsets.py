"""How many rows are written at once: on SQLite one after another, by statements that stand ready as SQL; on PostgreSQL
as one parameter, and those of several tables by one statement (decision 0008).

PostgreSQL's driver would send them one by one, too, and ask before each whether it may: with another thread at work
beside, that costs more than to store them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import (
    JSON,
    BindParameter,
    FromClause,
    Insert,
    Table,
    Text,
    UpdateBase,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy import cast as converted
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

# A statement and its rows. All rows have the keys of the first one: in an insert columns, else parameters.
Bulk = tuple[UpdateBase, Sequence[Mapping[str, Any]]]
Names = frozenset[str]


def as_json(value: Any) -> str:
    """A value as JSON, moments and days as ISO 8601 has them."""
    return to_json(value).decode()


def written(dialect: Dialect, parts: Sequence[Bulk]) -> Iterator[tuple[str, Any]]:
    """SQL that writes all this in order, and its parameters, for the driver itself."""
    return _one_by_one(dialect, parts) if dialect.name == "sqlite" else _as_one(dialect, parts)


# --- one by one


@dataclass(frozen=True, slots=True)
class _Each:
    """A statement in SQL, and for each of its parameters the name, how it is told to the driver, and else its value."""

    sql: str
    parameters: Sequence[tuple[str, Callable[[Any], Any] | None, Any]]

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(
            [tell(row.get(name, value)) if tell else row.get(name, value) for name, tell, value in self.parameters]
        )


def _one_by_one(dialect: Dialect, parts: Sequence[Bulk]) -> Iterator[tuple[str, Any]]:
    for statement, rows in parts:
        each = _each(dialect, statement, frozenset(rows[0]))
        yield each.sql, list(map(each.values, rows))


@lru_cache(maxsize=256)
def _each(dialect: Dialect, statement: UpdateBase, names: Names) -> _Each:
    compiled = statement.compile(dialect=dialect, column_keys=sorted(names))
    return _Each(
        str(compiled),
        [
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect), compiled.params[name])
            for name in compiled.positiontup or ()
        ],
    )


# --- as one


@dataclass(frozen=True, slots=True)
class _Whole:
    """A statement in SQL, whose parameters `rows0`, `rows1`, … are rows, and the values it has whatever these are."""

    sql: str
    constants: Mapping[str, Any]


def _as_one(dialect: Dialect, parts: Sequence[Bulk]) -> Iterator[tuple[str, Any]]:
    """As few statements as may be.

    A statement sees nothing of what it writes itself. So only inserts share one with others for the same table.
    """
    for group in _groups(parts):
        whole = _whole(dialect, tuple((statement, frozenset(rows[0])) for statement, rows in group))
        parameters = dict(whole.constants)
        for position, (_, rows) in enumerate(group):
            parameters[_rows(position)] = as_json(rows)
        yield whole.sql, parameters


def _groups(parts: Sequence[Bulk]) -> Iterator[list[Bulk]]:
    group: list[Bulk] = []
    inserted: set[FromClause] = set()
    changed: set[FromClause] = set()
    for part in parts:
        table, is_insert = part[0].table, isinstance(part[0], Insert)
        if table in changed or (table in inserted and not is_insert):
            yield group
            group, inserted, changed = [], set(), set()
        group.append(part)
        (inserted if is_insert else changed).add(table)
    if group:
        yield group


@lru_cache(maxsize=256)
def _whole(dialect: Dialect, parts: tuple[tuple[UpdateBase, Names], ...]) -> _Whole:
    first, *others = (_of_rows(statement, names, _rows(position)) for position, (statement, names) in enumerate(parts))
    for position, other in enumerate(others):
        first = first.add_cte(other.cte(f"beside{position}"))
    compiled = first.compile(dialect=dialect)
    return _Whole(str(compiled), compiled.params)


def _rows(position: int) -> str:
    return f"rows{position}"


def _of_rows(statement: UpdateBase, names: Names, rows: str) -> UpdateBase:
    """The statement with the rows in place of values, or of parameters."""
    if isinstance(statement, Insert):
        into = {one.name: one.type for one in _table(statement).c if one.name in names}
        return statement.from_select(list(into), select(*_given(rows, into).c), include_defaults=False)
    types: dict[str, TypeEngine[Any]] = {}

    def note(element: Any, **_: Any) -> None:
        if isinstance(element, BindParameter) and element.key in names:
            types[element.key] = element.type

    replacement_traverse(statement, {}, note)
    given = _given(rows, types)

    def replace(element: Any, **_: Any) -> Any:
        return given.c[element.key] if isinstance(element, BindParameter) and element.key in names else None

    return cast(UpdateBase, replacement_traverse(statement, {}, replace))


def _given(rows: str, types: Mapping[str, TypeEngine[Any]]) -> Any:
    """The rows as a table."""
    document = converted(bindparam(rows, type_=Text), JSON)
    columns = [column(name, type_) for name, type_ in types.items()]
    return func.json_to_recordset(document).table_valued(*columns).render_derived(name=f"given_{rows}", with_types=True)


def _table(statement: UpdateBase) -> Table:
    return cast(Table, statement.table)
