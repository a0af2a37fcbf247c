"""The office decides when each duty comes round, and hears at once what contradicts itself."""

from handlers import access
from handlers.cadence_fields import Written, fields_of
from handlers.questions import Choice
from handlers.routes import conversation
from handlers.supervision import own
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import cadences as texts
from handlers.texts.phrase import Phrase
from handlers.texts.proposals import KEPT_AS_IT_IS
from handlers.texts.titles import NO, TO_MENU, YES
from storage.domain.cadence import BadCadence, Duty


@conversation("cadences", starts=("督查安排", "/cadences", "cadences"), menu=texts.MENU, allowed=access.is_staff)
def cadences(talk: Talk) -> Reply:
    """Every duty in a line; of one of them, one thing is changed, or it is turned on or off."""
    congress = own(talk)
    again = Start("cadences", {"congress": congress.id})
    arranged = talk.store.cadences.of(congress.id)
    listed = [Option(duty, texts.line(one)) for duty, one in arranged.items()]
    chosen = talk.ask("which", Choice([*listed, Option("menu", TO_MENU)]), texts.LIST)
    if chosen == "menu":
        return Reply(Phrase(""), then=Start("menu"))
    duty = Duty(chosen)
    one = arranged[duty]
    options = [Option(name, texts.field(name, duty, one.cadence)) for name in fields_of(duty, one.cadence)]
    turning = Option("on", texts.TURN_ON) if one.coming is None else Option("off", texts.TURN_OFF)
    name = talk.ask("field", Choice([turning, *options, Option("back", texts.BACK)]), texts.card(one, congress.name))
    if name == "back":
        return Reply(Phrase(""), then=again)
    if name == "off" and talk.ask("sure", Choice([Option("yes", YES), Option("no", NO)]), texts.off_sure(duty)) == "no":
        return Reply(KEPT_AS_IT_IS, then=again)
    if name in ("on", "off"):
        return Reply(_turn(talk, congress.id, duty, is_on=name == "on"), then=again)
    cadence = talk.ask("value", Written(name, duty, one.cadence), texts.ASK[name])
    try:
        talk.store.cadences.set(congress.id, duty, cadence)
    except BadCadence as bad:  # somebody else has changed another thing of it meanwhile
        return Reply(texts.WHY[bad.why], then=again)
    return Reply(texts.changed(talk.store.cadences.of(congress.id)[duty]), then=again)


def _turn(talk: Talk, congress_id: int, duty: Duty, *, is_on: bool) -> Phrase:
    if is_on:
        talk.store.cadences.turn_on(congress_id, duty)
    else:
        talk.store.cadences.turn_off(congress_id, duty)
    return texts.TURNED_ON if is_on else texts.TURNED_OFF
