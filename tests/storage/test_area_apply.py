"""A file of areas taken into a real store."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from shapely import box
from sqlalchemy import Engine, func, select, update

from storage.area_apply import CHUNK, PAUSE, apply_import, plan_import
from storage.area_files import AreaFile
from storage.area_import import Plan
from storage.area_index import AreaIndex
from storage.area_row import AreaRow
from storage.areas import load_index
from storage.database import reading, transaction
from storage.domain.areas import Level
from storage.tables import areas, audit

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SEA = box(124.0, 29.0, 124.1, 29.1).wkb
FARTHER = box(124.5, 29.0, 124.6, 29.1).wkb
TOWN = (
    AreaRow(place=2, code="t1", name="云溪镇", level=Level.TOWNSHIP),
    AreaRow(place=3, code="t2", name="白鹭乡", level=Level.TOWNSHIP),
    AreaRow(place=4, code="v1", name="杨柳村", level=Level.VILLAGE, parent="t1"),
    AreaRow(place=5, code="g1", name="第一网格", level=Level.CELL, parent="v1", aliases=("柳树湾",), polygon=SEA),
    AreaRow(place=6, code="g2", name="第二网格", level=Level.CELL, parent="v1", polygon=FARTHER),
)


def plan(engine: Engine, *rows: AreaRow) -> Plan:
    with reading(engine) as unit:
        return plan_import(unit, AreaFile(rows))


def take_in(engine: Engine, *rows: AreaRow, pause: Callable[[float], None] = lambda _: None) -> None:
    apply_import(engine, plan(engine, *rows), lambda: NOW, pause=pause)


def index(engine: Engine) -> AreaIndex:
    with reading(engine) as unit:
        return load_index(unit)


def ids(engine: Engine) -> dict[str, int]:
    with reading(engine) as unit:
        return {row.code: row.id for row in unit.read(select(areas.c.code, areas.c.id))}


def test_a_file_becomes_a_tree_with_names_and_places(engine: Engine) -> None:
    take_in(engine, *TOWN)
    found = index(engine)
    assert [area.name for area in found.roots] == ["云溪镇", "白鹭乡"]
    assert [found.title(cell) for cell in found.locate(29.05, 124.05)] == ["杨柳村 第一网格"]
    assert [cell.code for cell in found.cells_mentioned("柳树湾的路")] == ["g1"]
    assert found.revision == 1


def test_a_dry_run_changes_nothing(engine: Engine) -> None:
    assert len(plan(engine, *TOWN).changes) == 5
    assert ids(engine) == {}


def test_taking_in_a_file_again_moves_polygons_and_keeps_ids(engine: Engine) -> None:
    take_in(engine, *TOWN)
    before = ids(engine)
    take_in(engine, TOWN[3].model_copy(update={"polygon": TOWN[4].polygon, "name": "柳树湾网格"}))
    found = index(engine)
    assert ids(engine) == before
    assert {cell.name for cell in found.locate(29.05, 124.55)} == {"柳树湾网格", "第二网格"}
    assert found.locate(29.05, 124.05) == []
    assert found.revision == 2


def test_a_file_that_changes_nothing_writes_nothing(engine: Engine) -> None:
    take_in(engine, *TOWN)
    take_in(engine, *TOWN)
    assert plan(engine, *TOWN).changes == ()
    assert index(engine).revision == 1


def test_a_village_that_moves_takes_its_cells_along(engine: Engine) -> None:
    take_in(engine, *TOWN)
    take_in(engine, TOWN[2].model_copy(update={"parent": "t2"}))
    found = index(engine)
    heron = found.by_code("t2")
    assert heron is not None
    assert [cell.code for cell in found.cells_in(heron.id)] == ["g1", "g2"]
    assert [area.code for area in found.ancestors(ids(engine)["g1"])] == ["t2", "v1"]


def test_a_retired_area_that_the_file_names_comes_back(engine: Engine) -> None:
    take_in(engine, *TOWN)
    with transaction(engine) as unit:
        unit.write(update(areas).where(areas.c.code.in_(["v1", "g1"])).values(retired_at=NOW))
    take_in(engine, TOWN[2].model_copy(update={"parent": "t2"}))
    found = index(engine)
    assert [found.by_code(code) is not None for code in ("v1", "g1", "g2")] == [True, False, True]


def test_every_change_is_in_the_log(engine: Engine) -> None:
    take_in(engine, *TOWN[:1])
    take_in(engine, TOWN[0].model_copy(update={"name": "云溪街道"}))
    with reading(engine) as unit:
        rows = unit.read(select(audit.c.action, audit.c.at, audit.c.before, audit.c.after).order_by(audit.c.id)).all()
    was: dict[str, Any] = {"parent": None, "level": "township", "name": "云溪镇", "aliases": []}
    now = {**was, "name": "云溪街道", "border": False}
    assert [tuple(row) for row in rows] == [
        ("import", NOW, None, {**was, "border": False}),
        ("import", NOW, was, now),
    ]


def many(count: int) -> list[AreaRow]:
    cells = [AreaRow(place=at, code=f"c{at:05}", name="网格", level=Level.CELL, parent="v1") for at in range(count)]
    return [*TOWN, *cells]


class Stopped(Exception):
    """Stands for a kill between two transactions."""


@pytest.mark.parametrize("survives", [0, 1, 3])
def test_what_broke_off_is_finished_by_taking_in_the_file_again(engine: Engine, survives: int) -> None:
    pauses: list[float] = []

    def stop(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > survives:
            raise Stopped

    rows = many(3 * CHUNK)
    with pytest.raises(Stopped):
        take_in(engine, *rows, pause=stop)
    half = ids(engine)
    assert index(engine).revision == 0
    take_in(engine, *rows)
    assert half.items() <= ids(engine).items()
    assert len(ids(engine)) == len(rows)
    assert plan(engine, *rows).changes == ()
    assert index(engine).revision == 1


def test_the_writer_is_free_between_pieces_of_a_hundred(engine: Engine) -> None:
    written: list[int] = []
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        with transaction(engine) as unit:  # would wait for ever if the import still held the writer
            written.append(unit.read(select(func.count()).select_from(areas)).scalar_one())

    take_in(engine, *many(2 * CHUNK), pause=pause)
    steps = [after - before for before, after in zip([0, *written], written, strict=False)]
    assert max(steps) <= CHUNK
    assert min(pauses) >= PAUSE
