"""What nobody has reported in time, for those whom that is escalated to."""

from handlers import access
from handlers.notices import duty
from handlers.routes import conversation
from handlers.talk import Reply, Talk
from handlers.texts import cadences as texts
from handlers.texts import notices
from handlers.texts.phrase import lines
from storage.store import Store

LISTED = 30


def _is_any(store: Store, person_id: int) -> bool:
    return bool(store.overdue.escalated_to(person_id))


@conversation(
    "overdue",
    starts=("逾期", "/overdue", "overdue"),
    allowed=access.may_hear_of_overdue,
    due=_is_any,
    notice=duty(notices.OVERDUE),
)
def overdue(talk: Talk) -> Reply:
    """Of which projects, who owes it, and how they can be called where nothing reached them."""
    late = talk.store.overdue.escalated_to(talk.person.id)
    if not late:
        return Reply(texts.NO_OVERDUE)
    congresses = {one: talk.store.congresses.get(one) for one in {one.congress_id for one in late}}
    names = [one.title or congresses[one.congress_id].name for one in late]
    talk.concerns(notices.reports(names), until=min(one.due_on for one in late))
    listed = [
        texts.overdue(one, congresses[one.congress_id].name, congresses[one.congress_id].today(talk.now))
        for one in late[:LISTED]
    ]
    if len(late) > LISTED:
        listed.append(texts.more_overdue(len(late) - LISTED))
    elif access.is_staff(talk.holdings):
        listed.append(texts.OVERDUE_NEXT)
    return Reply(lines([texts.overdue_head(len(late)), *listed]))
