"""Take in deputies, staff and grid workers from CSV or XLSX: all of the file, or nothing.

Columns: 姓名 (name) is needed; 身份 (role), 电话 (telephone), 小组 (group), 行业 (trade) and 网格 (cells or
villages, by code or name, separated by ;) may be there. Nobody is taken out. New people get invite links, in a file.
"""

import argparse
import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from bot.clock import wall_clock
from bot.commands.office import chosen_congress, invitation, opened_database, store_in
from bot.refusal import Refused
from bot.settings import Settings
from bot.telegram_name import named
from handlers.texts.words import ROLE
from storage.database import reading
from storage.domain.roles import Role
from storage.line_faults import TableRefused
from storage.people_file import read_people
from storage.people_import import Invited, Namesakes, Plan, apply_import, plan_import

HEADING = ("姓名", "身份", "网页聊天", "Telegram", "微信")
WAYS = ("web", "telegram", "wechat")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path)
    parser.add_argument("--role", help="the role of everybody whose line names none, such as deputy or 代表")
    parser.add_argument("--congress", type=int, help="its number, where there are several")
    parser.add_argument("--invites", type=Path, help="the CSV for the invite links; must not be there yet")
    parser.add_argument(
        "--namesakes",
        type=Namesakes,
        choices=list(Namesakes),
        default=Namesakes.REFUSE,
        help="people whose name is there with another telephone or role: refuse the file, or they are the same, or new",
    )
    parser.add_argument("--dry-run", action="store_true", help="only check the file")


def run(parsed: argparse.Namespace) -> None:
    role = Role.named(parsed.role) if parsed.role else None
    if parsed.role and role is None:
        raise Refused(f"--role {parsed.role}: write one of {', '.join(Role)}")
    with opened_database() as (settings, engine):
        try:
            file = read_people(parsed.file, role)
            with reading(engine) as unit:
                store = store_in(unit)
                congress = chosen_congress(store, parsed.congress)
                plan = plan_import(store, congress, file, parsed.namesakes)
        except TableRefused as error:
            raise Refused(str(error)) from error
        print(f"{congress.name}：{_told(plan)}")
        if parsed.dry_run:
            print("以上只是预览，还没有导入。This was a dry run.")
            return
        invitations = _Invitations(_free(parsed.file, parsed.invites), named(settings))
        apply_import(engine, store.areas, plan, wall_clock, invitations.keep)
    print("已导入。Done.")
    if invitations.count:
        print(f"{invitations.path}：{invitations.count} 个邀请链接，每个限用一次，30 天内有效。Invite links.")


def _told(plan: Plan) -> str:
    changed = len(plan.entries) - plan.added
    return f"新增 {plan.added} 人，更新 {changed} 人，{plan.same} 人不变。{plan.added} new, {changed} changed."


def _free(file: Path, chosen: Path | None) -> Path:
    """Where the links go: a link is told once, so no file of links is ever written over."""
    if chosen:
        if chosen.exists():
            raise Refused(f"{chosen} is there already; name another file.")
        return chosen
    names = (f"{file.stem}-invites{f'-{number}' if number > 1 else ''}.csv" for number in range(1, 10_000))
    return next(path for name in names if not (path := file.with_name(name)).exists())


class _Invitations:
    """The file of links: made for the first of them, for its owner's eyes only, on disk before each commit."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path, self.count = path, 0
        self._settings = settings

    def keep(self, invited: Sequence[Invited]) -> None:
        if not invited:
            return
        lines = io.StringIO()
        writer = csv.writer(lines)
        if not self.count:
            lines.write("\ufeff")  # by which Excel knows UTF-8
            writer.writerow(HEADING)
        for one in invited:
            found = invitation(self._settings, one.code)
            named = "、".join(ROLE[role].zh for role in one.roles)
            writer.writerow([one.name, named, *(found.get(way, "") for way in WAYS)])
        self._append(lines.getvalue())
        self.count += len(invited)

    def _append(self, text: str) -> None:
        fresh = 0 if self.count else os.O_CREAT | os.O_EXCL
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | fresh, 0o600)
        except OSError as error:
            raise Refused(f"{self.path}: {error.strerror}; nothing more was imported.") from error
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
