"""How a database means to find the rows of each statement that it is given."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, event

from storage.tables import metadata
from storage.tables.columns import PartialIndex

# Few rows, whatever happens: what is configured, and what is in hand or waits its turn just now.
SMALL = {"areas", "congresses", "cycles", "leases", "locks", "paces", "prompts", "revisions"}
_CUT_SHORT = {"counted", "due", "free", "page"}  # queries inside of others that end after some rows
_GIVEN = {"json_each", "owing"}  # values that came with the statement, or that an inner query has found by indexes
_INDEXES = {index.name: table.name for table in metadata.tables.values() for index in table.indexes}
# Going through one of these from end to end is what it is for.
_PARTIAL = {
    index.name for table in metadata.tables.values() for index in table.indexes if isinstance(index, PartialIndex)
}


class Plans:
    """Listens to an engine. `scans` tells, by statement, what it goes through from end to end to find its rows."""

    def __init__(self, engine: Engine) -> None:
        self.heard: dict[str, list[str]] = {}
        if engine.dialect.name == "postgresql":
            with engine.begin() as connection:  # PostgreSQL takes a table that it knows nothing of for a large one
                connection.exec_driver_sql(f"ANALYZE {', '.join(sorted(SMALL))}")
        event.listen(engine, "before_cursor_execute", self._hear)

    @property
    def scans(self) -> dict[str, list[str]]:
        return {statement: steps for statement, steps in self.heard.items() if steps}

    def _hear(self, connection: Connection, _: Any, statement: str, given: Any, *rest: Any) -> None:
        if statement in self.heard or not statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
            return
        driver = connection.connection.driver_connection
        is_sqlite = connection.dialect.name == "sqlite"
        values = given[0] if rest[-1] else given  # of the first of many rows
        self.heard[statement] = list(_sqlite(driver, statement, values) if is_sqlite else _postgres(driver, statement))


def _sqlite(driver: Any, statement: str, values: Any) -> Iterator[str]:
    """`values` are only counted: SQLite plans before it knows them."""
    for *_, step in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values):
        scan = re.match(r"SCAN (?!(?:[0-9]+ )?CONSTANT ROW)(\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
        if "AUTOMATIC" in step or (scan and scan[1] not in SMALL | _CUT_SHORT | _GIVEN and scan[2] not in _PARTIAL):
            yield step


def _postgres(driver: Any, statement: str) -> Iterator[str]:
    """As a prepared statement is planned, which knows no values. The tables are as good as empty: scans are forbidden
    as far as PostgreSQL can do without, and no limit lets it hope to be through before the end."""
    names: dict[str, str] = {}
    unlimited = re.sub(r"LIMIT %\(\w+\)s(::\w+)?", "LIMIT NULL", statement)
    numbered = re.sub(r"%\((\w+)\)s", lambda found: names.setdefault(found[1], f"${len(names) + 1}"), unlimited)
    with driver.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"PREPARE looked_at AS {numbered.replace('%%', '%')}")
        values = f"({', '.join(['NULL'] * len(names))})" if names else ""
        ((plan,),) = cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE looked_at {values}").fetchone()
        cursor.execute("DEALLOCATE looked_at")
    yield from _scans_in(plan["Plan"])


def _scans_in(node: dict[str, Any]) -> Iterator[str]:
    kind, index = node["Node Type"], node.get("Index Name", "")
    is_whole = kind == "Seq Scan" or (index and index not in _PARTIAL and "Index Cond" not in node)
    if is_whole and (node.get("Relation Name") or _INDEXES.get(index)) not in SMALL:
        yield f"{kind} {node.get('Relation Name', '')} {index}".strip()
    for inner in node.get("Plans", ()):
        yield from _scans_in(inner)
