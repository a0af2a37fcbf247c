"""The office asks for what is owed: one person, or everybody, so often and no oftener."""

from datetime import time
from zoneinfo import ZoneInfo

from handlers import access
from handlers.listing import Pages, Row, paged
from handlers.questions import Choice
from handlers.routes import conversation
from handlers.supervision import own
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import supervision as texts
from handlers.texts.phrase import Phrase
from handlers.texts.titles import NO, YES
from storage.congresses import Congress
from storage.domain.cadence import moment

AT_ONCE = 20  # people whose conversation is begun right after; further ones hear within minutes, in chunks


@conversation(
    "nudge",
    starts=("催办", "/nudge", "nudge"),
    allowed=access.is_staff,
    behind=lambda given: Start("supervision", given),
)
def nudge(talk: Talk) -> Reply:
    """Somebody of those who owe, or all of them."""
    congress = own(talk)
    back = Start("supervision", {"congress": congress.id})
    debtors = paged(
        lambda key, limit: talk.store.nudges.debtors(congress.id, int(key or 0), limit),
        lambda one: Row(texts.debtor(one), str(one.person)),
        lambda one: one.person,
    )
    if not debtors("").rows:
        return Reply(texts.NOBODY_OWES, then=back)
    others = [Option("all", texts.EVERYBODY), Option("back", texts.BACK)]
    chosen = talk.ask("who", Pages(debtors, texts.WHOM, texts.WHOM, others), texts.WHOM)
    if chosen == "back":
        return Reply(Phrase(""), then=back)
    if chosen == "all":
        sure = Choice([Option("yes", YES), Option("no", NO)])
        if talk.ask("sure", sure, texts.NUDGE_SURE) == "no":
            return Reply(Phrase(""), then=back)
        return Reply(_nudge(talk, congress, None), then=back)
    return Reply(_nudge(talk, congress, [int(chosen)]), then=back)


def _nudge(talk: Talk, congress: Congress, people: list[int] | None) -> Phrase:
    day_began = moment(congress.today(talk.now), time(), ZoneInfo(congress.timezone))
    done = talk.store.nudges.nudge(congress.id, day_began, people)
    talk.prompted.update(done.prompted[:AT_ONCE])
    return texts.nudged(done, congress.timezone)
