"""How a file of areas gets into the store: planned as a whole, written in pieces that hold the writer briefly."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, bindparam, insert, select, update

from storage.area_files import AreaFile
from storage.area_import import Change, Plan, Wanted, plan_changes
from storage.areas import all_areas
from storage.audit import Actor, Audit
from storage.database import Clock, Unit, transaction
from storage.domain.areas import path_below
from storage.revisions import Revised, move
from storage.tables import areas

# Areas in one transaction, which holds the writer for about 15 ms.
CHUNK = 100
# Seconds between two of them. Who waits for SQLite's writer looks again after 25 ms at the latest, for its first nine
# looks (sqliteDefaultBusyCallback in SQLite's main.c), so everybody who waits gets in.
PAUSE = 0.03

_INSERT = insert(areas).returning(areas.c.id, areas.c.code)
_UPDATE = (
    update(areas)
    .where(areas.c.id == bindparam("area"))
    .values({name: bindparam(name) for name in ("parent_id", "level", "name", "path", "aliases")})
)
_UPDATE_BORDER = update(areas).where(areas.c.id == bindparam("area")).values(polygon=bindparam("border"))


def plan_import(unit: Unit, file: AreaFile) -> Plan:
    """What taking in `file` would change. Raises AreaFileRefused with everything that is wrong with it."""
    borders = {row.code: row.polygon for row in file.rows if row.polygon}
    stored = unit.read(select(areas.c.code, areas.c.polygon)) if borders else ()
    same = {code for code, polygon in stored if polygon and borders.get(code) == polygon}
    return plan_changes(file, all_areas(unit), same)


def apply_import(engine: Engine, plan: Plan, clock: Clock, *, pause: Callable[[float], None] = time.sleep) -> None:
    """Carry out a plan, a hundred areas a transaction, parents first; the last one moves the revision.

    It pauses after each, so that others who wait for the writer come in between. Where it is broken off, planning
    and applying the same file again does the rest.
    """
    places = {code: (area.id, area.path) for code, area in plan.known.items()}
    chunks = list(_chunks(plan.changes))
    for number, chunk in enumerate(chunks, start=1):
        began = time.monotonic()
        with transaction(engine) as unit:
            _write(unit, Audit(unit, clock(), Actor()), chunk, places)
            if number == len(chunks):
                move(unit, Revised.AREAS)
        if number < len(chunks):
            pause(max(PAUSE, time.monotonic() - began))


def _chunks(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Changes of one level each: an area is written when its parent's id is known."""
    for _, level in groupby(changes, key=lambda change: change.wanted.level):
        same = list(level)
        for start in range(0, len(same), CHUNK):
            yield same[start : start + CHUNK]


def _write(unit: Unit, audit: Audit, chunk: Sequence[Change], places: dict[str, tuple[int, str]]) -> None:
    """Write some changes; `places` holds the id and path of every area that is written, by code, and learns theirs."""
    if new := [_first_values(change.wanted) for change in chunk if change.before is None]:
        places.update({code: (identity, "") for identity, code in unit.write(_INSERT, new)})
    rows = [_values(change.wanted, places) for change in chunk]
    places.update({change.wanted.code: (row["area"], row["path"]) for change, row in zip(chunk, rows, strict=True)})
    unit.write(_UPDATE, rows)
    borders = [{"area": places[change.wanted.code][0], "border": change.polygon} for change in chunk if change.polygon]
    if borders:
        unit.write(_UPDATE_BORDER, borders)
    if back := [change.before.id for change in chunk if change.wanted.row and change.before and change.before.retired]:
        unit.write(update(areas).where(areas.c.id.in_(back)).values(retired_at=None))
    for change, row in zip(chunk, rows, strict=True):
        _log(audit, change, row)


def _first_values(wanted: Wanted) -> dict[str, Any]:
    # The path holds the area's own id, so it is filled in when that is known.
    return {"code": wanted.code, "level": wanted.level, "name": wanted.name, "path": "", "aliases": []}


def _values(wanted: Wanted, places: dict[str, tuple[int, str]]) -> dict[str, Any]:
    identity, _ = places[wanted.code]
    parent_id, parent_path = places[wanted.parent] if wanted.parent else (None, None)
    return {
        "area": identity,
        "parent_id": parent_id,
        "level": wanted.level,
        "name": wanted.name,
        "path": path_below(parent_path, identity),
        "aliases": list(wanted.aliases),
    }


def _log(audit: Audit, change: Change, row: dict[str, Any]) -> None:
    was = change.before
    before = _told(was.parent_id, was.level, was.name, was.aliases) if was else None
    after = _told(row["parent_id"], row["level"], row["name"], row["aliases"])
    audit.record("import", "area", row["area"], before, {**after, "border": change.polygon is not None})


def _told(parent: int | None, level: str, name: str, aliases: Iterable[str]) -> dict[str, Any]:
    return {"parent": parent, "level": level, "name": name, "aliases": list(aliases)}
