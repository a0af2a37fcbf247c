"""Proof that an announcement was delivered, as those find it who open it: the workbook, and the card."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, insert

from bot.pictures.announcement_card import AnnouncementCard
from bot.recipes.announcement_report import TELEPHONES
from bot.recipes.catalogue import Recipes
from bot.recipes.drawings import Drawings
from storage.announcement_reports import AnnouncementReports, Telephone
from storage.audit import Actor
from storage.domain.announcements import State, Step
from storage.domain.audience import Audience
from storage.domain.roles import Role
from storage.mass_sends import MassSends, MassSent
from storage.tables import mass_sends
from storage.texts import keep_text
from tests.delivered import CONTENT, an_announcement, recipients
from tests.office import Office, open_office
from tests.settlement import enrolled

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SHEETS = ["总体情况", "渠道", "网格", "原因", "审核", "电话名单"]
FORMULA = '=HYPERLINK("http://x","点这里")'
Made = Callable[..., Path]


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


@pytest.fixture
def made(office: Office) -> Made:
    recipes = Recipes(office.town.engine, lambda _: office.town.areas, lambda: office.town.now)

    def make(number: int, kind: str = "announcement_report", **more: str) -> Path:
        path = office.folder / kind
        recipes.make({"kind": kind, "arguments": {"announcement": number, **more}}, path)
        return path.rename(path.with_suffix(".xlsx")) if kind == "announcement_report" else path

    return make


def sheet(path: Path, title: str) -> list[dict[str, Any]]:
    head, *rows = load_workbook(path)[title].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def overall(path: Path) -> dict[str, Any]:
    return {row["事项"]: row["内容"] for row in sheet(path, "总体情况")}


@pytest.fixture
def number(office: Office) -> int:
    """An announcement for eleven people, of whom each fared differently."""
    place = office.place
    content = replace(CONTENT, title=FORMULA, audience=Audience(everybody=True, channels=("tap", "web")))
    with office.town.store() as store:
        number = an_announcement(store, place, content)
        recipients(store, number, 3, cell=place.willow.id, opened=True)
        recipients(store, number, 1, cell=place.bridge.id, channel="web")
        recipients(store, number, 1, became="", cell=place.bridge.id)
        recipients(store, number, 1, became="paused")
        recipients(store, number, 1, became="held", why="unreachable", named=[("周平", "13800000001")])
        recipients(store, number, 1, became="failed", why="refused 400 Bad Request", named=[("吴兰", "")])
        recipients(store, number, 1, became="failed", why="stopped")
        recipients(store, number, 1, became="skipped", why="muted")
        recipients(store, number, 1, became="skipped", why="nowhere", channel="", named=[("=1+1", "13800000002")])
    return number


def test_the_parts_sum_to_the_audience_and_it_says_so(number: int, made: Made) -> None:
    path = made(number)
    assert load_workbook(path).sheetnames == SHEETS
    found = overall(path)
    assert [found[name] for name in ("应发人数", "已送达", "其中打开", "待发", "等对方下次来", "没送到", "不用发")] == [
        *(11, 4, 3, 2, 1, 2, 2)
    ]
    assert found["各项相加"] == "11，等于应发人数"
    assert (found["公告编号"], found["种类"], found["状态"]) == (number, "征集公告", "正在发送")
    assert found["发给谁"] == "全体（只发tap、网页聊天）"
    assert (found["开始发送"], found["结束"], found["统计时间"]) == ("2026-09-01 09:00", None, "2026-09-01 09:00")


def test_each_mass_send_stands_there_with_what_the_platform_told(office: Office, number: int, made: Made) -> None:
    with office.town.store() as store:
        recipients(store, number, 2, became="massed")
        common = {"announcement_id": number, "channel": "tap", "text_id": keep_text(store.unit, store.now, "x", None)}
        store.unit.flush()
        for key, state, became, people in (
            ("a", "closed", "sent", 9),
            ("b", "closed", "err(40001)", 5),
            ("c", "asked", "", 2),
        ):
            sent = {**common, "key": key, "number": key, "state": state, "became": became, "people": people}
            store.unit.write(insert(mass_sends), {**sent, "due_at": store.now, "called_at": store.now})
        MassSends(store.unit, store.now).note("tap", MassSent("a", "send success", 9, 8, 7, 1))
    path = made(number)
    assert overall(path)["群发中"] == 2
    assert overall(path)["各项相加"] == "13，等于应发人数"
    assert [tuple(row.values())[1:] for row in sheet(path, "群发")] == [
        (9, "已发出", 9, 8, 7, 1),
        (5, "管理员没有同意", None, None, None, None),
        (2, "已提交，等微信发出", None, None, None, None),
    ]


def test_it_is_told_by_channel_cell_and_reason(number: int, made: Made) -> None:
    path = made(number)
    assert [(row["渠道"], row["应发人数"], row["已送达"]) for row in sheet(path, "渠道")] == [
        ("没有账号", 1, 0),
        ("tap", 9, 3),
        ("网页聊天", 1, 1),
    ]
    assert [(row["网格"], row["应发人数"], row["已送达"], row["其中打开"]) for row in sheet(path, "网格")] == [
        ("杨柳村 第一网格", 3, 3, 3),
        ("杨柳村 第二网格", 2, 1, 0),
        ("没登记网格", 6, 0, 0),
    ]
    assert {(row["结果"], row["原因"], row["人数"]) for row in sheet(path, "原因")} == {
        ("没送到", "平台不收这条消息", 1),
        ("没送到", "公告停止，没有发", 1),
        ("不用发", "本人退订", 1),
        ("不用发", "没有账号", 1),
    }


def test_those_to_be_called_are_listed_and_nobody_else(number: int, made: Made) -> None:
    assert sheet(made(number), "电话名单") == [
        {"姓名": "周平", "电话": "13800000001", "原因": "停用、拉黑或注销"},
        {"姓名": "吴兰", "电话": None, "原因": "平台不收这条消息"},
        {"姓名": "=1+1", "电话": "13800000002", "原因": "没有账号"},
    ]


def test_what_a_person_wrote_is_never_a_formula(number: int, made: Made) -> None:
    book = load_workbook(made(number))
    for title, row, column, text in (("总体情况", 4, 2, FORMULA), ("电话名单", 4, 1, "=1+1")):
        cell = book[title].cell(row, column)
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_it_names_who_agreed_and_when(office: Office, made: Made) -> None:
    place = office.place
    with office.town.store() as store:
        number = an_announcement(store, place, state=State.DRAFT)
        other, _ = enrolled(store, "second", "孙丽", place.congress, Role.STAFF)
        rules = store.congresses.get(place.congress).rules
        mine = store.on_behalf_of(Actor(place.staff)).announcements
        mine.sign(number, 1, Step.SUBMIT, rules)
        store.on_behalf_of(Actor(other)).announcements.sign(number, 1, Step.RETURN, rules, "日期写错了")
    assert sheet(made(number), "审核") == [
        {"第几版": 1, "步骤": "送审", "姓名": "王芳", "时间": "2026-09-01 09:00", "原因": None},
        {"第几版": 1, "步骤": "退回", "姓名": "孙丽", "时间": "2026-09-01 09:00", "原因": "日期写错了"},
    ]


@sqlite_only
def test_english_readers_get_an_english_report(number: int, made: Made) -> None:
    path = made(number, language="en")
    assert load_workbook(path).sheetnames == ["Overall", "Channels", "Cells", "Reasons", "Reviews", "Telephone list"]
    assert {row["Item"]: row["Value"] for row in sheet(path, "Overall")}["Sum"] == "11, which is the audience"


@sqlite_only
def test_of_a_long_telephone_list_the_first_stand_in_it(
    number: int, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(_: AnnouncementReports, __: int, after: int = 0, limit: int = 0) -> list[Telephone]:
        return [Telephone(after + at, f"人{at}", "", "nowhere") for at in range(limit)]

    monkeypatch.setattr(AnnouncementReports, "telephones", many)
    rows = sheet(made(number), "电话名单")
    assert len(rows) == TELEPHONES + 1
    assert rows[-1]["姓名"] == "只列前 5,000 人"


@sqlite_only
@pytest.mark.parametrize("kind", ["announcement_report", "announcement_card"])
def test_of_an_announcement_that_is_not_there_nothing_is_made(made: Made, kind: str) -> None:
    with pytest.raises(KeyError):
        made(9, kind)


# --- the card


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[AnnouncementCard]:
    """What cards are drawn of, in place of drawing them."""
    drawn: list[AnnouncementCard] = []

    def draw(card: AnnouncementCard, _: str) -> bytes:
        drawn.append(card)
        return b"drawn"

    monkeypatch.setattr("bot.recipes.announcement_card._kept", Drawings())
    monkeypatch.setattr("bot.recipes.announcement_card.announcement_card", draw)
    return drawn


def test_the_card_tells_the_same(office: Office, number: int, made: Made, cards: list[AnnouncementCard]) -> None:
    made(number, "announcement_card")
    made(number, "announcement_card")
    (card,) = cards  # nothing has changed between the two
    assert (card.audience, card.sent, card.opened, card.waiting, card.held) == (11, 4, 3, 2, 1)
    assert (card.failed, card.skipped, card.parts) == (2, 2, 11)
    assert dict(card.reasons) == {"本人退订": 1, "没有账号": 1, "公告停止，没有发": 1, "平台不收这条消息": 1}
    assert (card.title, card.state, card.as_of) == (FORMULA, "正在发送", "2026-09-01 09:00")
    with office.town.store() as store:
        recipients(store, number, 1)
    office.town.now += timedelta(minutes=1)
    made(number, "announcement_card")
    assert (cards[-1].audience, cards[-1].as_of) == (12, "2026-09-01 09:01")
