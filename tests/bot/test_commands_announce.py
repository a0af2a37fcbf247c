"""Announcements come in by the command that an office types, and are followed by it."""

import re
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import Engine, select, update

from bot.announcement_bar import follow
from storage.announcement_file import read_announcement
from storage.announcements import Announcement
from storage.area_index import AreaIndex
from storage.audiences import Reach
from storage.audit import Actor
from storage.database import Unit, transaction
from storage.domain.announcements import State, Step
from storage.domain.rules import Rules
from storage.files import FileStore
from storage.store import Store
from storage.tables import announcements, congresses, outbox, prompts
from tests.bot.installation import Installation
from tests.conversing import NOW
from tests.delivered import an_announcement, recipients
from tests.settlement import Settlement, on
from tests.storage.test_people import storing

ROOT = Path(__file__).parent.parent.parent
NOTICE = """种类：征集公告
标题：2026年民生实事项目开始征集
发给：工作人员、代表
附件：海报.png
正文：
修路、装灯，都可以提。
"""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(5_000)
CHECKED = """云溪镇人大：征集公告《2026年民生实事项目开始征集》，11 字。Collecting proposals.
发给：全部工作人员、全部人大代表。For all of role staff, all of role deputy.
共 2 人，现在能收到 1 人：网页聊天 1，没有账号 without account 1。2 in all.
比如 such as：王芳（网页聊天）、李强（没有账号）
时间 when：审核通过后立即 at once
附件 files：海报.png（5 KB）
"""


@pytest.fixture
def office(installation: Installation) -> Installation:
    """云溪镇人大 with 王芳, who is staff and has the web chat open, and the deputy 李强; a notice and its picture."""
    installation.setup()
    installation.does("invite", "李强", "--role", "deputy")
    with installation.store() as store:
        (staff,) = store.people.named(1, "王芳")
        store.people.add_account(staff, "web", "w1", "w1")
    (installation.folder / "海报.png").write_bytes(PNG)
    installation.file("notice.txt", NOTICE)
    return installation


@pytest.fixture
def notice(office: Installation) -> Path:
    return office.folder / "notice.txt"


def kept(office: Installation, number: int) -> Announcement | None:
    with office.store() as store:
        return store.announcements.get(number)


def with_second_clerk(office: Installation) -> int:
    office.does("invite", "孙丽", "--role", "staff")
    with office.store() as store:
        (person,) = store.people.named(1, "孙丽")
        store.people.add_account(person, "web", "w2", "w2")
    return person


def two_reviews(office: Installation) -> None:
    with office.store() as store:
        rules = Rules.load({"announcement_reviews": "two"}).dump()
        store.unit.write(update(congresses).values(rules=rules))


# --- a file


def test_a_dry_run_shows_whom_it_is_for_and_keeps_nothing(office: Installation, notice: Path) -> None:
    assert office.does("announce", notice, "--dry-run") == f"{CHECKED}以上只是预览，没有建公告。This was a dry run.\n"
    assert kept(office, 1) is None


def test_a_file_becomes_a_draft_of_its_author(office: Installation, notice: Path) -> None:
    said = office.does("announce", notice, "--author", "王芳")
    assert said == f"{CHECKED}公告 1：草稿。Announcement 1: draft.\n"
    with office.store() as store:
        one = store.announcements.get(1)
        assert one
        assert (one.state, one.version, one.author) == (State.DRAFT, 1, store.people.named(1, "王芳")[0])
        assert one.reach == Reach(2, {"web": 1}, reachable=1, muted=0, nowhere=1, no_cell=2).dump()
        assert store.announcements.signed(1) == []
        ((digest, name, _),) = one.content.files
        assert (name, FileStore(office.folder / "data" / "files", lambda: NOW).path(digest).read_bytes()) == (
            "海报.png",
            PNG,
        )
        assert store.attachments.unused([digest]) == []  # it is not tidied away before the announcement is sent


def test_the_same_file_makes_one_draft(office: Installation, notice: Path) -> None:
    office.does("announce", notice, "--author", "王芳")
    assert office.refuses("announce", notice, "--author", "王芳").startswith("同样的公告已有（编号 1）")
    assert kept(office, 2) is None


def test_only_a_member_of_staff_can_be_its_author(office: Installation, notice: Path) -> None:
    assert office.refuses("announce", notice).startswith("请用 --author 写明")
    for name in ("李强", "赵敏"):
        assert office.refuses("announce", notice, "--author", name).startswith(f"{name} 不是云溪镇人大的工作人员")
    assert kept(office, 1) is None


def test_what_is_submitted_waits_for_others(office: Installation, notice: Path) -> None:
    two_reviews(office)
    second = with_second_clerk(office)
    said = office.does("announce", notice, "--author", "王芳", "--submit")
    assert said.endswith("公告 1：待签发。Announcement 1: waits for approval.\n")
    with office.store() as store:
        assert [(done.step, done.name) for done in store.announcements.signed(1)] == [(Step.SUBMIT, "王芳")]
        waiting = store.unit.read(select(prompts.c.person_id, prompts.c.conversation)).all()
        assert [tuple(row) for row in waiting] == [(second, "announcements_waiting")]
        store.on_behalf_of(Actor(second)).announcements.sign(1, 1, Step.APPROVE, store.congresses.get(1).rules)


def test_where_nobody_could_agree_it_is_not_submitted(office: Installation, notice: Path) -> None:
    said = office.refuses("announce", notice, "--author", "王芳", "--submit")
    assert said.startswith("送审还要另外 2 人审核、签发，现在只有 0 人")
    assert kept(office, 1) is None


def test_wrong_files_are_refused_with_all_their_faults(office: Installation) -> None:
    path = office.file("wrong.txt", NOTICE.replace("征集公告", "广告").replace("海报", "没有"))
    first, second = office.refuses("announce", path, "--author", "王芳").splitlines()
    assert first.startswith("第 1 行：种类“广告”认不出")
    assert second.startswith("第 4 行：找不到附件“没有.png” (line 4: there is no file 没有.png)")
    assert office.refuses("announce", "none.txt", "--dry-run").startswith("文件打不开")


def test_a_file_or_a_number_is_needed_and_not_both(office: Installation, notice: Path) -> None:
    for arguments in ([], [notice, "--follow", 1]):
        assert office.refuses("announce", *arguments).startswith("写一个公告文件，或者用 --follow")


def test_of_several_congresses_one_must_be_named(office: Installation, notice: Path) -> None:
    office.setup(name="石桥镇人大", code="431382101")
    assert office.refuses("announce", notice, "--dry-run").startswith("是哪个人大的？")
    assert "云溪镇人大：征集公告" in office.does("announce", notice, "--dry-run", "--congress", 1)


@pytest.mark.parametrize("paper", ["README.md", "README.zh-CN.md", "bot/commands/announce.py"])
def test_the_file_that_papers_show_is_one(paper: str, tmp_path: Path) -> None:
    text = (ROOT / paper).read_text(encoding="utf-8")
    (shown,) = re.findall(r"^ *种类：.*?^ *正文：\n.*?\n", text, re.DOTALL | re.MULTILINE)
    path = tmp_path / "shown.txt"
    path.write_text(dedent(shown), encoding="utf-8")
    written = read_announcement(path)
    assert (written["kind"], written["audience"]) == ("征集公告", "全体")
    assert written["text"].startswith("{姓名}，从7月1日起")


# --- on its way


def test_what_has_ended_is_told_at_once(office: Installation, notice: Path) -> None:
    assert office.refuses("announce", "--follow", 1).startswith("没有公告 1。")
    office.does("announce", notice, "--author", "王芳")
    said = office.does("announce", "--follow", 1)
    assert said == f"[{'.' * 24}] 0%，草稿 draft，已送达 sent 0，没送到 failed 0，待发 waiting 0\n"


def test_on_a_terminal_one_line_changes(office: Installation, notice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office.does("announce", notice, "--author", "王芳")
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    said = office.does("announce", "--follow", 1)
    shown = said.removeprefix("\r\x1b[K").removesuffix("\n")
    assert shown == f"[{'.' * 24}] 0%，草稿 draft，已送达"  # a Chinese character is as wide as two
    assert said == f"\r\x1b[K{shown}\n"


@pytest.fixture
def place(engine: Engine) -> Settlement:
    return on(engine)


def test_the_bar_grows_until_it_ends(engine: Engine, place: Settlement) -> None:
    with storing(engine) as store:
        number = an_announcement(store, place)
        recipients(store, number, 2)
        recipients(store, number, 6, became="waiting")
        recipients(store, number, 1, became="held", why="absent")
        recipients(store, number, 1, became="skipped", why="muted")
    at = 0.0

    def goes_on(_: float) -> None:
        """A minute later two more have it; then somebody stops it."""
        nonlocal at
        at += 60
        with transaction(engine) as unit:
            waiting = outbox.c.announcement_id == number, outbox.c.state == "waiting"
            left = list(unit.read(select(outbox.c.message_id).where(*waiting).limit(2)).scalars())
            unit.write(update(outbox).where(outbox.c.message_id.in_(left)).values(state="sent"))
            if at == 120:
                failed = {"state": "failed", "failure": "stopped"}
                unit.write(update(outbox).where(*waiting).values(**failed))
                unit.write(update(announcements).values(state=State.STOPPED))

    first, second, third = follow(engine, number, _store, pause=goes_on, monotonic=lambda: at)
    assert first == f"[{'#' * 9}{'.' * 15}] 40%，正在发送 being sent，" + told(sent=2, failed=0, waiting=6)
    again = told(sent=4, failed=0, waiting=4)
    assert second == f"[{'#' * 14}{'.' * 10}] 60%，正在发送 being sent，{again}，约 2 分钟 min left"
    assert third == f"[{'#' * 24}] 100%，已停止 stopped，" + told(sent=6, failed=2, waiting=0)


def told(sent: int, failed: int, waiting: int) -> str:
    return f"已送达 sent {sent}，没送到 failed {failed}，待发 waiting {waiting}，等上线 held 1，不用发 skipped 1"


@pytest.mark.parametrize("state", [State.REVIEW, State.APPROVAL, State.SCHEDULED, State.PREPARING, State.PAUSED])
def test_it_waits_for_what_others_decide(engine: Engine, place: Settlement, state: State) -> None:
    with storing(engine) as store:
        number = an_announcement(store, place, state=state)
    looked: list[float] = []

    def ends(seconds: float) -> None:
        looked.append(seconds)
        with transaction(engine) as unit:
            unit.write(update(announcements).values(state=State.FINISHED))

    first, last = follow(engine, number, _store, pause=ends)
    assert first != last
    assert "已发完 sent" in last
    assert len(looked) == 1


def _store(unit: Unit) -> Store:
    return Store(unit, NOW, AreaIndex(()))
