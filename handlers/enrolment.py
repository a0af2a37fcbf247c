"""Enrolment by a one-time invite: whoever opens it becomes the person that the office prepared."""

from handlers.talk import Reply, Start, Talk
from handlers.texts import welcome as texts
from handlers.texts.words import ROLE


def enrol(talk: Talk, code: str) -> Reply:
    """The account's person and the prepared one become one; their roles work from the next message on."""
    people = talk.store.people
    person_id = people.invited(code)
    holdings = people.holdings(person_id) if person_id else []
    if person_id is None or not holdings or not people.use_invite(code, talk.account_id):
        return Reply(texts.INVITE_USED, then=Start("menu"))
    people.merge(talk.person.id, into=person_id)
    talk.person = people.get(person_id)
    congress = talk.store.congresses.get(holdings[0].congress_id)
    return Reply(texts.enrolled(talk.person.name, ROLE[holdings[0].role], congress.name), then=Start("menu"))
