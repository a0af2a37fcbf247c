"""Enrolment by a one-time invite: whoever opens it becomes the person that the office prepared."""

from handlers.messages import Inbound, Kind
from handlers.talk import Reply, Start, Talk
from handlers.texts import welcome as texts
from handlers.texts.words import ROLE
from storage.people import People

INVITE = "i"  # what the payload of an invite's link begins with, before a hyphen


def enrol(talk: Talk, code: str) -> Reply:
    """The account's person and the prepared one become one; their roles work from the next message on.

    What either of them has half written, by whatever account, is kept as a draft and offered again: the account's when
    the link begins something else, the prepared person's when the account has become theirs (see Turn).
    """
    people = talk.store.people
    person_id = people.invited(code)
    holdings = people.holdings(person_id) if person_id else []
    if person_id is None or not holdings or not people.use_invite(code, talk.account_id):
        return Reply(texts.INVITE_USED, then=Start("menu"))
    people.merge(talk.person.id, into=person_id)
    talk.person = people.get(person_id)
    congress = talk.store.congresses.get(holdings[0].congress_id)
    return Reply(texts.enrolled(talk.person.name, ROLE[holdings[0].role], congress.name), then=Start("menu"))


def invited(people: People, inbound: Inbound) -> set[int]:
    """Whom a message makes its sender, if it opens an invite: they must not be acted for elsewhere meanwhile."""
    kind, _, code = inbound.payload.partition("-")
    person_id = people.invited(code) if inbound.kind is Kind.START and kind == INVITE else None
    return {person_id} if person_id else set()
