"""Make a one-time invite link (30 days) for a person: one that is there, by name, or a new one with a role."""

import argparse

from bot.commands.office import chosen_congress, invitation, opened, person_named
from bot.refusal import Refused
from bot.telegram_name import named
from storage.domain.roles import Role
from storage.store import Store


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument("--role", choices=[role.value for role in Role], help="give the person this role first")
    parser.add_argument("--telephone", default="")
    parser.add_argument("--group", default="")
    parser.add_argument("--trade", default="")
    parser.add_argument("--cells", default="", help="codes of their cells or villages, separated by ;")
    parser.add_argument("--congress", type=int, help="the number of the congress, where there are several")


def run(parsed: argparse.Namespace) -> None:
    with opened() as (settings, store):
        congress = chosen_congress(store, parsed.congress)
        person_id = person_named(store, congress, parsed.name)
        if parsed.role:
            person_id = _with_role(store, congress.id, person_id, parsed)
        if person_id is None:
            raise Refused(f"Nobody called {parsed.name} has a role there; add them with --role.")
        code = store.people.invite(person_id)
    print("\n".join(invitation(named(settings), code).values()))


def _with_role(store: Store, congress_id: int, person_id: int | None, parsed: argparse.Namespace) -> int:
    """The person, new or not, who has the role now."""
    role = Role(parsed.role)
    held = [holding for holding in store.people.holders(congress_id, role) if holding.person_id == person_id]
    if held:
        raise Refused(f"{parsed.name} has that role already; without --role there is a new link.")
    codes = [code.strip() for code in parsed.cells.replace("\uff1b", ";").split(";") if code.strip()]
    areas = {code: store.areas.by_code(code) for code in codes}
    if unknown := [code for code, area in areas.items() if area is None]:
        raise Refused(f"--cells: there is no area {', '.join(unknown)}.")
    person_id = person_id or store.people.add(parsed.name, parsed.telephone)
    own = [area.id for area in areas.values() if area]
    store.people.grant(person_id, congress_id, role, group_name=parsed.group, trade=parsed.trade, areas=own)
    return person_id
