"""Take in an announcement from a file as a draft, or follow one on its way. It passes the same reviews as any other.

The file is plain text, or JSON with the same names (UTF-8 or GB18030):

    种类：征集公告
    标题：2027年民生实事项目开始征集
    发给：全体
    不发给：专家
    渠道：网页聊天
    时间：2027-07-01 09:00
    附件：海报.png；通知.pdf
    链接：https://example.org/notice
    按钮：我要提建议
    公告榜：是
    紧急：
    正文：
    {姓名}，从7月1日起……

Needed are 种类 (kind: collecting, candidates, vote_result, progress, reception, other), 标题 (title, 60 characters),
发给 (audience) and 正文 (text, 3000 characters), which goes to the end of the file. 发给 and 不发给 (without) take 全体
(everybody), roles, groups of deputies, areas by name or code, 项目 3 (the cells of project 3), 建议 12 (who proposed
or supported it), separated by ; or 、. 渠道: channels; 时间: when, default at once; 附件: files, which lie beside it;
链接: link; 按钮: button (suggest, nearby); 公告榜: board, default yes; 紧急: urgent, with the reason.
{姓名}, {网格} and {代表} stand for name, cell and deputy. A line that begins with # says nothing.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TextIO

from sqlalchemy import Engine

from bot.announcement_bar import follow
from bot.clock import wall_clock
from bot.commands.office import chosen_congress, opened_database, person_named
from bot.platforms import set_up
from bot.refusal import Refused
from bot.settings import Settings
from handlers.announcement_audience import in_words
from handlers.announcement_steps import ask_next, not_ready
from handlers.texts.announcements import BUTTON, KIND, REFUSAL, STATE
from handlers.texts.announcements_audience import channel
from handlers.texts.announcements_office import no_cell
from storage.announcement_file import read_announcement
from storage.announcement_import import Plan, apply_import, plan_import
from storage.announcements import Announcement, NotAllowed
from storage.areas import load_index
from storage.audiences import Example
from storage.congresses import Congress
from storage.database import Unit, reading
from storage.domain.announcements import Step
from storage.domain.roles import Role
from storage.files import FileStore
from storage.line_faults import TableRefused
from storage.store import Store


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, nargs="?", help="the announcement")
    parser.add_argument("--author", help="the member of staff whose announcement it is, by name")
    parser.add_argument("--congress", type=int, help="its number, where there are several")
    parser.add_argument("--dry-run", action="store_true", help="only check the file, and say whom it would be for")
    parser.add_argument("--submit", action="store_true", help="submit the draft at once for review")
    parser.add_argument("--follow", type=int, metavar="NUMBER", help="show how far an announcement is, until it ends")


def run(parsed: argparse.Namespace) -> None:
    if (parsed.file is None) == (parsed.follow is None):
        raise Refused("写一个公告文件，或者用 --follow 看一份公告的进度。Name a file, or a number by --follow.")
    with opened_database() as (settings, engine):
        if parsed.follow is not None:
            _follow(engine, partial(_store, settings), parsed.follow)
        else:
            _take_in(settings, engine, parsed)


def _store(settings: Settings, unit: Unit) -> Store:
    return Store(unit, wall_clock(), load_index(unit), channels=set_up(settings))


# --- a file


def _take_in(settings: Settings, engine: Engine, parsed: argparse.Namespace) -> None:
    path: Path = parsed.file
    try:
        written = read_announcement(path)
        with reading(engine) as unit:
            store = _store(settings, unit)
            congress = chosen_congress(store, parsed.congress)
            author = _author(store, congress, parsed.author) if parsed.author or not parsed.dry_run else None
            plan = plan_import(store, congress, written, path.parent, {name: said.zh for name, said in BUTTON.items()})
            print("\n".join(_told(store, plan)))
        if parsed.dry_run or author is None:
            print("以上只是预览，没有建公告。This was a dry run.")
            return
        files = FileStore(settings.data_dir / "files", wall_clock)
        then = partial(_submit, congress) if parsed.submit else _leave
        one = apply_import(engine, store.areas, plan, author, wall_clock, files, then=then)
    except TableRefused as error:
        raise Refused(str(error)) from error
    state = STATE[one.state]
    print(f"公告 {one.number}：{state.zh}。Announcement {one.number}: {state.en}.")


def _author(store: Store, congress: Congress, name: str | None) -> int:
    """Whoever answers for it is on the staff of the congress."""
    if not name:
        raise Refused("请用 --author 写明是哪位工作人员的公告。Say by --author whose announcement it is.")
    person = person_named(store, congress, name)
    held = [] if person is None else store.people.holdings(person)
    if person is None or not any((one.congress_id, one.role) == (congress.id, Role.STAFF) for one in held):
        raise Refused(f"{name} 不是{congress.name}的工作人员。{name} is not on the staff of {congress.name}.")
    return person


def _leave(_store: Store, _one: Announcement) -> None:
    """It stays a draft."""


def _submit(congress: Congress, store: Store, one: Announcement) -> None:
    """As in chat: whoever may agree to it next is asked, by the running program."""
    if missing := not_ready(store, one, congress, one.author):
        raise Refused(f"{missing.zh}{missing.en}")
    try:
        store.announcements.sign(one.number, one.version, Step.SUBMIT, congress.rules)
    except NotAllowed as refused:
        why = REFUSAL[refused.why]
        raise Refused(f"{why.zh}{why.en}") from refused
    ask_next(store, one)


def _told(store: Store, plan: Plan) -> Iterator[str]:
    """What it is, whom it is for, and how many of them."""
    content, reach = plan.content, plan.reach
    kind, whom = KIND[content.kind], in_words(store, content.audience)
    yield f"{plan.congress.name}：{kind.zh}《{content.title}》，{len(content.text)} 字。{kind.en}."
    yield f"发给：{whom.zh}。For {whom.said('en')}."
    by_channel = [f"{channel(name).zh} {count:,}" for name, count in reach.channels.items()]
    left_out = [("退订 opted out", reach.muted), ("没有账号 without account", reach.nowhere)]
    listed = "，".join([*by_channel, *(f"{what} {count:,}" for what, count in left_out if count)])
    yield f"共 {reach.people:,} 人，现在能收到 {reach.reachable:,} 人：{listed}。{reach.people:,} in all."
    if reach.no_cell and content.audience.everybody:
        unplaced = no_cell(reach.no_cell)
        yield f"{unplaced.zh}{unplaced.en}"
    yield f"比如 such as：{'、'.join(_example(store, one) for one in plan.examples)}"
    when = "审核通过后立即 at once" if content.send_at is None else f"{content.send_at:%Y-%m-%d %H:%M}"
    yield f"时间 when：{when}"
    if plan.papers:
        yield f"附件 files：{'、'.join(f'{one.name}（{one.size / 1024:,.0f} KB）' for one in plan.papers)}"


def _example(store: Store, one: Example) -> str:
    area = store.areas.area(one.cell_id) if one.cell_id else None
    known = [store.areas.title(area)] if area else []
    return f"{one.name or '未留名'}（{'，'.join([*known, channel(one.channel).zh if one.channel else '没有账号'])}）"


# --- on its way


def _follow(engine: Engine, open_store: Callable[[Unit], Store], number: int) -> None:
    show = _Line(sys.stdout)
    try:
        for line in follow(engine, number, open_store):
            show(line)
    except KeyError:
        raise Refused(f"没有公告 {number}。There is no announcement {number}.") from None
    finally:
        show.end()


class _Line:
    """One line that changes on a terminal; elsewhere, a line for each change."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._shown = stream, ""

    def __call__(self, line: str) -> None:
        if line == self._shown:
            return
        if self._stream.isatty():
            width = shutil.get_terminal_size().columns
            self._stream.write(f"\r\x1b[K{_within(line, width - 1)}")
            self._stream.flush()
        else:
            print(line, file=self._stream, flush=True)
        self._shown = line

    def end(self) -> None:
        if self._shown and self._stream.isatty():
            print(file=self._stream)


def _within(line: str, columns: int) -> str:
    """As much of it as one row of a terminal holds, on which Chinese is twice as wide."""
    kept = ""
    for character in line:
        columns -= 1 if character.isascii() else 2
        if columns < 0:
            break
        kept += character
    return kept
