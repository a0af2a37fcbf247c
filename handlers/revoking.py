"""The office looks at who holds a role, and takes one away from who has left."""

from handlers import access
from handlers.questions import Choice, Listed
from handlers.routes import conversation
from handlers.staff import own_congress
from handlers.talk import Option, Reply, Talk
from handlers.texts import roles as texts
from handlers.texts.proposals import KEPT_AS_IT_IS
from handlers.texts.titles import NO, YES
from handlers.texts.words import ROLE
from storage.domain.roles import Role
from storage.people import LastOfStaff


@conversation("people", starts=("人员", "人员名册", "/people", "people"), menu=texts.MENU, allowed=access.is_staff)
def people(talk: Talk) -> Reply:
    """Choose a role, somebody who holds it, and confirm."""
    congress_id = own_congress(talk)
    roles = [Option(role, ROLE[role]) for role in access.REVOCABLE]
    role = Role(talk.ask("role", Choice(roles), texts.WHICH_ROLE))
    roster = talk.store.people.roster(congress_id, role)
    if not roster:
        return Reply(texts.nobody(ROLE[role]))
    holders = [Option(str(held), texts.holder(name, group, enrolled=known)) for held, name, group, known, _ in roster]
    chosen = talk.ask("holder", Listed(holders), texts.whose(ROLE[role], len(holders)))
    held = access.check_can_revoke(talk.holdings, talk.store.people.holding(int(chosen)))
    name = talk.store.people.get(held.person_id).name
    sure = Choice([Option("yes", YES), Option("no", NO)])
    if talk.ask("sure", sure, texts.sure(name, ROLE[role])) == "no":
        return Reply(KEPT_AS_IT_IS)
    try:
        talk.store.people.revoke(held)
    except LastOfStaff:
        return Reply(texts.LAST_OF_STAFF)
    congress = talk.store.congresses.get(congress_id)
    talk.tell(held.person_id, texts.revoked_from_you(ROLE[role], congress.name), asked_for=True)
    return Reply(texts.revoked(name, ROLE[role]))
