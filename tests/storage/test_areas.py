from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage import areas as stored
from storage.audit import Actor, Audit
from storage.database import Unit, reading, transaction
from storage.domain.areas import Area, Level
from storage.revisions import numbers
from storage.tables import areas, audit

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def log(unit: Unit) -> Audit:
    return Audit(unit, NOW, Actor())


def add(engine: Engine, parent: Area | None, level: Level, code: str) -> Area:
    with transaction(engine) as unit:
        return stored.add_area(unit, log(unit), parent, level, code, f"名{code}")


@pytest.fixture
def town(engine: Engine) -> dict[str, Area]:
    """A county with two townships of one village each."""
    found: dict[str, Area] = {}
    for code, parent, level in (
        ("x", "", Level.COUNTY),
        ("t1", "x", Level.TOWNSHIP),
        ("t2", "x", Level.TOWNSHIP),
        ("v1", "t1", Level.VILLAGE),
        ("v2", "t2", Level.VILLAGE),
    ):
        found[code] = add(engine, found.get(parent), level, code)
    return found


def test_an_area_that_was_added_is_found_by_its_code_and_in_the_index(engine: Engine, town: dict[str, Area]) -> None:
    with reading(engine) as unit:
        assert stored.area_by_code(unit, "v1") == town["v1"]
        assert stored.area_by_code(unit, "v9") is None
        index = stored.load_index(unit)
    assert [area.code for area in index.ancestors(town["v1"].id)] == ["x", "t1"]
    assert index.revision == 5


def test_an_area_is_added_only_where_it_may_lie(engine: Engine, town: dict[str, Area]) -> None:
    with pytest.raises(ValueError, match="needs a parent"):
        add(engine, None, Level.VILLAGE, "v9")
    with pytest.raises(ValueError, match="cannot lie below"):
        add(engine, town["v1"], Level.TOWNSHIP, "t9")
    with pytest.raises(IntegrityError):
        add(engine, town["t1"], Level.VILLAGE, "v2")


def test_the_revision_moves_with_every_change_and_starts_at_nothing(engine: Engine) -> None:
    with reading(engine) as unit:
        assert numbers(unit) == {}
    add(engine, None, Level.COUNTY, "x")
    add(engine, None, Level.COUNTY, "y")
    with reading(engine) as unit:
        assert numbers(unit) == {"areas": 2}


def test_only_living_cells_bring_their_polygons_and_retired_areas_are_still_known(
    engine: Engine, town: dict[str, Area]
) -> None:
    with transaction(engine) as unit:
        unit.write(update(areas).where(areas.c.code == "v2").values(retired_at=NOW, polygon=b"not looked at"))
    with reading(engine) as unit:
        index = stored.load_index(unit)
    gone = index.area(town["v2"].id)
    assert gone is not None
    assert gone.retired
    assert index.children(town["t2"].id) == []


def test_stations_are_found_by_code_and_by_any_area_above(engine: Engine, town: dict[str, Area]) -> None:
    with transaction(engine) as unit:
        home = stored.add_station(unit, log(unit), town["t1"].id, "s2", "云溪镇代表之家", "街上1号")
        room = stored.add_station(unit, log(unit), town["v1"].id, "s1", "杨柳村联络站")
        other = stored.add_station(unit, log(unit), town["v2"].id, "s3", "石桥村联络站")
    with reading(engine) as unit:
        assert stored.station_by_code(unit, "s2") == home
        assert stored.station_by_code(unit, "s9") is None
        assert stored.stations_in(unit, town["x"].id) == [room, home, other]
        assert stored.stations_in(unit, town["t1"].id) == [room, home]
        assert stored.stations_in(unit, 999) == []


def test_an_area_whose_path_only_begins_alike_is_another_one(engine: Engine) -> None:
    with transaction(engine) as unit:
        for identity in (1, 11):
            row = {"id": identity, "code": str(identity), "name": "县", "path": f"/{identity}/", "level": "county"}
            unit.write(insert(areas).values(**row, aliases=[]))
        stored.add_station(unit, log(unit), 11, "s", "站")
        assert stored.stations_in(unit, 1) == []


def test_what_is_added_is_in_the_log(engine: Engine, town: dict[str, Area]) -> None:
    with transaction(engine) as unit:
        station = stored.add_station(unit, log(unit), town["t1"].id, "s1", "站")
        rows = unit.read(select(audit.c.action, audit.c.record, audit.c.record_id, audit.c.after).order_by(audit.c.id))
        entries = [tuple(row) for row in rows]
    assert entries[1] == ("add", "area", town["t1"].id, {"code": "t1", "parent": town["x"].id})
    assert entries[-1] == ("add", "station", station.id, {"code": "s1", "area": town["t1"].id})
