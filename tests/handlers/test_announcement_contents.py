"""What announcements say by themselves: from what is stored, with blanks where nothing is, and never too long."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update

from handlers.announcement_contents import group_text, suggested
from handlers.texts.announcement_contents import GROUP_LIMIT, fitting
from handlers.texts.announcement_contents import group_text as forwarded
from handlers.texts.phrase import Phrase
from storage.announcement_contents import BLANK
from storage.announcements import Announcement, Content
from storage.areas import add_station
from storage.audit import Actor
from storage.domain.announcements import TEXT_LIMIT, TITLE_LIMIT, Correction, Kind
from storage.domain.areas import Level
from storage.domain.audience import Audience
from storage.domain.cadence import Duty
from storage.domain.project_stages import Stage
from storage.projects import Why
from storage.store import Store
from storage.tables import congresses, cycles
from tests.conversing import NOW, Town
from tests.settlement import Settlement, on
from tests.storage.test_people import storing
from tests.storage.test_projects import a_project
from tests.supervised import a_problem, a_round

ADDRESS = "https://minsheng.example.org/board/1"
WORDS = st.text(max_size=400)


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


@pytest.fixture
def town(engine: Engine, place: Settlement) -> Town:  # noqa: ARG001  # the settlement has to be there first
    return Town(engine)


def says(town: Town, place: Settlement, kind: Kind, language: str = "zh") -> tuple[str, str]:
    with town.store() as store:
        return suggested(store, store.congresses.get(place.congress), kind, language)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_can_be_begun_in_a_congress_that_has_nothing_yet(
    town: Town, place: Settlement, kind: Kind, language: str
) -> None:
    with town.store() as store:
        store.unit.write(update(cycles).values(closed_at=NOW))
    title, text = says(town, place, kind, language)
    assert (title == "", text == "") == ((True, True) if kind is Kind.OTHER else (False, False))
    assert len(title) <= TITLE_LIMIT
    # Whoever takes nothing of it to be filled in tells nothing false.
    assert BLANK in text or kind in (Kind.OTHER, Kind.PROGRESS)


@pytest.mark.parametrize(
    ("today", "title", "text"),
    [
        (date(2026, 6, 1), "柳河镇人大征集2026年民生实事项目建议", "从2026年7月1日到2026年12月31日"),
        (date(2026, 12, 31), "柳河镇人大征集2026年民生实事项目建议", "给我们发“提建议”"),
        (date(2027, 1, 1), "柳河镇人大2026年民生实事项目征集结束", "共收到建议 2 条"),
    ],
)
def test_collecting_is_told_by_its_window(town: Town, place: Settlement, today: date, title: str, text: str) -> None:
    resident = town.person("r1")
    resident.suggests("村口要修路")
    resident.suggests("河边装路灯")
    town.now = NOW.replace(year=today.year, month=today.month, day=today.day)
    said = says(town, place, Kind.COLLECTING)
    assert said[0] == title
    assert text in said[1]
    assert BLANK not in said[1]


def test_candidates_leave_blanks_that_say_what_they_are(town: Town, place: Settlement) -> None:
    title, text = says(town, place, Kind.CANDIDATES)
    assert title == "柳河镇人大2026年民生实事候选项目预告"
    for fact in ("建设内容", "投资", "承办单位", "完成期限"):
        assert f"{fact}：{BLANK}" in text


def test_a_result_names_each_project_with_what_was_voted_on(town: Town, place: Settlement) -> None:
    with town.store() as store:
        a_project(store, place)
        a_project(store, place, title="挖{姓名}井", content="", investment=35_000, body="水利站")
    title, text = says(town, place, Kind.VOTE_RESULT)
    assert title == "柳河镇人大2026年民生实事项目票决结果"
    assert "选出2026年民生实事项目 2 个，总投资 49.5 万元：" in text
    assert "1. 柳树湾道路硬化。硬化道路 1.2 公里。投资 46 万元，镇村镇建设办承办，2026年11月30日前完成。" in text
    assert "2. 挖｛姓名｝井。投资 3.5 万元，水利站承办" in text
    with town.store() as store:
        a_project(store, place, title="装灯", investment=None)
    text = says(town, place, Kind.VOTE_RESULT)[1]
    assert "总投资" not in text
    assert f"投资 {BLANK}" in text


def test_the_year_that_has_begun_after_the_vote_does_not_hide_the_result(town: Town, place: Settlement) -> None:
    with town.store() as store:
        a_project(store, place)
        store.congresses.begin_cycle(place.congress, 2027, date(2027, 7, 1), date(2027, 12, 31))
    assert "柳树湾道路硬化" in says(town, place, Kind.VOTE_RESULT)[1]


def test_progress_puts_the_gravest_first(town: Town, place: Settlement) -> None:
    town.now += timedelta(days=30)  # 1 October: 40 per cent are planned
    with town.store() as store:
        slow, on_plan, finished = (a_project(store, place, title=title) for title in ("修路", "挖井", "装灯"))
        store.projects.report(slow, 10)
        store.projects.report(on_plan, 60)
        store.projects.move(finished, Stage.FINISHED, Why(), Level.TOWNSHIP, date(2026, 9, 30))
        a_problem(store, place.congress, slow)
        a_problem(store, place.congress, slow, closed=date(2026, 9, 20))
    title, text = says(town, place, Kind.PROGRESS)
    assert title == "柳河镇人大民生实事项目进展（2026年10月1日）"
    assert text.startswith("截至2026年10月1日，民生实事项目共 3 个：已完工 1 个，按计划推进 1 个，进度偏慢 1 个。\n")
    listed = [line for line in text.splitlines() if line.startswith(("【", "1", "2", "3"))]
    assert listed == [
        "【进度偏慢】",
        "1. 修路：完成 10%，计划 40%，1 个问题正在整改。",
        "【按计划推进】",
        "2. 挖井：完成 60%，计划 40%。",
        "【已完工】",
        "3. 装灯：已完工。",
    ]


def test_a_reception_day_is_the_one_that_comes_next_with_its_stations(town: Town, place: Settlement) -> None:
    assert says(town, place, Kind.RECEPTION)[0] == f"柳河镇人大代表接待日：{BLANK}"
    with town.store() as store:
        store.cadences.turn_on(place.congress, Duty.RECEPTION)
        add_station(store.unit, store.audit, place.village.id, "st2", "柳树湾代表之家", "杨柳村 8 号")
    title, text = says(town, place, Kind.RECEPTION)
    assert title == "柳河镇人大代表接待日：2026年9月15日"
    assert text.startswith("2026年9月15日（星期二），人大代表在联络站接待大家")
    assert f"1. 杨柳村代表联络站：{BLANK}\n2. 柳树湾代表之家：杨柳村 8 号" in text
    with town.store() as store:  # made known already; by the cadence the next one is in a month
        a_round(store, place.congress, Duty.RECEPTION, due_on=date(2026, 9, 14))
    assert "2026年9月14日" in says(town, place, Kind.RECEPTION)[0]


@pytest.mark.parametrize("kind", [Kind.VOTE_RESULT, Kind.PROGRESS])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_many_projects_are_cut_between_two_of_them(town: Town, place: Settlement, kind: Kind, language: str) -> None:
    with town.store() as store:
        store.unit.write(update(congresses).values(name="很长的名字" * 20))
        for number in range(120):
            a_project(store, place, title=f"项目{number:03}{'长' * 60}", content="内" * 20_000)
    title, text = says(town, place, kind, language)
    assert len(title) <= TITLE_LIMIT
    assert 2_500 < len(text) <= TEXT_LIMIT
    assert ("等 120 个项目，详见公告榜。" if language == "zh" else "120 projects in all; the board has them.") in text
    rows = [line for line in text.splitlines() if "项目0" in line]
    assert rows
    assert all(row.endswith(("。", ".")) for row in rows)


@given(head=WORDS, rows=st.lists(WORDS, max_size=40), tail=WORDS, limit=st.integers(900, 3_000))
def test_what_fits_is_never_too_long_and_loses_no_half_row(head: str, rows: list[str], tail: str, limit: int) -> None:
    text = fitting(Phrase(head), [Phrase(row) for row in rows], Phrase(tail), Phrase("等"), limit).zh
    assert len(text) <= limit
    assert any(
        text == "\n".join([head, *rows[:count], *([] if count == len(rows) else ["等"]), tail])
        for count in range(len(rows) + 1)
    )


@given(st.text(max_size=TITLE_LIMIT), st.text(max_size=TEXT_LIMIT))
def test_the_text_for_groups_is_short_and_says_where_all_of_it_is(title: str, text: str) -> None:
    for said in (forwarded(title, text, ADDRESS).zh, forwarded(title, text, ADDRESS).en):
        assert len(said) <= GROUP_LIMIT
        assert said.endswith(ADDRESS)


def test_a_correction_says_so_in_groups_too(engine: Engine, place: Settlement) -> None:
    content = Content(Kind.OTHER, "停水（{网格}）", "{姓名}，明天停水。", Audience(everybody=True))
    with storing(engine, actor=Actor(place.staff)) as store:
        first = store.announcements.add(place.congress, content)
        second = store.announcements.add(
            place.congress, replace(content, title="不停水"), corrects=first, correction=Correction.REPLACE
        )
        plain, corrected = found(store, first), found(store, second)
    assert group_text(plain, ADDRESS).startswith("停水（您所在的网格）\n各位居民，明天停水。\n")
    assert group_text(corrected, ADDRESS).startswith("【更正】不停水\n")


def found(store: Store, number: int) -> Announcement:
    one = store.announcements.get(number)
    assert one
    return one
