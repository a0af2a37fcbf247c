"""Take a person's roles in a congress away, or one of them, or only the invite that they have not used yet."""

import argparse

from bot.commands.office import chosen_congress, opened, person_named
from bot.refusal import Refused
from handlers.texts.phrase import Phrase, join
from handlers.texts.words import ROLE
from storage.congresses import Congress
from storage.domain.roles import Role
from storage.store import Store


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument("--role", choices=[role.value for role in Role], help="only this one")
    parser.add_argument("--invite", action="store_true", help="only the unused invite; the roles stay")
    parser.add_argument("--congress", type=int, help="the number of the congress, where there are several")


def run(parsed: argparse.Namespace) -> None:
    with opened() as (_, store):
        congress = chosen_congress(store, parsed.congress)
        person_id = person_named(store, congress, parsed.name)
        if person_id is None:
            raise Refused(f"Nobody called {parsed.name} has a role there.")
        if parsed.invite:
            said = _withdrawn(store, person_id, parsed.name)
        else:
            said = _revoked(store, congress, person_id, parsed)
    print(said)


def _withdrawn(store: Store, person_id: int, name: str) -> str:
    if not store.people.withdraw_invites(person_id):
        raise Refused(f"{name} has no unused invite.")
    return f"{name}：邀请链接已作废 / the invite works no more"


def _revoked(store: Store, congress: Congress, person_id: int, parsed: argparse.Namespace) -> str:
    theirs = [held for held in store.people.holdings(person_id) if held.congress_id == congress.id]
    taken = [held for held in theirs if parsed.role in (None, held.role)]
    if not taken:
        raise Refused(f"{parsed.name} does not have that role there.")
    for held in taken:
        store.people.revoke(held, last_too=True)
    roles: Phrase = join(ROLE[held.role] for held in taken)
    return f"{parsed.name} 不再是{congress.name}的{roles.zh} / is no longer {roles.en} of {congress.name}"
