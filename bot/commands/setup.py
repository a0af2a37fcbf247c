"""Make a real, empty congress with its first staff, or begin the next cycle of one (`--next-cycle`).

What is not given as an option is asked for. Rules that are not named have their defaults (see the README).
"""

import argparse
import sys
from datetime import date

from bot.commands.office import chosen_congress, links, opened
from bot.refusal import Refused
from storage.areas import add_area, area_by_code
from storage.congresses import Congress
from storage.domain.areas import Area, Level
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.store import Store


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", help="the congress, such as 云溪镇人民代表大会")
    parser.add_argument("--level", choices=("township", "county"))
    parser.add_argument("--area-code", help="the code of its area, such as 431382100; made when it is not there")
    parser.add_argument("--area-name", help="the name of its area, such as 云溪镇")
    parser.add_argument("--parent-code", help="the area above, where there is one, such as the county of a township")
    parser.add_argument("--staff", help="who works there first; gets an invite link")
    parser.add_argument("--year", type=int, help="the year of the cycle")
    parser.add_argument("--collecting-from", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--collecting-to", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--timezone", default="Asia/Shanghai")
    parser.add_argument("--rule", action="append", default=[], metavar="NAME=VALUE", help="may be given several times")
    parser.add_argument("--next-cycle", action="store_true", help="begin the next year of a congress that is there")
    parser.add_argument("--congress", type=int, help="with --next-cycle: its number, where there are several")


def run(parsed: argparse.Namespace) -> None:
    with opened() as (settings, store):
        try:
            if parsed.next_cycle:
                congress = chosen_congress(store, parsed.congress)
                _begin_cycle(store, congress, parsed)
                return
            congress = _congress(store, parsed)
            _begin_cycle(store, congress, parsed)
            staff = store.people.add(_asked(parsed, "staff", "The first member of staff (name)"))
            store.people.grant(staff, congress.id, Role.STAFF)
            code = store.people.invite(staff)
        except ValueError as error:
            raise Refused(str(error)) from error
        print(f"{congress.name}: number {congress.id}. Invite link for the first staff (one use, 30 days):")
        for link in links(settings, f"i-{code}"):
            print(f"  {link}")


def _asked(parsed: argparse.Namespace, option: str, question: str) -> str:
    """An option, asked for on a terminal when it was not given."""
    value = getattr(parsed, option)
    if value is not None:
        return str(value)
    flag = "--" + option.replace("_", "-")
    if not sys.stdin.isatty():
        raise Refused(f"{flag} is missing: {question}")
    answer = input(f"{question}: ").strip()
    if not answer:
        raise Refused(f"{flag} is needed: {question}")
    return answer


def _congress(store: Store, parsed: argparse.Namespace) -> Congress:
    name = _asked(parsed, "name", "The congress, such as 云溪镇人民代表大会")
    level = Level(_asked(parsed, "level", "Its level, township or county"))
    rules = Rules.load(dict(_rule(one) for one in parsed.rule))
    area = _area(store, parsed, level)
    if any(congress.area_id == area.id and congress.level is level for congress in store.congresses.all()):
        raise Refused(f"{area.name} has a congress of that level already; `--next-cycle` begins its next year.")
    congress_id = store.congresses.add(name, level, area.id, timezone=parsed.timezone, rules=rules)
    return store.congresses.get(congress_id)


def _rule(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Refused(f"--rule {text}: write it as NAME=VALUE, such as margin=1/5")
    if value in ("true", "false"):
        return name, value == "true"
    return name, int(value) if value.isdecimal() else value


def _area(store: Store, parsed: argparse.Namespace, level: Level) -> Area:
    code = _asked(parsed, "area_code", "The code of its area, such as 431382100")
    if there := area_by_code(store.unit, code):
        if there.level is not level:
            raise Refused(f"{there.name} is a {there.level}, not a {level}.")
        return there
    parent = None
    if parsed.parent_code:
        parent = area_by_code(store.unit, parsed.parent_code)
        if parent is None:
            raise Refused(f"--parent-code: there is no area {parsed.parent_code}.")
    name = _asked(parsed, "area_name", "The name of its area, such as 云溪镇")
    return add_area(store.unit, store.audit, parent, level, code, name)


def _begin_cycle(store: Store, congress: Congress, parsed: argparse.Namespace) -> None:
    year = int(_asked(parsed, "year", "The year of the cycle"))
    first = date.fromisoformat(_asked(parsed, "collecting_from", "The first day of collecting (YYYY-MM-DD)"))
    last = date.fromisoformat(_asked(parsed, "collecting_to", "The last day of collecting (YYYY-MM-DD)"))
    cycle = store.congresses.begin_cycle(congress.id, year, first, last)
    print(f"{congress.name}: cycle {cycle.year}, collecting from {first} to {last}.")
