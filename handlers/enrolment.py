"""Enrolment by a one-time invite: whoever opens it becomes the person that the office prepared."""

from handlers.talk import Reply, Start, Talk
from handlers.texts import welcome as texts
from handlers.texts.words import ROLE


def enrol(talk: Talk, code: str) -> Reply:
    """The account's person and the prepared one become one; their roles work from the next message on."""
    person_id = talk.store.people.invited(code)
    if person_id is None or not talk.store.people.use_invite(code, talk.account_id):
        return Reply(texts.INVITE_USED, then=Start("menu"))
    talk.store.people.merge(talk.person.id, into=person_id)
    talk.person = talk.store.people.get(person_id)
    holding = talk.store.people.holdings(person_id)[0]
    congress = talk.store.congresses.get(holding.congress_id)
    return Reply(texts.enrolled(talk.person.name, ROLE[holding.role], congress.name), then=Start("menu"))
