"""A clerk gets the ledger, fills it in, sends it back, and sees it done: the whole way, with the real file."""

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select

from bot.recipes.ledger_columns import EXPORTED, LEDGER, Column
from handlers import ledger_file
from handlers.messages import Attachment, Kind
from handlers.texts import access
from handlers.texts.words import REASON
from storage.attachments import State
from storage.database import transaction
from storage.domain.categories import Category
from storage.domain.proposal_status import Reason, Status
from storage.domain.roles import Role
from storage.tables import attachments, audit, messages, proposal_history, roles
from tests.conversing import joined
from tests.handlers.test_notices import notices
from tests.office import Office, open_office, until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HEADINGS = [column.value for column in Column]
Line = dict[Column, object]


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


async def exported(office: Office) -> Path:
    """The clerk asks for the ledger as a file, and gets it."""
    office.clerk.says("台账")
    assert "台账在这里" in joined(office.clerk.taps("导出台账"))
    with transaction(office.town.engine) as unit:
        sent = select(attachments.c.id).where(attachments.c.recipe.is_not(None), attachments.c.platform_id.is_(None))
        identity = unit.read(sent.order_by(attachments.c.id.desc()).limit(1)).scalar_one()
    file = await office.keeper().ready(identity)
    assert file
    assert file.name == "台账-20260901.xlsx"
    return Path(file.path)


def filled_in(path: Path, **lines: Line) -> bytes:
    """The file with some cells filled in; `n3={…}` is proposal 3."""
    with path.open("rb") as file:
        book = load_workbook(file)
    rows: dict[Any, Any] = {row[0].value: row for row in book[LEDGER].iter_rows(min_row=2)}
    for name, line in lines.items():
        for column, value in line.items():
            rows[int(name[1:])][HEADINGS.index(column)].value = value
    changed = path.with_name("edited.xlsx")
    book.save(changed)
    return changed.read_bytes()


async def loads(office: Office, content: bytes | Exception, name: str = "台账.xlsx") -> str:
    """The clerk sends a file back; what is said until nothing more follows."""
    office.clerk.says("台账")
    assert "发过来" in joined(office.clerk.taps("上传填好的台账"))
    heard = office.sends_file(office.clerk, content, name)
    assert "正在核对" in joined(heard)
    before = len(office.clerk._told())
    keeper = office.keeper()
    keeper.start()
    await until(lambda: not keeper.busy and bool(office.done))
    await keeper.stop()
    office.done.clear()
    return joined(text for text, _ in office.clerk._told()[before:])


def proposal(office: Office, number: int) -> Any:
    with office.town.store() as store:
        found = store.proposals.get(number)
    assert found
    return found


async def test_what_a_clerk_filled_in_is_shown_and_then_done_and_authors_are_told_once(office: Office) -> None:
    author = office.resident("author", "李梅")
    first, second, third = (office.proposal(text, author) for text in ("村口要修路", "装路灯", "我家院墙"))
    path = await exported(office)
    asked = await loads(
        office,
        filled_in(
            path,
            n1={Column.CATEGORY: "道路交通", Column.CELL_CODE: "lh1-2"},
            n2={Column.STATUS: "已采纳", Column.CELL_NAME: "青石村 第一网格"},
            n3={Column.STATUS: "未采纳", Column.REASON: REASON[Reason.SINGLE_BENEFICIARY].zh},
        ),
    )
    assert "要改 3 条建议，共 5 处，其中 2 条状态有变" in asked
    assert proposal(office, first).category is Category.OTHER
    assert "台账已更新 5 处" in joined(office.clerk.says("是"))
    assert (proposal(office, first).category, proposal(office, first).cell_id) == (
        Category.ROADS,
        office.place.bridge.id,
    )
    assert proposal(office, first).located_how == "staff"
    assert proposal(office, second).status is Status.TAKEN_UP
    assert proposal(office, third).status is Status.DECLINED
    assert office.town.person("author").reads() == [
        f"您的 {second}号建议已采纳。",
        f"您的 {third}号建议未采纳，因为只惠及一户或一家单位。",
    ]


async def test_a_status_is_told_in_the_very_words_of_the_chat(office: Office) -> None:
    by_chat = office.proposal("村口要修路", office.resident("neighbour"))
    by_file = office.proposal("村口要修路", office.resident("author"))
    path = await exported(office)
    office.clerk.says("台账")
    office.clerk.taps("按编号")
    office.clerk.says(str(by_chat))
    office.clerk.taps("不采纳")
    office.clerk.taps(REASON[Reason.TOO_LONG].zh)
    office.clerk.taps("跳过")
    declined: Line = {Column.STATUS: "未采纳", Column.REASON: REASON[Reason.TOO_LONG].zh}
    await loads(office, filled_in(path, **{f"n{by_file}": declined}))
    office.clerk.says("是")
    [chat], [file] = office.town.person("neighbour").reads(), office.town.person("author").reads()
    assert re.sub(r"\d+号", "", chat) == re.sub(r"\d+号", "", file)
    waiting = [notices(office.town, account) for account in ("neighbour", "author")]
    assert [(one.what, one.about) for (one,) in waiting] == [("未采纳", f"第{at}号建议") for at in (by_chat, by_file)]


async def test_the_log_says_who_and_from_which_message(office: Office) -> None:
    number = office.proposal("村口要修路")
    await loads(office, filled_in(await exported(office), n1={Column.STATUS: "已采纳"}))
    office.clerk.says("是")
    with transaction(office.town.engine) as unit:
        yes = unit.read(select(messages.c.id).where(messages.c.text == "是")).scalar_one()
        logged = unit.read(select(audit.c.person_id, audit.c.message_id).where(audit.c.action == "status")).one()
        history = select(proposal_history.c.person_id, proposal_history.c.message_id)
        told = unit.read(history.where(proposal_history.c.proposal_id == number).order_by(proposal_history.c.id)).all()
    assert tuple(logged) == tuple(told[-1]) == (office.place.staff, yes)


async def test_a_no_changes_nothing(office: Office) -> None:
    number = office.proposal("村口要修路")
    await loads(office, filled_in(await exported(office), n1={Column.STATUS: "已采纳"}))
    assert "什么都没改" in joined(office.clerk.says("不是"))
    assert proposal(office, number).status is Status.RECEIVED


@sqlite_only
async def test_a_ledger_that_was_not_touched_has_nothing_to_change(office: Office) -> None:
    office.proposal("村口要修路", cell="lh1-1")
    assert "没有要改的" in await loads(office, (await exported(office)).read_bytes())


@sqlite_only
async def test_a_ledger_loaded_twice_has_nothing_to_change_the_second_time(office: Office) -> None:
    office.proposal("村口要修路")
    content = filled_in(await exported(office), n1={Column.STATUS: "已采纳", Column.CELL_CODE: "lh1-1"})
    await loads(office, content)
    office.clerk.says("是")
    assert "没有要改的" in await loads(office, content)


async def test_what_somebody_else_changed_meanwhile_is_listed_and_left(office: Office) -> None:
    number, other = office.proposal("村口要修路"), office.proposal("装路灯")
    path = await exported(office)
    with office.town.store() as store:
        store.proposals.change_status(number, Status.RESERVE)
        store.proposals.correct(number, cell_id=office.place.willow.id)
    told = await loads(
        office,
        filled_in(
            path,
            n1={Column.STATUS: "已采纳", Column.CELL_CODE: "lh1-2", Column.CATEGORY: "道路交通"},
            n2={Column.STATUS: "已采纳"},
        ),
    )
    assert "要改 2 条建议，共 2 处" in told
    assert "有 2 处已被别人改过" in told
    assert f"{number}号 状态：您填“已采纳”，现在是“列入储备库”" in told
    assert f"{number}号 网格：您填“杨柳村 第二网格”，现在是“杨柳村 第一网格”" in told
    office.clerk.says("是")
    assert (proposal(office, number).status, proposal(office, number).category) == (Status.RESERVE, Category.ROADS)
    assert proposal(office, number).cell_id == office.place.willow.id
    assert proposal(office, other).status is Status.TAKEN_UP


@sqlite_only
async def test_two_who_declined_for_different_reasons_are_told_of_the_reasons(office: Office) -> None:
    number = office.proposal("我家院墙")
    path = await exported(office)
    with office.town.store() as store:
        store.proposals.change_status(number, Status.DECLINED, reason=Reason.SINGLE_BENEFICIARY)
    told = await loads(
        office, filled_in(path, n1={Column.STATUS: "未采纳", Column.REASON: REASON[Reason.NOT_PUBLIC].zh})
    )
    assert f"您填“{REASON[Reason.NOT_PUBLIC].zh}”，现在是“{REASON[Reason.SINGLE_BENEFICIARY].zh}”" in told


@sqlite_only
async def test_when_only_conflicts_remain_there_is_nothing_to_agree_to(office: Office) -> None:
    number = office.proposal("村口要修路")
    path = await exported(office)
    with office.town.store() as store:
        store.proposals.change_status(number, Status.RESERVE)
    told = await loads(office, filled_in(path, n1={Column.STATUS: "已采纳"}))
    assert "没有要改的" in told
    assert "有 1 处已被别人改过" in told


async def test_what_somebody_changes_between_question_and_yes_is_left_and_told(office: Office) -> None:
    number, other = office.proposal("村口要修路"), office.proposal("装路灯")
    await loads(
        office,
        filled_in(await exported(office), n1={Column.STATUS: "已采纳"}, n2={Column.STATUS: "已采纳"}),
    )
    with office.town.store() as store:
        store.proposals.change_status(number, Status.WITHDRAWN)
    told = joined(office.clerk.says("是"))
    assert "台账已更新 1 处" in told
    assert f"{number}号 状态：您填“已采纳”，现在是“已撤回”" in told
    assert proposal(office, number).status is Status.WITHDRAWN
    assert proposal(office, other).status is Status.TAKEN_UP


@sqlite_only
async def test_nothing_is_changed_while_any_line_is_wrong_and_all_wrong_lines_are_told(office: Office) -> None:
    numbers = [office.proposal(f"建议 {at}") for at in range(1, 11)]
    with office.town.store() as store:
        store.proposals.change_status(numbers[6], Status.WITHDRAWN)
    told = await loads(
        office,
        filled_in(
            await exported(office),
            n1={Column.STATUS: "已采纳"},
            n2={Column.STATUS: "未采纳"},
            n3={Column.REASON: REASON[Reason.TOO_LONG].zh},
            n4={Column.CATEGORY: "修路"},
            n5={Column.CELL_CODE: "xx-9"},
            n6={Column.CELL_NAME: "青石村"},
            n7={Column.STATUS: "已采纳"},
            n8={Column.STATUS: "已归并"},
            n9={Column.CELL_CODE: "lh1-1", Column.CELL_NAME: "杨柳村 第二网格"},
            n10={Column.CELL_CODE: "sq1-1"},
        ),
    )
    assert told.splitlines() == [
        "有 9 处要改：",
        "第 3 行：改为未采纳，要选原因",
        "第 4 行：填了原因，但状态没有改为未采纳；已是未采纳的不能换原因",
        "第 5 行：没有“修路”这个类别",
        "第 6 行：没有“xx-9”这个网格",
        "第 7 行：叫“青石村”的网格不止一个，请写网格编码",
        "第 8 行：现在是“已撤回”，不能改为“已采纳”",
        "第 9 行：不能在表里改为“已归并”，请在对话里办",
        "第 10 行：网格编码 lh1-1 和网格名称对不上",
        "第 11 行：没有“sq1-1”这个网格",
        "请改好后重新上传，现在什么都没改。",
    ]
    assert proposal(office, numbers[0]).status is Status.RECEIVED


@sqlite_only
async def test_a_ledger_of_another_congress_is_not_taken(office: Office) -> None:
    office.proposal("村口要修路")
    path = await exported(office)
    with path.open("rb") as file:
        book = load_workbook(file)
    book[EXPORTED]["B1"] = office.county_congress()
    book.save(office.folder / "other.xlsx")
    assert "另一个人大" in await loads(office, (office.folder / "other.xlsx").read_bytes())


@sqlite_only
@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("编号,状态\n1,已采纳\n".encode(), "台账.csv", "请上传从这里导出的 XLSX 台账"),
        (b"MZ program", "台账.xlsx", "文件没有收下"),
        (b"\xff\xd8\xff picture", "台账.xlsx", "内容和文件名对不上"),
    ],
)
async def test_a_file_that_is_no_ledger_is_said_to_be_none(
    office: Office, content: bytes, name: str, told: str
) -> None:
    assert told in await loads(office, content, name)


@sqlite_only
def test_words_and_photos_are_no_file(office: Office) -> None:
    office.clerk.says("台账")
    office.clerk.taps("上传填好的台账")
    assert "请把文件发过来" in joined(office.clerk.says("在这里"))
    assert "请把文件发过来" in joined(office.clerk.shows())


# --- larger ones, and what comes in between


async def many(office: Office, count: int) -> str:
    author = office.resident("author")
    for at in range(count):
        office.proposal(f"建议 {at}", author)
    lines: dict[str, Line] = {f"n{at + 1}": {Column.STATUS: "已采纳"} for at in range(count)}
    return await loads(office, filled_in(await exported(office), **lines))


def taken_up(office: Office, count: int) -> int:
    return sum(proposal(office, at + 1).status is Status.TAKEN_UP for at in range(count))


async def test_many_changes_are_made_in_pieces_and_told_of_at_the_end(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_file, "PIECE", 3)
    assert "要改 10 条建议" in await many(office, 10)
    answer = office.town.hand_in(office.clerk.message(Kind.TEXT, text="是"))
    assert 3 <= taken_up(office, 10) < 10
    assert answer.prompted == {office.place.staff}
    office.begin_prompts({office.place.staff})
    assert taken_up(office, 10) == 10
    told = office.clerk.reads()[-2:]
    assert told == ["开始更新 10 处，完成后告诉您。", "台账已更新 10 处。"]
    assert len(office.town.person("author").reads()) == 10


@sqlite_only
async def test_what_was_broken_off_goes_on_after_a_restart(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_file, "PIECE", 2)
    await many(office, 7)
    with transaction(office.town.engine) as unit:
        office.town.dispatcher.handle(unit, [office.clerk.message(Kind.TEXT, text="是")])
    assert 0 < taken_up(office, 7) < 7
    with office.town.store() as store:
        waiting = set(store.conversations.prompted(10))
    office.begin_prompts(waiting)
    assert taken_up(office, 7) == 7
    assert "台账已更新 7 处" in office.clerk.reads()[-1]


@sqlite_only
async def test_who_is_in_the_middle_of_something_is_asked_afterwards(office: Office) -> None:
    office.proposal("村口要修路")
    content = filled_in(await exported(office), n1={Column.STATUS: "已采纳"})
    office.clerk.says("台账")
    office.clerk.taps("上传填好的台账")
    office.sends_file(office.clerk, content)
    office.clerk.says("提建议")
    keeper = office.keeper()
    keeper.start()
    await until(lambda: bool(office.done))
    await keeper.stop()
    assert office.clerk.reads() == []
    assert "要改 1 条建议" in joined(office.clerk.says("取消"))


@sqlite_only
async def test_who_is_no_longer_staff_changes_nothing(office: Office) -> None:
    number = office.proposal("村口要修路")
    await loads(office, filled_in(await exported(office), n1={Column.STATUS: "已采纳"}))
    with transaction(office.town.engine) as unit:
        unit.write(roles.update().where(roles.c.person_id == office.place.staff).values(revoked_at=office.town.now))
    assert access.NOT_FOR_YOU.zh == joined(office.clerk.says("是"))
    assert proposal(office, number).status is Status.RECEIVED


@sqlite_only
async def test_staff_of_one_congress_cannot_load_the_ledger_of_another(office: Office) -> None:
    county = office.county_congress()
    with office.town.store() as store:
        person = store.people.add("孙丽")
        store.people.add_account(person, "tap", "stranger", "stranger")
        store.people.grant(person, county, Role.STAFF)
    stranger = office.town.person("stranger")
    stranger.says("台账")
    stranger.taps("上传填好的台账")
    with transaction(office.town.engine) as unit:
        unit.write(roles.update().where(roles.c.person_id == person).values(congress_id=office.congress))
    told = stranger.does(stranger.message(Kind.DOCUMENT, attachments=(Attachment(Kind.DOCUMENT, "f", "a.xlsx"),)))
    assert "不归您" in joined(told)


@sqlite_only
async def test_the_ledger_that_was_sent_is_not_kept_for_long(office: Office) -> None:
    office.proposal("村口要修路")
    await loads(office, (await exported(office)).read_bytes())
    office.town.passes(days=8)
    with office.town.store() as store:
        assert store.attachments.expire(office.town.now, 10) == 2
        states = store.unit.read(select(attachments.c.state)).scalars().all()
    assert set(states) == {State.EXPIRED}
