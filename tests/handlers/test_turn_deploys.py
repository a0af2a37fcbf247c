"""Conversations whose scripts changed while they were open, and scripts that do what they may not."""

from dataclasses import replace

from handlers.catalogue import ROUTES
from handlers.messages import Kind
from handlers.places import GridCell
from handlers.questions import Choice, Text
from handlers.routes import Conversation, Routes, conversation
from handlers.talk import Option, Reply, Talk
from handlers.texts import everywhere
from handlers.texts import proposals as texts
from handlers.texts.phrase import Phrase
from tests.conversing import Person, Town, last

# --- versions


@conversation("survey", starts=("问卷",), draft=Phrase("问卷"))
def survey(talk: Talk) -> Reply:
    name = talk.ask("name", Text(), Phrase("姓名？"))
    colour = talk.ask("which", Choice([Option("r", Phrase("红")), Option("g", Phrase("绿"))]), Phrase("颜色？"))
    return Reply(Phrase(f"{name}{colour}"))


def _newer() -> Conversation:
    return replace(survey, version=2)


def deployed(town: Town, *extra: Conversation) -> Town:
    """The same town after a deploy: with these conversations too."""
    return Town(town.engine, town.now, Routes([*ROUTES.conversations, *extra]), count=town.count)


def moved(person: Person, town: Town) -> Person:
    return Person(town, person.account, person.channel, person.heard)


def test_an_open_conversation_of_another_version_becomes_a_draft_that_goes_on(town: Town, resident: Person) -> None:
    old = moved(resident, deployed(town, survey))
    old.says("问卷", "王芳")
    new = moved(old, deployed(old.town, _newer()))
    assert last(new.says("1")) == everywhere.CONVERSATION_CHANGED.zh
    assert "颜色" in last(new.says("继续"))
    assert last(new.says("绿")) == "王芳g"


def test_commands_are_heard_after_a_deploy_too(town: Town, resident: Person) -> None:
    old = moved(resident, deployed(town, survey))
    old.says("问卷", "王芳")
    told = last(moved(old, deployed(old.town, _newer())).says("菜单"))
    assert told.startswith(everywhere.CONVERSATION_CHANGED.zh)
    assert "请回复数字" in told


def test_words_to_a_conversation_of_another_version_that_held_nothing_yet_are_not_lost(
    town: Town, resident: Person
) -> None:
    old = moved(resident, deployed(town, survey))
    old.says("问卷")
    new = moved(old, deployed(old.town, _newer()))
    assert last(new.says("村口要修路")).startswith(texts.UNPROMPTED.zh)


def test_a_conversation_that_is_no_longer_offered_is_said_to_be_gone(town: Town, resident: Person) -> None:
    old = moved(resident, deployed(town, survey))
    old.says("问卷", "王芳")
    new = moved(old, deployed(old.town))
    assert last(new.says("1")) == everywhere.CONVERSATION_CHANGED.zh
    assert last(new.says("继续")) == everywhere.CONVERSATION_GONE.zh


def test_an_answer_that_means_something_else_by_now_is_asked_for_again(town: Town, resident: Person) -> None:
    @conversation("survey", starts=("问卷",), draft=Phrase("问卷"), version=2)
    def located(talk: Talk) -> Reply:
        where = talk.ask("name", GridCell(), Phrase("在哪里？"))
        return Reply(Phrase(where.how))

    old = moved(resident, deployed(town, survey))
    old.says("问卷", "王芳")
    new = moved(old, deployed(old.town, located))
    new.says("1")
    assert "在哪里" in last(new.says("继续"))
    assert last(new.says("柳树湾")) == "text"


# --- what scripts may not do


@conversation("hasty", starts=("抢先",))
def hasty(talk: Talk) -> Reply:
    talk.store.people.add("too early")
    talk.ask("name", Text(), Phrase("姓名？"))
    return Reply(Phrase("好"))


def test_a_script_that_writes_before_its_last_answer_is_a_fault(town: Town, resident: Person) -> None:
    broken = moved(resident, deployed(town, hasty))
    broken.town.hand_in(broken.message(Kind.TEXT, text="抢先"))
    assert broken.town.faults[0].startswith("ScriptFault")
