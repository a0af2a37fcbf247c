"""Files of announcements as people write them: what is understood, and what is refused with which sentence."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from handlers.texts.announcements import BUTTON, KIND
from storage.announcement_contents import BLANK
from storage.announcement_faults import WHY
from storage.announcement_file import BYTES_LIMIT, NAMES, read_announcement, several
from storage.announcement_import import Plan, apply_import, plan_import
from storage.area_index import AreaIndex
from storage.areas import load_index
from storage.audit import Actor
from storage.database import reading, transaction
from storage.domain.announcements import FILES, TITLE_LIMIT, Kind, State
from storage.domain.audience import Audience, Groups
from storage.domain.file_kinds import SIZE_LIMIT, Refusal
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.files import FileStore
from storage.line_faults import TableRefused
from storage.links import Target
from storage.store import Store
from storage.tables import audit, congresses
from tests.conversing import NOW
from tests.settlement import Settlement, on, second_congress
from tests.storage.test_people import storing
from tests.storage.test_projects import a_project

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
WHOLE = """# 这一行不算
种类：征集公告
标题： 2026年民生实事项目开始征集
发给：全体

正文：
{姓名}，从7月1日起，
您可以提建议：写“提建议”。
"""
Planned = Callable[..., Plan]


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


@pytest.fixture
def planned(engine: Engine, place: Settlement, tmp_path: Path) -> Planned:
    """What importing a text would do, for the township's congress."""

    def plan(text: str | bytes, congress: int = 0) -> Plan:
        path = tmp_path / "notice.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        written = read_announcement(path)
        with reading(engine) as unit:
            store = Store(unit, NOW, load_index(unit), channels=["tap", "web"])
            buttons = {name: said.zh for name, said in BUTTON.items()}
            return plan_import(store, store.congresses.get(congress or place.congress), written, tmp_path, buttons)

    return plan


def with_line(line: str) -> str:
    return WHOLE.replace("正文：", f"{line}\n正文：")


def with_audience(words: str) -> str:
    return WHOLE.replace("发给：全体", f"发给：{words}")


def refused(planned: Planned, text: str | bytes) -> list[str]:
    """The kinds of all that is wrong; each has its sentences in both languages, with nothing left open."""
    with pytest.raises(TableRefused) as caught:
        planned(text)
    for fault in caught.value.faults:
        assert fault.chinese != fault.english
        assert "{heading}" not in str(fault)
    return [fault.kind for fault in caught.value.faults]


# --- what is understood


def test_a_file_says_what_it_says(planned: Planned) -> None:
    content = planned(WHOLE).content
    assert (content.kind, content.title) == (Kind.COLLECTING, "2026年民生实事项目开始征集")
    assert content.text == "{姓名}，从7月1日起，\n您可以提建议：写“提建议”。"
    assert (content.audience, content.link, content.button) == (Audience(everybody=True), "", "")
    assert (content.files, content.on_board, content.send_at, content.urgent) == ((), True, None, "")


def test_everything_that_may_be_said_is_understood(
    planned: Planned, engine: Engine, place: Settlement, tmp_path: Path
) -> None:
    with storing(engine) as store:
        store.people.add_account(place.staff, "web", "w1", "w1")
    (tmp_path / "海报.png").write_bytes(PNG)
    (tmp_path / "通知").write_bytes(b"%PDF-1.7 ...")
    more = [
        "时间：2026年9月2日 9点30分",
        "链接：https://example.org/a?b=1",
        "按钮：提建议",
        "公告榜：否",
        "渠道：网页聊天",
    ]
    content = planned(with_line("\n".join([*more, "附件：海报.png；通知"]))).content
    assert content.send_at == datetime(2026, 9, 2, 1, 30, tzinfo=UTC)
    assert (content.link, content.button, content.on_board) == ("https://example.org/a?b=1", "suggest", False)
    assert content.audience.channels == ("web",)
    assert [(name, media_type) for _, name, media_type in content.files] == [
        ("海报.png", "image/png"),
        ("通知.pdf", "application/pdf"),
    ]


def test_json_in_english_says_the_same(planned: Planned) -> None:
    text = "{姓名}，从7月1日起，\n您可以提建议：写“提建议”。"
    whole = {"kind": "collecting", "Title": "2026年民生实事项目开始征集", "audience": ["everybody"], "text": text}
    assert planned(json.dumps(whole)).content == planned(WHOLE).content
    more = {**whole, "without": ["代表", "杨柳村"], "board": False, "link": None, "button": "nearby"}
    content = planned(json.dumps(more, ensure_ascii=False)).content
    assert (len(content.audience.without.roles), len(content.audience.without.areas)) == (1, 1)
    assert (content.on_board, content.button) == (False, "nearby")


def test_a_file_of_windows_is_read_too(planned: Planned) -> None:
    windows = WHOLE.replace("\n", "\r\n").replace("{姓名}", "各位")
    assert planned(windows.encode("gb18030")).content.text == "各位，从7月1日起，\n您可以提建议：写“提建议”。"


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_known_by_what_the_bot_calls_it(planned: Planned, kind: Kind) -> None:
    for word in (kind.value, kind.value.upper(), KIND[kind].zh):
        assert planned(WHOLE.replace("征集公告", word)).content.kind is kind


@pytest.mark.parametrize("name", NAMES)
def test_the_names_in_sentences_are_headings(planned: Planned, name: str) -> None:
    for heading in NAMES[name]:
        written = f"{heading}：x"
        kinds = refused(planned, f"{written}\n{written}")
        assert "heading_unknown" not in kinds
        assert "no_heading" not in kinds


def test_audiences_are_named_in_words(planned: Planned, engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        project = a_project(store, place)
        store.people.grant(place.deputy, place.congress, Role.DEPUTY, group_name="第一代表小组")
    said: dict[str, Groups] = {
        "代表": Groups(roles=(Role.DEPUTY,)),
        "全体网格员、工作人员": Groups(roles=(Role.GRID_WORKER, Role.STAFF)),
        "第一代表小组": Groups(groups=("第一代表小组",)),
        "杨柳村；lh1-2": Groups(areas=(place.village.id, place.bridge.id)),
        "柳树湾": Groups(areas=(place.willow.id,)),
        "柳河镇": Groups(areas=(place.township.id,)),
        f"项目 {project}，代表": Groups(roles=(Role.DEPUTY,), projects=(project,)),
        f"{project}号项目；代表": Groups(roles=(Role.DEPUTY,), projects=(project,)),
    }
    with storing(engine) as store:
        store.people.change(place.staff, cell_id=place.willow.id)
        store.people.change(place.worker, cell_id=place.bridge.id)
    for words, those in said.items():
        assert planned(with_audience(words)).content.audience == Audience(those=those), words
    plan = planned(WHOLE.replace("发给：全体", "发给：全镇、代表\n不发给：工作人员"))
    assert plan.content.audience == Audience(everybody=True, without=Groups(roles=(Role.STAFF,)))
    assert (plan.reach.people, {one.name for one in plan.examples}) == (2, {"李强", "赵敏"})


@given(st.lists(st.text("甲乙丙", min_size=1), max_size=6), st.text("、，,；; \n", min_size=1).filter(str.strip))
def test_several_are_told_apart_by_any_mark(words: list[str], between: str) -> None:
    assert list(several(between.join(words))) == words


# --- what is refused

TOO_MANY = "；".join(f"{number}.png" for number in range(FILES + 1))
WRONG: dict[str, tuple[str | bytes, list[str]]] = {
    "nothing": ("", ["missing"] * 4),
    "no text": (WHOLE.partition("正文")[0], ["missing"]),
    "bytes": (b"\x00\x01\x02", ["unreadable"]),
    "a workbook": (b"PK\x03\x04" + bytes(50), ["unreadable"]),
    "far too long": ("长" * BYTES_LIMIT, ["file_large"]),
    "no heading": (f"大家好\n{WHOLE}", ["no_heading"]),
    "unknown heading": (with_line("抄送：张三"), ["heading_unknown"]),
    "twice": (with_line("标题：又一个"), ["twice"]),
    "broken JSON": ('{"kind": "collecting",', ["json_broken"]),
    "deep JSON": ('{"kind": ' + "[" * 100_000, ["json_broken"]),
    "a long number in JSON": ('{"kind": ' + "9" * 10_000 + "}", ["json_broken"]),
    "an object in JSON": ('{"kind": {"a": 1}, "title": 3}', ["value_wrong"] * 2 + ["missing"] * 4),
    "twice in JSON": ('{"kind": "x", "种类": "y"}', ["twice", *["missing"] * 3]),
    "unknown kind": (WHOLE.replace("征集公告", "广告"), ["kind_unknown"]),
    "long title": (WHOLE.replace("开始征集", "长" * TITLE_LIMIT), ["too_long"]),
    "long text": (WHOLE + "长" * 10_000, ["too_long"]),
    "unknown variable": (WHOLE + "{身份证号}", ["variable_unknown"]),
    "blank": (WHOLE + BLANK, ["blank_left"]),
    "javascript": (with_line("链接：javascript:alert(1)"), ["link_wrong"]),
    "data": (with_line("链接：data:text/html,x"), ["link_wrong"]),
    "two links": (with_line("链接：https://a.example https://b.example"), ["link_wrong"]),
    "unknown button": (with_line("按钮：点我"), ["button_unknown"]),
    "no time": (with_line("时间：改天"), ["when_unreadable"]),
    "a day alone": (with_line("时间：2026-09-02"), ["when_unreadable"]),
    "the 31st of June": (with_line("时间：2027-06-31 09:00"), ["when_unreadable"]),
    "the 25th hour": (with_line("时间：2027-06-30 25:00"), ["when_unreadable"]),
    "yesterday": (with_line("时间：2026-08-31 09:00"), ["when_past"]),
    "neither yes nor no": (with_line("公告榜：也许"), ["yes_or_no"]),
    "urgent": (with_line("紧急：明天停水"), ["not_urgent"]),
    "unknown area": (with_audience("月亮村"), ["audience_unknown"]),
    "another congress's area": (with_audience("河口村"), ["audience_unknown"]),
    "an area of that name in two villages": (with_audience("老桥头"), ["audience_unclear"]),
    "unknown role": (with_audience("镇长"), ["audience_unknown"]),
    "unknown project": (with_audience("项目 77"), ["project_unknown"]),
    "unknown proposal": (with_audience("建议 77、代表"), ["proposal_unknown"]),
    "without everybody": (with_line("不发给：全体"), ["everybody_left_out"]),
    "unknown channel": (with_line("渠道：微信"), ["channel_unknown"]),
    "nobody lives there": (with_audience("大塘村"), ["nobody"]),
    "all left out": (with_audience("代表").replace("正文", "不发给：代表\n正文"), ["nobody"]),
    "too many files": (with_line(f"附件：{TOO_MANY}"), ["files_many"]),
    "no such file": (with_line("附件：没有.png"), ["file_missing"]),
    "a folder": (with_line("附件：files"), ["file_missing"]),
    "elsewhere": (with_line("附件：../secret.png；/etc/passwd；.."), ["file_elsewhere"] * 3),
    "a program": (with_line("附件：program.exe"), ["file_refused"]),
    "not what it says": (with_line("附件：really.pdf"), ["file_refused"]),
    "empty": (with_line("附件：empty.png"), ["file_refused"]),
    "a picture of 40 MB": (with_line("附件：huge.png"), ["file_refused"]),
    "several at once": (
        with_line("链接：ftp://x\n按钮：点我\n发给：月亮村"),
        ["audience_unknown", "link_wrong", "button_unknown"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told(planned: Planned, tmp_path: Path, case: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "program.exe").write_bytes(b"MZ\x90\x00" + bytes(200))
    (tmp_path / "really.pdf").write_bytes(PNG)
    (tmp_path / "empty.png").touch()
    with (tmp_path / "huge.png").open("wb") as huge:
        huge.write(PNG)
        huge.truncate(4 * SIZE_LIMIT)
    text, kinds = WRONG[case]
    assert refused(planned, text) == kinds


def test_faults_name_their_lines(planned: Planned) -> None:
    with pytest.raises(TableRefused) as caught:
        planned(with_line("链接：javascript:alert(1)"))
    assert str(caught.value).startswith("第 6 行：链接“javascript:alert(1)”不对，要以 http:// 或 https:// 开头")
    assert "(line 6: the link javascript:alert(1) is none" in str(caught.value)


def test_every_reason_why_a_document_is_refused_has_its_words() -> None:
    assert set(Refusal) - set(WHY) == {Refusal.NOT_A_PICTURE, Refusal.NOT_A_SOUND, Refusal.GONE}


def test_only_congresses_that_know_it_hear_of_urgency(planned: Planned, engine: Engine) -> None:
    with storing(engine) as store:
        rules = replace(Rules(), announcement_urgent=True).dump()
        store.unit.write(congresses.update().values(rules=rules))
    assert planned(with_line("紧急：明天停水")).content.urgent == "明天停水"


def test_projects_and_proposals_of_others_are_unknown(planned: Planned, engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = a_project(store, place)
        county = second_congress(store, place)
    with pytest.raises(TableRefused) as caught:
        planned(with_audience(f"项目 {number}"), county)
    assert [fault.kind for fault in caught.value.faults] == ["project_unknown"]


def test_the_same_announcement_is_not_taken_in_twice(planned: Planned, engine: Engine, place: Settlement) -> None:
    with transaction(engine) as unit:
        store = Store(unit, NOW, load_index(unit), Actor(place.staff))
        number = store.announcements.add(place.congress, planned_content(planned))
    with pytest.raises(TableRefused, match=f"编号 {number}"):
        planned(WHOLE)
    planned(WHOLE.replace("开始征集", "还在征集"))
    with storing(engine, actor=Actor(place.staff)) as store:
        store.announcements.discard(number)
    planned(WHOLE)


def planned_content(planned: Planned) -> Any:
    return planned(WHOLE).content


# --- what is kept


def test_a_plan_becomes_a_draft_with_its_files(
    planned: Planned, engine: Engine, place: Settlement, tmp_path: Path
) -> None:
    (tmp_path / "海报.png").write_bytes(PNG)
    plan = planned(with_line("附件：海报.png"))
    files = FileStore(tmp_path / "kept", lambda: NOW)
    one = apply_import(engine, AreaIndex(()), plan, place.staff, lambda: NOW, files)
    assert (one.state, one.author, one.content, one.reach) == (
        State.DRAFT,
        place.staff,
        plan.content,
        plan.reach.dump(),
    )
    with storing(engine) as store:
        ((digest, name, _),) = store.attachments.about(Target.ANNOUNCEMENT, one.number)
        assert (name, files.path(digest).read_bytes()) == ("海报.png", PNG)
        logged = store.unit.read(select(audit.c.person_id, audit.c.action).where(audit.c.record == "announcement"))
        assert [tuple(row) for row in logged] == [(place.staff, "add")]


def test_of_two_who_take_it_in_one_is_refused(
    planned: Planned, engine: Engine, place: Settlement, tmp_path: Path
) -> None:
    plan, files = planned(WHOLE), FileStore(tmp_path / "kept", lambda: NOW)
    apply_import(engine, AreaIndex(()), plan, place.staff, lambda: NOW, files)
    with pytest.raises(TableRefused, match="同样的公告已有"):
        apply_import(engine, AreaIndex(()), plan, place.staff, lambda: NOW, files)


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_bytes(PNG + b"x")])
def test_a_file_that_changes_meanwhile_keeps_it_from_being_kept(
    planned: Planned, engine: Engine, place: Settlement, tmp_path: Path, change: Callable[[Path], object]
) -> None:
    (tmp_path / "海报.png").write_bytes(PNG)
    plan = planned(with_line("附件：海报.png"))
    change(tmp_path / "海报.png")
    with pytest.raises(TableRefused, match="找不到附件"):
        apply_import(engine, AreaIndex(()), plan, place.staff, lambda: NOW, FileStore(tmp_path / "kept", lambda: NOW))
    with storing(engine) as store:
        assert store.announcements.of_congress(place.congress) == []


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_file_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(content)
    with suppress(TableRefused):  # made of its sentences
        read_announcement(path)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*NAMES, "标题", "正文", "发给", "x"]), inner, max_size=6)
        ),
    )
)
def test_no_json_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(value if isinstance(value, dict) else {"kind": value}))
    with suppress(TableRefused):  # made of its sentences
        read_announcement(path)
