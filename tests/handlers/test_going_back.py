"""“返回” at the first question of something that was chosen from a list leads back to that list."""

import pytest

from handlers.texts import inspections as notes
from handlers.texts import observations, rectifications
from storage.domain.rectification_stages import Severity
from storage.rectifications import NewRectification
from storage.store import Store
from tests.conversing import Person, Town, joined
from tests.handlers.watching import KITCHEN, ROAD, owes, watched
from tests.rectified import BODY
from tests.settlement import Settlement
from tests.supervised import of_body


@pytest.fixture
def number(town: Town, place: Settlement) -> int:
    return watched(town, place)


def a_problem(store: Store, place: Settlement, number: int) -> int:
    new = NewRectification(place.congress, number, None, Severity.SERIOUS, "路面有裂缝", place.deputy)
    return store.rectifications.raise_(new) or 0


def test_from_a_report_to_what_is_owed(town: Town, place: Settlement, deputy: Person, number: int) -> None:
    owes(town, place, number, watched(town, place, KITCHEN))
    deputy.says("取消")
    shown = deputy.sees("督查")
    assert ROAD in deputy.sees("1")
    assert deputy.sees("返回") == shown
    deputy.says("2")
    assert KITCHEN in deputy.screen()


def test_first_to_the_answer_before_and_only_then_to_the_list(
    town: Town, place: Settlement, deputy: Person, number: int
) -> None:
    owes(town, place, number)
    deputy.says("取消")
    shown = deputy.sees("督查")
    question = deputy.sees("1")
    deputy.says("按计划进行")
    assert deputy.sees("返回") == question
    assert deputy.sees("返回") == shown
    assert "已取消" in joined(deputy.says("返回"))


@pytest.mark.usefixtures("number")
def test_from_a_report_that_nobody_asked_for_to_the_projects(deputy: Person) -> None:
    deputy.says("取消", "写督查", ROAD)
    assert notes.WHICH_PROJECT.zh in deputy.sees("返回")


def test_for_the_office(town: Town, place: Settlement, clerk: Person, number: int) -> None:
    owes(town, place, number)
    with town.store() as store:
        a_problem(store, place, number)
    card = clerk.sees("项目", ROAD)
    for label in ("变更项目内容", "联系代表", "调整计划"):
        clerk.says(label)
        assert clerk.sees("返回") == card, label
    assert "个项目，回复数字查看" in clerk.sees("返回")
    clerk.says("录入新项目")
    assert "个项目，回复数字查看" in clerk.sees("返回")
    overview = clerk.sees("督查情况")
    for label in ("报表", "催办"):
        clerk.says(label)
        assert clerk.sees("返回") == overview, label
    clerk.says("整改", "交办新问题")
    assert rectifications.ALL_OPEN.zh in clerk.sees("返回")
    clerk.says("整改", "没办结的", "1")
    assert rectifications.ALL_OPEN.zh in clerk.sees("返回")


def test_for_bodies_and_residents(town: Town, place: Settlement, resident: Person, number: int) -> None:
    with town.store() as store:
        a_problem(store, place, number)
        of_body(store, place, BODY)
    builder = town.person("builder")
    builder.says("取消", "整改", "1")
    assert rectifications.body_list(1).zh in builder.sees("返回")
    resident.says("身边项目", "柳树湾", "1", "说说看到的")
    assert observations.WHAT_NEXT.zh in resident.sees("返回")
    assert observations.NEARBY.zh in resident.sees("返回")
    assert ROAD in resident.screen()


@pytest.mark.usefixtures("number")
def test_a_resident_who_looks_at_other_projects_need_not_say_again_where_they_live(resident: Person) -> None:
    resident.says("身边项目", "柳树湾", "1")
    assert ROAD in resident.sees("看别的项目")
    assert observations.WHERE.zh in resident.sees("返回")
