"""What a person decides about themselves: cell, notices, language, their data."""

from handlers.messages import Recipe
from handlers.places import GridCell
from handlers.questions import Choice
from handlers.reading_announcements import set_notices
from handlers.routes import conversation
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import welcome as texts
from handlers.texts.phrase import Phrase
from handlers.texts.proposals import KEPT_AS_IT_IS
from handlers.texts.titles import NO, TO_MENU, YES

_SETTINGS = (
    Option("cell", texts.MY_CELL),
    Option("notices", texts.NOTICES),
    Option("language", texts.LANGUAGE),
    Option("data", texts.MY_DATA),
    Option("forget", texts.FORGET_ME),
    Option("menu", TO_MENU),
)


@conversation(
    "settings", starts=("设置", "我的数据", "隐私", "/settings", "settings", "my data"), menu=texts.MENU_SETTINGS
)
def settings(talk: Talk) -> Reply:
    """One setting at a time."""
    match talk.ask("what", Choice(_SETTINGS), texts.SETTINGS):
        case "cell":
            where = talk.ask("where", GridCell(), texts.WHERE_I_LIVE)
            return _set(talk, cell_id=where.cell.id if where.cell else None)
        case "notices":
            options = [Option("yes", texts.ON), Option("no", texts.OFF)]
            return Reply(set_notices(talk, wanted=talk.ask("notices", Choice(options), texts.NOTICES_WANTED) == "yes"))
        case "language":
            languages = [Option("zh", texts.CHINESE), Option("en", texts.ENGLISH)]
            return _set(talk, language=talk.ask("language", Choice(languages), texts.LANGUAGE))
        case "data":
            recipe = Recipe("my_data", "minsheng.json", "application/json", {"person": talk.person.id})
            return Reply(texts.DATA_EXPORTED, files=[recipe])
        case "forget":
            return _forget(talk)
    return Reply(Phrase(""), then=Start("menu"))


def _set(talk: Talk, **values: object) -> Reply:
    talk.store.people.change(talk.person.id, **values)
    talk.person = talk.store.people.get(talk.person.id)
    return Reply(texts.SAVED)


@conversation("forget_me", starts=("忘记我", "/forget", "forget me"))
def forget_me(talk: Talk) -> Reply:
    """What the settings lead to, for who asks for it by its name."""
    return _forget(talk)


def _forget(talk: Talk) -> Reply:
    if talk.ask("sure", Choice([Option("yes", YES), Option("no", NO)]), texts.FORGET_SURE) == "no":
        return Reply(KEPT_AS_IT_IS)
    talk.store.people.forget(talk.person.id)
    talk.person = talk.store.people.get(talk.person.id)
    return Reply(texts.FORGOTTEN)
