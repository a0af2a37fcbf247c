"""The office sees where supervision stands, nudges and reports by chat; deputies see their own year."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update

from handlers.texts import access, titles
from handlers.texts import supervision as texts
from storage.domain.cadence import DEFAULTS, Duty
from storage.domain.rectification_stages import Severity
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.liaisons import Left
from storage.notes import Standing
from storage.rectifications import NewRectification
from storage.supervision_tallies import PAGE
from storage.tables import attachments, audit, congresses, people, projects, prompts
from storage.tables import texts as texts_table
from tests.conversing import NOW, Person, Town, joined
from tests.settlement import Settlement, enrolled, second_congress
from tests.storage.test_projects import a_project
from tests.supervised import a_duty, a_problem, a_round, answers, of_body, told

SECRET = "路封了，问13912345678"


@pytest.fixture(params=["tap", "plain"])
def office(request: pytest.FixtureRequest, town: Town, place: Settlement) -> Person:
    """王芳 of the office, on a channel with buttons and on one without."""
    if request.param == "plain":
        with town.store() as store:
            store.people.add_account(place.staff, "plain", "staff", "staff")
    person = town.person("staff", request.param)
    person.says("取消")
    return person


@pytest.fixture
def numbers(town: Town, place: Settlement) -> list[int]:
    """Three projects, of which one is reported of, one is not, and one has nobody and a problem."""
    with town.store() as store:
        found = [
            a_project(store, place, title="道路硬化"),
            a_project(store, place, title="路灯安装", body="镇供电所"),
            a_project(store, place, title="敬老院", cells=()),
        ]
        for number in found[:2]:
            store.liaisons.assign(number, [place.deputy])
        round_id = a_round(store, place.congress)
        duties = [a_duty(store, round_id, number) for number in found]
        a_duty(store, a_round(store, place.congress, Duty.DISPATCH, due_on=date(2026, 8, 31)), found[1])
        unable = Standing.UNABLE
        answers(store, place.congress, found[0], place.deputy, NOW, duties[0], standing=unable, text=SECRET)
        a_problem(store, place.congress, found[2], "电线裸露，电话13912345678", due_on=date(2026, 8, 30))
    return found


# --- at a glance


@pytest.mark.usefixtures("numbers")
def test_one_message_tells_where_supervision_stands(office: Person) -> None:
    told_all = office.sees("督查情况")
    for said in (
        "柳河镇人大督查情况（2026年9月1日）",
        "项目 3 个，正在督查 3 个",
        "应报 4 份，已报 1 份，逾期 1 份",
        "9月督查：1/3，9月25日截止",
        "未解决的问题 1 个，逾期 1 个",
        f"1 {texts.MISSING.zh}",
    ):
        assert said in told_all, told_all


def test_a_congress_without_projects_says_so_in_every_list(office: Person) -> None:
    assert "项目 0 个" in office.sees("督查情况")
    for view, empty in (
        (texts.MISSING, texts.NO_MISSING),
        (texts.LATE, texts.NO_LATE),
        (texts.BY_PROJECT, texts.NO_SUPERVISED),
        (texts.BY_CELL, texts.NO_PROJECTS),
        (texts.BY_BODY, texts.NO_PROJECTS),
        (texts.PROBLEMS, texts.NO_PROBLEMS),
        (texts.UNABLE, texts.NO_UNABLE),
        (texts.TELEPHONES, texts.ALL_REACHED),
    ):
        assert empty.zh in office.sees("督查情况", view.zh)
    assert texts.NOBODY_OWES.zh in joined(office.says(texts.BACK.zh, texts.NUDGE.zh))


def test_each_list_says_who_and_what(office: Person, town: Town, place: Settlement, numbers: list[int]) -> None:
    with town.store() as store:
        never = store.people.add("丁一", "13600000000")
        store.people.grant(never, place.congress, Role.DEPUTY)
        store.liaisons.assign(numbers[2], [never])
    lists = {
        texts.MISSING: ["路灯安装（第2号）：", "9月督查（9月25日截止）", "李强", "镇供电所", "敬老院（第3号）", "丁一"],
        texts.LATE: ["路灯安装（第2号）", "8月31日截止）；镇供电所"],
        texts.BY_PROJECT: [
            "道路硬化（第1号）：进度 0%，已报 1/1",
            "路灯安装（第2号）：进度 0%，已报 0/2，逾期 1",
            "敬老院（第3号）：进度 0%，已报 0/1，问题 1",
        ],
        texts.BY_DEPUTY: ["李强：项目 2 个，已报 1/2", "丁一：项目 1 个，已报 0/1"],
        texts.BY_CELL: ["待核实：项目 1 个，已报 0/1，问题 1", "杨柳村 第一网格：项目 2 个，已报 1/3，逾期 1"],
        texts.BY_BODY: ["镇供电所：项目 1 个，已报 0/1，逾期 1，没有登记人员", "镇村镇建设办：项目 2 个，问题 1"],
        texts.PROBLEMS: ["电线裸露", "一般", "已交办", "8月30日前", "敬老院，已逾期"],
        texts.UNABLE: ["道路硬化（李强）：路封了，问139****78"],
        texts.TELEPHONES: ["丁一 13600000000（从没登录过）"],
    }
    for view, expected in lists.items():
        shown = office.sees("督查情况", view.zh)
        told_all = shown + joined(text for text, _ in office.told_lately(3))
        for said in expected:
            assert said in told_all, (view.zh, told_all)
        assert "13912345678" not in told_all
    assert "道路硬化" not in office.sees("督查情况", texts.MISSING.zh)


def test_from_a_list_a_project_and_a_problem_are_opened(
    office: Person, town: Town, place: Settlement, numbers: list[int]
) -> None:
    assert "第2号　路灯安装" in office.sees("督查情况", texts.MISSING.zh, "1")
    with town.store() as store:
        found = NewRectification(place.congress, numbers[0], None, Severity.URGENT, "排水沟塌了", place.deputy)
        store.rectifications.raise_(found)
    assert "排水沟塌了" in office.sees("督查情况", texts.PROBLEMS.zh, "2")
    assert texts.MISSING.zh in office.sees("督查情况", texts.BY_CELL.zh, texts.BACK.zh)


def test_many_projects_come_page_by_page(office: Person, town: Town, place: Settlement) -> None:
    with town.store() as store:
        round_id = a_round(store, place.congress)
        for number in range(PAGE + 3):
            a_duty(store, round_id, a_project(store, place, title=f"项目{number + 1:02}号楼"))
    first = office.sees("督查情况", texts.MISSING.zh)
    assert "项目01号楼" in first or "项目01号楼" in joined(text for text, _ in office.told_lately(8))
    second = joined(office.says(titles.MORE.zh)) + office.screen()
    assert "项目21号楼" in second
    assert "项目20号楼" not in second
    assert titles.MORE.zh not in second
    assert "项目23号楼" in office.sees("3")


# --- whose it is


@pytest.mark.usefixtures("numbers")
def test_nobody_else_sees_it_and_who_is_no_longer_staff_neither(
    deputy: Person, clerk: Person, town: Town, place: Settlement
) -> None:
    deputy.says("取消")
    for word in ("督查情况", "催办", "督查报表"):
        assert access.NOT_FOR_YOU.zh in joined(deputy.says(word))
    with town.store() as store:
        county = second_congress(store, place)
        store.conversations.prompt(place.staff, "supervision", {"congress": county, "digest": "2026-08"})
        town.dispatcher.begin_prompts(store.unit, [place.staff])
    assert access.NOT_YOUR_STAFF.zh in joined(clerk.reads())


# --- nudging


def waiting(town: Town) -> list[int]:
    with town.store() as store:
        return list(store.unit.read(select(prompts.c.person_id).where(prompts.c.conversation == "duties")).scalars())


def nudges(town: Town) -> int:
    with town.store() as store:
        return len(store.unit.read(select(audit.c.id).where(audit.c.action == "nudge")).all())


@pytest.mark.usefixtures("numbers")
def test_one_person_is_nudged_once_a_day(office: Person, town: Town, deputy: Person) -> None:
    deputy.says("取消")
    deputy.reads()
    assert "李强（欠 1 期）" in office.sees("督查情况", texts.NUDGE.zh)
    assert "已提醒 1 人。" in joined(office.says("1"))
    assert "路灯安装" in joined(deputy.reads()) + deputy.screen()
    assert "1 人今天已经催过。" in joined(office.says(texts.NUDGE.zh, "1"))
    town.passes(days=1)
    assert "已提醒 1 人。" in joined(office.says("催办", "1"))
    town.passes(days=1)
    assert "1 人这一期已催够次数。" in joined(office.says("催办", "1"))
    assert nudges(town) == 2


@pytest.mark.usefixtures("numbers")
def test_at_night_the_office_is_told_when_they_hear(office: Person, town: Town, place: Settlement) -> None:
    with town.store() as store:
        store.cadences.set(place.congress, Duty.INSPECTION, DEFAULTS[Duty.INSPECTION])
    town.passes(hours=13)
    assert "现在是免打扰时间，9月2日 08:00起提醒 1 人。" in joined(office.says("催办", "1"))
    assert waiting(town) == []
    assert "1 人今天已经催过。" in joined(office.says(texts.NUDGE.zh, "1"))


@pytest.mark.usefixtures("numbers")
def test_everybody_is_nudged_after_a_question(office: Person, town: Town, place: Settlement) -> None:
    with town.store() as store:
        of_body(store, place, "镇供电所")
        gone = of_body(store, place, "镇供电所", "")
    assert texts.NUDGE_SURE.zh in office.sees("催办", texts.EVERYBODY.zh)
    office.says(titles.NO.zh)
    assert nudges(town) == 0
    said = joined(office.says("催办", texts.EVERYBODY.zh, titles.YES.zh))
    assert "已提醒 2 人。\n1 人收不到，请打电话。" in said
    assert nudges(town) == 2
    assert gone not in waiting(town)


# --- files


def recipes(town: Town, kind: str) -> list[dict[str, object]]:
    with town.store() as store:
        made = store.unit.read(select(attachments.c.recipe, attachments.c.name).order_by(attachments.c.id)).all()
    return [{**recipe["arguments"], "name": name} for recipe, name in made if recipe and recipe["kind"] == kind]


@pytest.mark.usefixtures("numbers")
def test_english_readers_get_files_whose_names_they_can_read(office: Person, town: Town, place: Settlement) -> None:
    with town.store() as store:
        store.people.change(place.staff, language="en")
    office.says("supervision", "Map of the cells", "reports", "September 2026", "Both", "projects", "1")
    office.says("A picture of it")
    kinds = ("cell_map", "supervision_report", "project_card")
    assert [one["name"] for kind in kinds for one in recipes(town, kind)] == [
        *("map-20260901.png", "supervision-2026-09.xlsx", "supervision-2026-09.html"),
        "project-3-20260901.png",
    ]


@pytest.mark.parametrize(
    ("period", "key"),
    [
        ("2026年9月", "2026-09"),
        ("2026年8月", "2026-08"),
        ("2026年第二季度", "2026-Q2"),
        ("2026年上半年", "2026-H1"),
        ("2025年", "2025"),
    ],
)
def test_a_report_comes_in_the_wanted_form(
    office: Person, town: Town, place: Settlement, period: str, key: str
) -> None:
    office.says("督查情况", texts.REPORTS.zh, period)
    assert texts.REPORT_SENT.zh in joined(office.says(texts.AS_BOTH.zh))
    common = {"congress": place.congress, "period": key, "language": "zh"}
    assert recipes(town, "supervision_report") == [
        {**common, "format": "xlsx", "name": f"督查报表-{key}.xlsx"},
        {**common, "format": "html", "name": f"督查报表-{key}.html"},
    ]


@pytest.mark.usefixtures("numbers")
def test_pictures_come_from_the_project_and_from_the_overview(office: Person, town: Town, place: Settlement) -> None:
    office.says("督查情况", texts.MAP.zh)
    assert recipes(town, "cell_map") == [
        {"congress": place.congress, "as_of": "2026-09-01", "language": "zh", "name": "网格地图-20260901.png"}
    ]
    assert "第1号　道路硬化" in joined(office.says("项目", "道路硬化", texts.CARD.zh)) + office.screen()
    assert recipes(town, "project_card") == [
        {"project": 1, "as_of": "2026-09-01", "language": "zh", "name": "项目1-20260901.png"}
    ]


# --- a deputy's own year


@pytest.fixture
def busy(town: Town, place: Settlement, numbers: list[int]) -> None:
    with town.store() as store:
        told(store, 1, place.deputy, date(2026, 8, 30))
        idle, _ = enrolled(store, "idle", "白桦", place.congress, Role.DEPUTY)
        told(store, 1, idle, date(2026, 8, 30))
        store.liaisons.leave(numbers[1], place.deputy, Left.DECLINED, "太远")


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("channel", ["tap", "plain"])
def test_deputies_see_their_own_year_and_nobodys_place(town: Town, place: Settlement, channel: str) -> None:
    with town.store() as store:
        store.people.add_account(place.deputy, "plain", "deputy", "deputy")
    deputy = town.person("deputy", channel)
    deputy.says("取消")
    told_all = deputy.sees("我的履职")
    for said in (
        "2026年您在柳河镇人大的履职记录：",
        "收到督查任务 1 期，另提醒 0 次",
        "报了 1 份，督查记录 1 条",
        "一般 2 天",
        "发现问题 0 个",
        "联系的项目：道路硬化（第1号）、路灯安装（第2号）",
    ):
        assert said in told_all, told_all
    assert "排第" not in told_all
    assert "2025年您在柳河镇人大的履职记录" in deputy.sees(texts.LAST_YEAR.zh)
    assert "没有联系的项目" in deputy.screen()
    assert "2026年您" in deputy.sees(texts.THIS_YEAR.zh)


@pytest.mark.usefixtures("busy")
def test_places_are_told_where_the_congress_wants_them(town: Town, place: Settlement) -> None:
    with town.store() as store:
        rules = Rules(deputies_ranked=True).dump()
        store.unit.write(update(congresses).where(congresses.c.id == place.congress).values(rules=rules))
    for account, mine in (("deputy", 1), ("idle", 2)):
        person = town.person(account)
        person.says("取消")
        assert f"在 2 位代表里排第 {mine}" in person.sees("我的履职")


def test_a_deputy_who_left_sees_it_no_more(town: Town, place: Settlement, deputy: Person) -> None:
    deputy.says("取消", "我的履职")
    with town.store() as store:
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
    assert access.NOT_FOR_YOU.zh in joined(deputy.says(texts.LAST_YEAR.zh))


# --- the digest


@pytest.mark.usefixtures("numbers")
def test_a_digest_stands_above_the_overview_and_leads_on(clerk: Person, town: Town, place: Settlement) -> None:
    with town.store() as store:
        old = a_round(
            store, place.congress, period="2026-08", due_on=date(2026, 8, 25), closed=NOW - timedelta(hours=1)
        )
        a_duty(store, old, 1)
        a_problem(store, place.congress, 1, found=date(2026, 8, 3), closed=date(2026, 8, 20))
        store.unit.write(
            insert(prompts).values(
                person_id=place.staff,
                conversation="supervision",
                arguments={"congress": place.congress, "digest": "2026-08"},
                created_at=NOW,
            )
        )
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, [place.staff])
    told_all = joined(clerk.reads())
    for said in (
        "柳河镇人大2026年8月督查小结",
        "应报 1 份",
        "未报 1 份；其中无法督查 0 份",
        "发现问题 1 个，解决 1 个",
        "现在的情况：",
        "项目 3 个",
    ):
        assert said in told_all, told_all
    assert "路灯安装" in clerk.sees(texts.LATE.zh)


# --- in English


@pytest.mark.usefixtures("busy")
def test_english_readers_read_english(town: Town, place: Settlement) -> None:
    with town.store() as store:
        for person in (place.staff, place.deputy):
            store.people.change(person, language="en")
        store.unit.write(update(people).values(name="A deputy"))
        store.unit.write(update(projects).values(title="A road", body="An office"))
        store.unit.write(update(congresses).values(name="A congress"))
        store.unit.write(update(texts_table).values(body="words"))
    staff, deputy = town.person("staff"), town.person("deputy")
    for one in (staff, deputy):
        one.says("cancel")
        one.reads()
    words = [
        text
        for view in (*texts_of_views(), texts.NUDGE.en, texts.REPORTS.en)
        for text in (*staff.says("supervision", view), staff.screen())
    ]
    words += [*deputy.says("my year"), *deputy.says(texts.LAST_YEAR.en)]
    chinese = "[，。；：？！（）、]|(?!网格|杨柳村|第一|第二)[\u4e00-\u9fff]"
    assert not re.search(chinese, re.sub("杨柳村 第.网格", "", joined(words))), joined(words)


def texts_of_views() -> list[str]:
    views = texts.MISSING, texts.LATE, texts.BY_DEPUTY, texts.BY_CELL, texts.BY_BODY
    return [view.en for view in (*views, texts.PROBLEMS, texts.UNABLE, texts.TELEPHONES)]
