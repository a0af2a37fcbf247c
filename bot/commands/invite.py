"""Make a one-time invite link (30 days) for a person: one that is there, by name, or a new one with a role."""

import argparse

from bot.commands.office import chosen_congress, links, opened
from bot.refusal import Refused
from storage.domain.roles import Role
from storage.store import Store


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument("--role", choices=[role.value for role in Role], help="add the person with this role first")
    parser.add_argument("--telephone", default="")
    parser.add_argument("--group", default="")
    parser.add_argument("--trade", default="")
    parser.add_argument("--cells", default="", help="codes of their cells or villages, separated by ;")
    parser.add_argument("--congress", type=int, help="the number of the congress, where there are several")


def run(parsed: argparse.Namespace) -> None:
    with opened() as (settings, store):
        congress = chosen_congress(store, parsed.congress)
        person_id = _added(store, congress.id, parsed) if parsed.role else _found(store, congress.id, parsed.name)
        code = store.people.invite(person_id)
        for link in links(settings, f"i-{code}"):
            print(link)


def _found(store: Store, congress_id: int, name: str) -> int:
    matching = store.people.named(congress_id, name)
    if not matching:
        raise Refused(f"Nobody called {name} has a role there; add them with --role.")
    if len(matching) > 1:
        raise Refused(f"{len(matching)} people are called {name}; give them different names, such as {name}(石桥村).")
    return matching[0]


def _added(store: Store, congress_id: int, parsed: argparse.Namespace) -> int:
    codes = [code for code in parsed.cells.replace("；", ";").split(";") if code]
    areas = [store.areas.by_code(code) for code in codes]
    if unknown := [code for code, area in zip(codes, areas, strict=True) if area is None]:
        raise Refused(f"--cells: there is no area {', '.join(unknown)}.")
    person_id = store.people.add(parsed.name, parsed.telephone)
    store.people.grant(
        person_id,
        congress_id,
        Role(parsed.role),
        group_name=parsed.group,
        trade=parsed.trade,
        areas=[area.id for area in areas if area],
    )
    return person_id
