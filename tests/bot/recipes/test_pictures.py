"""The card of a project and the map of the cells, from what is stored; none is drawn anew while nothing has changed."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from shapely import box
from sqlalchemy import Engine, select, update

from bot.pictures.canvas import SIZE
from bot.pictures.cell_map import CellMap
from bot.pictures.month_row import Month, MonthMark
from bot.pictures.project_card import ProjectCard
from bot.pictures.surfaces import Standing
from bot.recipes.catalogue import Recipes
from bot.recipes.drawings import MOST, Drawings
from handlers.staff import SPREADSHEET
from storage.domain.areas import Level
from storage.domain.project_stages import Stage
from storage.domain.rectification_stages import Severity
from storage.notes import Standing as Reported
from storage.projects import Why
from storage.tables import areas, attachments
from tests.conversing import NOW
from tests.office import Office, open_office
from tests.settlement import second_congress
from tests.storage.test_projects import a_project
from tests.supervised import a_duty, a_problem, a_round, answers, at

TODAY = date(2026, 9, 1)
DRAWN = b"drawn"
Made = Callable[..., Path]


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


@pytest.fixture
def made(office: Office) -> Made:
    recipes = Recipes(office.town.engine, lambda _: office.town.areas, lambda: office.town.now)

    def make(kind: str, as_of: date = TODAY, language: str = "zh", **about: int) -> Path:
        path = office.folder / f"{kind}.png"
        recipes.make({"kind": kind, "arguments": {"as_of": as_of.isoformat(), "language": language, **about}}, path)
        return path

    return make


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[ProjectCard]:
    """What cards are drawn of, in place of drawing them."""
    drawn: list[ProjectCard] = []

    def draw(card: ProjectCard, _: str) -> bytes:
        drawn.append(card)
        return DRAWN

    monkeypatch.setattr("bot.recipes.project_card._kept", Drawings())
    monkeypatch.setattr("bot.recipes.project_card.project_card", draw)
    return drawn


@pytest.fixture
def maps(monkeypatch: pytest.MonkeyPatch) -> list[CellMap]:
    drawn: list[CellMap] = []

    def draw(one: CellMap, _: str) -> bytes:
        drawn.append(one)
        return DRAWN

    monkeypatch.setattr("bot.recipes.cell_map.cell_map", draw)
    return drawn


# --- the card


def test_a_card_is_a_picture_in_either_language(office: Office, made: Made) -> None:
    with office.town.store() as store:
        number = a_project(store, office.place, title="<script>=1+1", cells=())
    pictures = set()
    for language in ("zh", "en"):
        path = made("project_card", language=language, project=number)
        with Image.open(path) as picture:
            assert (picture.format, picture.size) == ("PNG", SIZE)
        pictures.add(path.read_bytes())
    assert len(pictures) == 2


def test_a_card_tells_the_year_month_by_month(office: Office, made: Made, cards: list[ProjectCard]) -> None:
    place = office.place
    with office.town.store() as store:
        number = a_project(store, place)
        store.projects.report(number, 30)
        for month, day, standing in (
            (4, 20, Reported.ON_PLAN),
            (5, 28, Reported.SLOW),
            (6, None, None),
            (7, 9, Reported.UNABLE),
            (9, None, None),
        ):
            one = a_round(store, place.congress, period=f"2026-{month:02}", due_on=date(2026, month, 25))
            duty = a_duty(store, one, number)
            if day:
                moment = at(date(2026, month, day))
                answers(store, place.congress, number, place.deputy, moment, duty, standing=standing)
        a_duty(store, a_round(store, place.congress, period="2025-12", due_on=date(2025, 12, 25)), number)
        a_problem(store, place.congress, number)
        a_problem(store, place.congress, number, severity=Severity.SERIOUS)
        a_problem(store, place.congress, number, severity=Severity.URGENT, closed=date(2026, 8, 2))
    made("project_card", date(2026, 10, 1), project=number)
    (card,) = cards
    assert (card.progress, card.planned, card.open_problems, card.worst) == (30, 40, 2, "较重")
    assert (card.congress, card.number, card.title, card.stage) == ("柳河镇人大", number, "柳树湾道路硬化", "已票决")
    assert list(card.months) == [
        MonthMark("4月", Month.ANSWERED),
        MonthMark("5月", Month.LATE),
        MonthMark("6月", Month.MISSED),
        MonthMark("7月", Month.EXCUSED),
        MonthMark("9月", Month.MISSED),
        *(MonthMark(f"{month}月", Month.NOT_DUE) for month in (10, 11, 12)),
    ]


def test_where_each_deputy_owes_one_all_of_them_count(office: Office, made: Made, cards: list[ProjectCard]) -> None:
    place = office.place
    with office.town.store() as store:
        number = a_project(store, place)
        one = a_round(store, place.congress)
        mine, theirs = a_duty(store, one, number, place.deputy), a_duty(store, one, number, place.staff)
        answers(store, place.congress, number, place.deputy, NOW, mine)
    made("project_card", project=number)
    assert cards[-1].months[0] == MonthMark("9月", Month.OPEN)
    with office.town.store() as store:
        answers(store, place.congress, number, place.staff, NOW, theirs)
    made("project_card", project=number)
    assert cards[-1].months[0] == MonthMark("9月", Month.ANSWERED)


def test_a_project_that_has_ended_has_no_months_to_come(office: Office, made: Made, cards: list[ProjectCard]) -> None:
    with office.town.store() as store:
        number = a_project(store, office.place)
        store.projects.move(number, Stage.FINISHED, Why(), Level.TOWNSHIP, TODAY)
        store.projects.set_plan(number, [], Why("没有计划"))
    made("project_card", project=number)
    assert (cards[0].months, cards[0].progress, cards[0].worst) == ((), 100, "")


def test_a_card_is_drawn_anew_only_when_something_has_changed(
    office: Office, made: Made, cards: list[ProjectCard]
) -> None:
    place = office.place
    with office.town.store() as store:
        number = a_project(store, place)
        duty = a_duty(store, a_round(store, place.congress), number)
    path = made("project_card", project=number)
    path.unlink()
    assert made("project_card", project=number).read_bytes() == DRAWN
    assert len(cards) == 1
    with office.town.store() as store:
        answers(store, place.congress, number, place.deputy, NOW, duty)
    made("project_card", project=number)
    with office.town.store() as store:
        a_problem(store, place.congress, number)
    made("project_card", project=number)
    made("project_card", date(2026, 9, 2), project=number)
    made("project_card", language="en", project=number)
    assert len(cards) == 5


def test_a_project_that_is_not_there_has_no_card(made: Made) -> None:
    with pytest.raises(KeyError):
        made("project_card", project=99)


def test_no_more_pictures_are_kept_than_memory_is_meant_for() -> None:
    kept = Drawings()
    for number in range(MOST + 1):
        kept.drawn(number, lambda: b"first")
    assert kept.drawn(MOST, lambda: b"again") == b"first"
    assert kept.drawn(0, lambda: b"again") == b"again"


# --- the map


def test_a_map_is_a_picture(office: Office, made: Made) -> None:
    with office.town.store() as store:
        a_project(store, office.place)
    with Image.open(made("cell_map", congress=office.congress)) as picture:
        assert (picture.format, picture.size) == ("PNG", SIZE)


def test_cells_stand_as_the_gravest_of_their_projects(office: Office, made: Made, maps: list[CellMap]) -> None:
    place = office.place
    with office.town.store() as store:
        numbers = [a_project(store, place, title=f"项目{at}") for at in range(3)]
        a_project(store, place, title="没有地点", cells=())
        done = a_project(store, place, title="完工", cells=(place.bridge.id,))
        store.projects.move(done, Stage.FINISHED, Why(), Level.TOWNSHIP, TODAY)
        a_project(store, place, title="整村", cells=(place.village.id,))
        answers(store, place.congress, numbers[0], place.deputy, NOW, standing=Reported.SLOW)
        answers(store, place.congress, numbers[1], place.deputy, NOW, standing=Reported.STOPPED)
        answers(store, place.congress, numbers[1], place.deputy, NOW, standing=Reported.UNABLE)
    made("cell_map", congress=place.congress)
    (drawn,) = maps
    stand = {cell.name: cell.standing for cell in drawn.cells}
    assert stand["杨柳村 第一网格"] is Standing.STOPPED
    assert stand["杨柳村 第二网格"] is Standing.ON_PLAN
    assert stand["青石村 第一网格"] is Standing.NONE
    assert drawn.title == "柳河镇网格项目进展"
    assert [cell.polygon is not None for cell in drawn.cells].count(True) == 2
    placed = {marker.number: marker.longitude for marker in drawn.markers if marker.longitude == marker.longitude}
    assert placed.keys() == {1, 2, 3, 5, 6}
    assert 120 < placed[1] < 120.01 < placed[5] < 120.02
    # Those that want looking at come first: where it is crowded, only the first have their numbers.
    assert [marker.number for marker in drawn.markers] == [2, 1, 3, 4, 6, 5]


def test_a_map_is_drawn_anew_only_when_something_has_changed(office: Office, made: Made, maps: list[CellMap]) -> None:
    place = office.place
    with office.town.store() as store:
        number = a_project(store, place)
    for _ in range(2):
        made("cell_map", congress=place.congress)
    assert len(maps) == 1
    with office.town.store() as store:
        answers(store, place.congress, number, place.deputy, NOW, standing=Reported.SLOW)
    made("cell_map", congress=place.congress)
    made("cell_map", date(2026, 9, 2), congress=place.congress)
    assert len(maps) == 3
    with office.town.store() as store:
        square = box(120, 30, 120.02, 30.02)
        store.unit.write(update(areas).where(areas.c.id == place.willow.id).values(polygon=square.wkb))
    office.town.reload()
    made("cell_map", date(2026, 9, 2), congress=place.congress)
    assert len(maps) == 4
    assert next(cell.polygon for cell in maps[-1].cells if cell.polygon) == square


def test_a_congress_without_projects_or_borders_has_a_map_all_the_same(
    office: Office, made: Made, maps: list[CellMap]
) -> None:
    with office.town.store() as store:
        county = second_congress(store, office.place)
    made("cell_map", congress=county)
    assert {cell.standing for cell in maps[0].cells} == {Standing.NONE}
    assert list(maps[0].markers) == []


# --- as the office gets them


async def test_the_office_gets_what_it_asks_for_and_the_same_file_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.recipes.project_card._kept", Drawings())
    with office.town.store() as store:
        number = a_project(store, office.place)
    office.clerk.says("取消")
    office.clerk.says("项目", "柳树湾道路硬化", "进度图", "进度图")
    office.clerk.says("督查情况", "网格地图", "督查报表", "2026年9月", "两种都要")
    with office.town.store() as store:
        wanted = list(store.unit.read(select(attachments.c.id).order_by(attachments.c.id)).scalars())
    keeper = office.keeper()
    files = [file for one in wanted if (file := await keeper.ready(one))]
    await keeper.stop()
    assert [file.media_type for file in files] == ["image/png"] * 3 + [SPREADSHEET, "text/html"]
    assert [file.name for file in files][:3] == [f"项目{number}-20260901.png"] * 2 + ["网格地图-20260901.png"]
    assert files[0].path == files[1].path
    with office.town.store() as store:
        sizes = list(store.unit.read(select(attachments.c.size)).scalars())
    assert min(sizes) > 1_000
