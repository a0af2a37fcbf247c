from handlers.messages import KeptFile, Recipe
from handlers.questions import Listed, Text
from handlers.routes import Conversation, Routes, conversation
from handlers.state import Asked, State
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts.phrase import Phrase
from handlers.texts.titles import CHANGED_MEANWHILE
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement

NAME = Phrase("姓名？")


def talking(town: Town, *scripts: Conversation) -> Person:
    person = Person(Town(town.engine, town.now, Routes(scripts)), "r1", "tap")
    person.says("begin")
    return person


def test_a_remembered_value_stays_however_often_the_script_runs_again(town: Town) -> None:
    computed: list[int] = []

    def compute() -> int:
        computed.append(1)
        return len(computed)

    @conversation("begins", starts=("begin",))
    def script(talk: Talk) -> Reply:
        first = talk.remember("first", compute)
        talk.ask("name", Text(), NAME)
        talk.ask("telephone", Text(), NAME)
        return Reply(Phrase(f"{first} {talk.remember('first', compute)}"))

    assert joined(talking(town, script).says("王芳", "139")) == "1 1"
    assert computed == [1]


def test_an_answer_that_no_longer_loads_is_asked_for_again(town: Town) -> None:
    class Picky(Text):
        def load(self, stored: object, talk: Talk, /) -> str:
            if not talk.arguments.get("lenient"):
                talk.arguments["lenient"] = True
                return str(stored)
            raise ValueError(stored)

    @conversation("begins", starts=("begin",))
    def script(talk: Talk) -> Reply:
        talk.ask("name", Picky(), NAME)
        talk.ask("telephone", Text(), Phrase("电话？"))
        return Reply(Phrase("好"))

    person = talking(town, script)
    assert joined(person.says("王芳")) == "电话？"
    assert joined(person.says("139")) == NAME.zh


def test_what_has_gone_since_it_was_shown_is_not_taken_and_the_rest_is_shown(town: Town) -> None:
    there = ["桥", "路", "灯"]

    @conversation("begins", starts=("begin",))
    def script(talk: Talk) -> Reply:
        return Reply(Phrase(talk.ask("which", Listed([Option(one, Phrase(one)) for one in there]), NAME)))

    person = talking(town, script)
    there.remove("路")
    assert joined(person.says("2")) == f"{CHANGED_MEANWHILE.zh}\n{NAME.zh}"
    assert joined(person.says("2")) == "灯"
    assert person.town.faults == []


def test_a_conversation_may_begin_another_and_say_both_in_one_message(town: Town) -> None:
    @conversation("begins", starts=("begin",))
    def script(talk: Talk) -> Reply:
        return Reply(Phrase(talk.ask("name", Text(), NAME)), then=Start("goes_on"))

    @conversation("goes_on")
    def going_on(talk: Talk) -> Reply:
        return Reply(Phrase(talk.ask("telephone", Text(), Phrase("电话？"))))

    assert talking(town, script, going_on).says("王芳") == ["王芳\n电话？"]


def test_files_go_along_the_first_with_the_words(town: Town) -> None:
    kept = KeptFile("d1", "路.jpg", "image/jpeg")
    made = Recipe("ledger", "台账.xlsx", "application/zip", {"congress": 1})

    @conversation("begins", starts=("begin",))
    def script(talk: Talk) -> Reply:
        talk.ask("name", Text(), NAME)
        return Reply(Phrase("给您"), [made, kept], then=Start("goes_on"))

    @conversation("goes_on")
    def going_on(talk: Talk) -> Reply:
        return Reply(Phrase(talk.ask("telephone", Text(), Phrase("电话？"))))

    person = talking(town, script, going_on)
    assert person.says("王芳") == ["给您", "", "电话？"]
    assert person.files() == ["ledger"]


def test_who_is_told_something_is_told_whether_it_reaches_them(town: Town, place: Settlement) -> None:
    found: list[bool] = []

    @conversation("begins", starts=("begin",))
    def script(talk: Talk) -> Reply:
        talk.ask("name", Text(), NAME)
        nobody = talk.store.people.add("路人")
        talk.store.people.change(place.deputy, notices=False)
        for person, asked_for in ((place.staff, False), (nobody, True), (place.deputy, False), (place.deputy, True)):
            found.append(talk.tell(person, Phrase("您好", "Hello"), asked_for=asked_for))
        found.extend(talk.prompt(person, "begins", {}) for person in (place.staff, nobody))
        return Reply(Phrase("好"))

    person = talking(town, script)
    person.says("王芳")
    assert found == [True, False, False, True, True, False]
    assert joined(town.person("deputy").reads()) == "您好"


def test_who_has_become_another_record_is_still_reached(town: Town, place: Settlement) -> None:
    with town.store() as store:
        old = store.people.add("旧记录")
        store.people.merge(old, into=place.staff)

    @conversation("begins", starts=("begin",))
    def script(talk: Talk) -> Reply:
        talk.ask("name", Text(), NAME)
        talk.tell(old, Phrase("您好"))
        return Reply(Phrase("好"))

    talking(town, script).says("王芳")
    assert joined(town.person("staff").reads()) == "您好"


def test_a_state_comes_back_as_it_was_stored() -> None:
    asked = Asked("1-0", "where", "在哪里？", [["1", "柳河镇"]], progress={"page": 1}, deeper=True)
    state = State(
        "suggest",
        1,
        {"text": "修路"},
        {"what": "修路"},
        {"a": 1},
        ["what"],
        [3],
        [4],
        2,
        1,
        "g",
        prompted=True,
        asked=asked,
    )
    assert State.load(state.dump()) == state
    assert State.load(State("menu", 1).dump()) == State("menu", 1)
