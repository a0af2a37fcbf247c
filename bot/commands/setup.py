"""Make a real, empty congress with its first staff, begin the next cycle of one (--next-cycle), or change the rules of
one that is there (--congress with --rule).

What is not given as an option is asked for. Rules that are not named have their defaults, or stay as they are.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Engine

from bot.commands.asking import asked, words, written
from bot.commands.office import chosen_congress, invitation, opened_database, store_in
from bot.refusal import Refused
from bot.settings import Settings
from bot.telegram_name import named
from storage.areas import add_area, area_by_code
from storage.congresses import Congress
from storage.database import reading, transaction
from storage.domain.areas import Area, Level
from storage.domain.cycle import check_window
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.store import Store

T = TypeVar("T")

# What is asked for an option that was not given, on a terminal.
QUESTIONS = {
    "name": "人大名称，如 云溪镇人民代表大会 / name of the congress:",
    "level": "级别，乡镇或县 / level, township or county:",
    "area_code": "辖区编码，如 431382100 / code of its area:",
    "area_name": "辖区名称，如 云溪镇 / name of its area:",
    "year": "年度，如 2026 / year of the cycle:",
    "collecting_from": "征集开始日，如 2026-07-01 / first day of collecting:",
    "collecting_to": "征集截止日，至少 30 天 / last day of collecting, at least 30 days in all:",
    "staff": "第一位工作人员的姓名 / name of the first member of staff:",
}
CYCLE = ("year", "collecting_from", "collecting_to")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "rules and their defaults:\n" + "\n".join(_rules())
    parser.add_argument("--name", help="the congress, such as 云溪镇人民代表大会")
    parser.add_argument("--level", help="township or county (乡镇, 县)")
    parser.add_argument("--area-code", help="the code of its area, such as 431382100; made when it is not there")
    parser.add_argument("--area-name", help="the name of its area, such as 云溪镇")
    parser.add_argument("--parent-code", help="the area above, where there is one, such as the county of a township")
    parser.add_argument("--staff", help="who works there first; gets an invite link")
    parser.add_argument("--year", help="the year of the cycle")
    parser.add_argument("--collecting-from", metavar="YYYY-MM-DD", help="the first day of collecting proposals")
    parser.add_argument("--collecting-to", metavar="YYYY-MM-DD", help="the last day, at least 30 days in all")
    parser.add_argument("--timezone", help="default: Asia/Shanghai")
    parser.add_argument("--rule", action="append", metavar="NAME=VALUE", help="may be given several times")
    parser.add_argument(
        "--next-cycle", action="store_const", const=True, help="begin the next year of a congress that is there"
    )
    parser.add_argument(
        "--congress",
        type=int,
        help="the number of a congress that is there: with --rule, it has these rules from now on; with --next-cycle, "
        "which is meant, where there are several",
    )


def _rules() -> Iterator[str]:
    for name, value in Rules().dump().items():
        yield f"  {name}={_shown(value)}"


def _shown(value: object) -> str:
    return str(value).lower()


@dataclass(frozen=True, slots=True)
class _Year:
    """A cycle that is to begin."""

    year: int
    first: date
    last: date

    def begin(self, store: Store, congress: Congress) -> str:
        cycle = store.congresses.begin_cycle(congress.id, self.year, self.first, self.last)
        window = f"{self.first} – {self.last}"
        return f"{congress.name}：{cycle.year} 年度，征集 {window} / cycle {cycle.year}, collecting {window}"


def run(parsed: argparse.Namespace) -> None:
    with opened_database() as (settings, engine):
        try:
            # Everything is asked before the transaction, in which nobody else can write.
            work = _work(engine, settings, parsed)
            with transaction(engine) as unit:
                said = list(work(store_in(unit)))
        except ValueError as error:
            raise Refused(str(error)) from error
    print("\n".join(said))


_Work = Callable[[Store], Iterator[str]]


def _work(engine: Engine, settings: Settings, parsed: argparse.Namespace) -> _Work:
    if parsed.next_cycle:
        _check_unused(parsed, "To begin the next cycle", ("next_cycle", "congress", *CYCLE))
        return _next_cycle(parsed)
    if parsed.congress is not None:
        _check_unused(parsed, "To change the rules of a congress", ("congress", "rule"))
        return _other_rules(parsed)
    return _new_congress(engine, settings, parsed)


def _check_unused(parsed: argparse.Namespace, purpose: str, used: Sequence[str]) -> None:
    """Raises Refused for options that would have no effect."""
    if unused := [written(name) for name, value in vars(parsed).items() if value is not None and name not in used]:
        raise Refused(f"{purpose}, use {', '.join(map(written, used))} only, without {', '.join(unused)}.")


def _next_cycle(parsed: argparse.Namespace) -> _Work:
    cycle = _cycle(parsed)

    def work(store: Store) -> Iterator[str]:
        yield cycle.begin(store, chosen_congress(store, parsed.congress))

    return work


def _other_rules(parsed: argparse.Namespace) -> _Work:
    named_rules = _named_rules(parsed)
    if not named_rules:
        raise Refused("--congress: say by --rule NAME=VALUE which rule changes; --next-cycle begins its next year.")

    def work(store: Store) -> Iterator[str]:
        congress = chosen_congress(store, parsed.congress)
        before, now = (one.dump() for one in store.congresses.change_rules(congress.id, named_rules))
        for name in named_rules:
            yield f"{congress.name}：{name}={_shown(now[name])}（原来 before: {_shown(before[name])}）"

    return work


def _new_congress(engine: Engine, settings: Settings, parsed: argparse.Namespace) -> _Work:
    rules = Rules.load(_named_rules(parsed))
    name = _asked(parsed, "name", words)
    level = _asked(parsed, "level", _level)
    code = _asked(parsed, "area_code", words)
    with reading(engine) as unit:
        is_known = area_by_code(unit, code) is not None
    area_name = "" if is_known and parsed.area_name is None else _asked(parsed, "area_name", words)
    cycle = _cycle(parsed)
    staff = _asked(parsed, "staff", words)
    settings = named(settings)

    def work(store: Store) -> Iterator[str]:
        area = _area(store, level, code, area_name, parsed.parent_code)
        if any(congress.area_id == area.id for congress in store.congresses.all()):
            raise Refused(f"{area.name} has a congress already; --next-cycle begins its next year.")
        number = store.congresses.add(name, level, area.id, timezone=parsed.timezone or "Asia/Shanghai", rules=rules)
        yield f"{name}：编号 {number} / number {number}"
        yield cycle.begin(store, store.congresses.get(number))
        person_id = store.people.add(staff)
        store.people.grant(person_id, number, Role.STAFF)
        yield f"{staff} 的邀请链接，限用一次，30 天内有效 / invite link, for one use within 30 days:"
        for way in invitation(settings, store.people.invite(person_id)).values():
            yield f"  {way}"

    return work


def _asked(parsed: argparse.Namespace, option: str, read: Callable[[str], T]) -> T:
    return asked(parsed, option, QUESTIONS[option], read)


def _level(text: str) -> Level:
    level = Level.named(text)
    if level not in (Level.TOWNSHIP, Level.COUNTY):
        raise ValueError("请写乡镇或县 / write township or county")
    return level


def _named_rules(parsed: argparse.Namespace) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in parsed.rule or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise Refused(f"--rule {text}: write it as NAME=VALUE, such as margin=1/5")
        if found.setdefault(name.strip(), value) != value:
            raise Refused(f"--rule {name.strip()}: it is given twice, with different values")
    return found


def _area(store: Store, level: Level, code: str, name: str, parent_code: str | None) -> Area:
    """The congress's area, made where it is not there."""
    parent = area_by_code(store.unit, parent_code) if parent_code else None
    if there := area_by_code(store.unit, code):
        if there.level is not level:
            raise Refused(f"--area-code: {there.name} is a {there.level}, not a {level}.")
        if name not in ("", there.name):
            raise Refused(f"--area-name: {code} is there, and is called {there.name}; leave it out.")
        if parent_code and (parent is None or there.parent_id != parent.id):
            raise Refused(f"--parent-code: {there.name} is there, and not in {parent_code}; leave it out.")
        return there
    if parent_code and parent is None:
        raise Refused(f"--parent-code: there is no area {parent_code}; import it first.")
    return add_area(store.unit, store.audit, parent, level, code, name)


def _cycle(parsed: argparse.Namespace) -> _Year:
    year = _asked(parsed, "year", _year)
    first = _asked(parsed, "collecting_from", _day)

    def last_day(text: str) -> date:
        last = _day(text)
        check_window(first, last)
        return last

    last = _asked(parsed, "collecting_to", last_day)
    return _Year(year, first, last)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) == 4):
        raise ValueError("请写四位数的年份，如 2026 / write the year with four digits, such as 2026")
    return int(text)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  # a day, not a moment
    except ValueError:
        raise ValueError(
            f"{text!r} 不是日期，请写成 2026-09-01 这样 / that is no day; write it like 2026-09-01"
        ) from None
