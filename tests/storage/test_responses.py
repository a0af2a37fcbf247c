"""What travels in the response to a message: each of ours once, in order, and the same for every repeat."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from storage.arrivals import Arrivals
from storage.database import transaction
from storage.domain.announcements import SILENT, State
from storage.forgetting import Forgetting
from storage.outbox import Outbox, Settled
from storage.outbox_states import AWAITS_CONTACT
from storage.responses import Response, Responses
from storage.store import Store
from storage.tables import accounts, attachments, messages, outbox
from storage.waiting import MOST, Carried
from tests.bot.mailing import Mail
from tests.delivered import an_announcement
from tests.settlement import on
from tests.virtual_time import BEGAN

CHANNEL = "tap"
_keys = count()


@pytest.fixture
def mail(engine: Engine, tmp_path: Path) -> Mail:
    return Mail(engine, tmp_path)


def hears(mail: Mail, external_id: str) -> str:
    """A message of somebody is stored; gives its key."""
    account, key = mail.account(external_id), f"k{next(_keys)}"
    with transaction(mail.engine) as unit:
        person = unit.read(select(accounts.c.person_id).where(accounts.c.id == account)).scalar_one()
        row = {"direction": "in", "channel": CHANNEL, "platform_key": key, "account_id": account, "person_id": person}
        nowhere = {"kind": "text", "text": "你好", "latitude": None, "longitude": None}
        Arrivals(unit, BEGAN).record([{**row, **nowhere, "at": BEGAN, "stored_at": BEGAN}])
    return key


def takes(mail: Mail, key: str, room: int = MOST, seconds: float = 1.0) -> Response:
    """What goes into the response to it, where so many messages fit."""
    with transaction(mail.engine) as unit:
        asked = {key: lambda waiting: min(room, len(waiting))}
        return Responses(unit, BEGAN + timedelta(seconds=seconds)).take_all(CHANNEL, asked)[key]


def said(response: Response) -> tuple[list[str], int]:
    return [one.text for one in response.messages], response.left


def set_state(mail: Mail, text: str, **values: Any) -> None:
    with transaction(mail.engine) as unit:
        mine = select(messages.c.id).where(messages.c.text == text).scalar_subquery()
        unit.write(update(outbox).where(outbox.c.message_id == mine).values(**values))


# --- whatever happens


class Chat:
    """One person's messages and ours, and what must become of ours."""

    _names = count()

    def __init__(self, mail: Mail) -> None:
        self.mail, self.name = mail, f"chat{next(self._names)}"
        self.waiting: list[tuple[int, int, str]] = []  # priority, number, text
        self.later: list[tuple[int, int, str]] = []
        self.taken: dict[str, tuple[list[str], int]] = {}  # by key
        self.handed_over: list[str] = []

    def _post(self, which: int) -> None:
        priority, number = which % 3, next(_keys)
        self.mail.post(self.name, f"{self.name}:{number}", priority=priority)
        self.waiting.append((priority, number, f"{self.name}:{number}"))

    def _hold(self, _: int) -> None:
        account = self.mail.account(self.name)
        with transaction(self.mail.engine) as unit:
            Outbox(unit, BEGAN).hold(account, "blocked")
        self.waiting += self.later  # what is held is not waited for any longer than its person
        self.later.clear()

    def _await_contact(self, _: int) -> None:
        with transaction(self.mail.engine) as unit:
            while Responses(unit, BEGAN).await_contact(CHANNEL, 3):
                pass

    def _post_for_later(self, _: int) -> None:
        self._post(2)
        self.later.append(self.waiting.pop())
        set_state(self.mail, self.later[-1][-1], due_at=BEGAN + timedelta(hours=1))

    def _hear(self, which: int) -> None:
        key, room = hears(self.mail, self.name), which % 4
        expected = [text for *_, text in sorted(self.waiting)[:room]]
        left = len(self.waiting) - len(expected) if expected else 0  # of nothing, there is not "more"
        assert said(takes(self.mail, key, room)) == (expected, left)
        self.waiting = sorted(self.waiting)[room:]
        self.taken[key] = expected, left
        self.handed_over += expected

    def _repeat(self, which: int) -> None:
        if self.taken:
            key = list(self.taken)[which % len(self.taken)]
            assert said(takes(self.mail, key, which)) == self.taken[key], "whatever fits now"

    acts: ClassVar[dict[str, Callable[["Chat", int], None]]] = {
        "post": _post,
        "hold": _hold,
        "await contact": _await_contact,
        "post for later": _post_for_later,
        "hear": _hear,
        "repeat": _repeat,
    }

    def ends(self) -> None:
        states = {text: state for text, state in self.mail.states().items() if text.startswith(f"{self.name}:")}
        sent = {text for text, state in states.items() if state == "sent"}
        assert len(self.handed_over) == len(set(self.handed_over)), "each is handed over once"
        assert sent == set(self.handed_over)
        assert {text for *_, text in self.waiting + self.later} == states.keys() - sent


@given(st.lists(st.tuples(st.sampled_from(sorted(Chat.acts)), st.integers(0, 11)), max_size=25))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_each_message_is_handed_over_once_in_order(mail: Mail, steps: list[tuple[str, int]]) -> None:
    chat = Chat(mail)
    for name, which in steps:
        chat.acts[name](chat, which)
    chat.ends()


# --- one by one


def test_what_does_not_fit_comes_next_time_and_a_repeat_gets_the_same(mail: Mail) -> None:
    mail.post("a", "notice", priority=2)
    mail.post("a", "one", "two")
    mail.post("b", "another's")
    first, second = hears(mail, "a"), hears(mail, "a")
    assert said(takes(mail, first, 2)) == (["one", "two"], 1)
    assert said(takes(mail, second)) == (["notice"], 0)
    mail.post("a", "news")
    assert said(takes(mail, first)) == (["one", "two"], 1)
    assert said(takes(mail, second)) == (["notice"], 0)
    assert mail.states() == {"notice": "sent", "one": "sent", "two": "sent", "another's": "waiting", "news": "waiting"}
    row = mail.rows()["one"]
    assert (row.attempts, row.settled_at, row.failure) == (1, BEGAN + timedelta(seconds=1), "")
    assert row.platform_id.startswith("response:")


def test_several_are_answered_together_the_earlier_of_one_person_first(mail: Mail) -> None:
    mail.post("a", "one", "two", "three")
    mail.post("b", "four")
    keys = [hears(mail, name) for name in ("a", "b", "a")]
    with transaction(mail.engine) as unit:
        found = Responses(unit, BEGAN).take_all(CHANNEL, {key: lambda waiting: min(2, len(waiting)) for key in keys})
    assert [said(found[key]) for key in keys] == [(["one", "two"], 1), (["four"], 0), (["three"], 0)]


def test_a_message_that_is_not_stored_has_no_response(mail: Mail) -> None:
    with transaction(mail.engine) as unit:
        assert Responses(unit, BEGAN).take_all(CHANNEL, {"never heard of": len}) == {}
        assert Responses(unit, BEGAN).take_all(CHANNEL, {}) == {}
    key = hears(mail, "a")
    with transaction(mail.engine) as unit:
        assert Responses(unit, BEGAN).take_all("plain", {key: len}) == {}


def test_no_more_is_looked_at_than_one_response_may_take(mail: Mail) -> None:
    mail.post("a", *(f"t{at}" for at in range(MOST + 5)))
    looked_at: list[int] = []

    def fitting(waiting: Sequence[Carried]) -> int:
        looked_at.append(len(waiting))
        return len(waiting)

    key = hears(mail, "a")
    with transaction(mail.engine) as unit:
        found = Responses(unit, BEGAN).take_all(CHANNEL, {key: fitting})[key]
    assert looked_at == [MOST]
    assert (len(found.messages), found.left) == (MOST, 5)


def test_buttons_files_and_the_language_of_its_reader_come_along(mail: Mail) -> None:
    card = {"kind": "card", "name": "卡.png", "media_type": "image/png"}
    mail.post("a", "one", choices=[["1-0.0", "1 是"]], file=card)
    with transaction(mail.engine) as unit:
        person = select(accounts.c.person_id).where(accounts.c.id == mail.account("a")).scalar_subquery()
        Store(unit, BEGAN, mail.town.areas).people.change(unit.read(select(person)).scalar_one(), language="en")
    found = takes(mail, hears(mail, "a"))
    (one,) = found.messages
    assert (one.text, one.choices, one.file, found.language) == ("one", [["1-0.0", "1 是"]], "卡.png", "en")


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("became", ["waiting", "held"])
def test_announcements_that_are_paused_or_stopped_stay_behind(mail: Mail, state: State, became: str) -> None:
    place = on(mail.engine)
    mail.post("a", "announced", priority=2)
    mail.post("a", "prompted", priority=1)
    with mail.town.store() as store:
        number = an_announcement(store, place, state=state)
    set_state(mail, "announced", state=became, announcement_id=number)
    carried, left = said(takes(mail, hears(mail, "a")))
    assert (carried, left) == (["prompted"] if state in SILENT else ["prompted", "announced"], 0)
    assert mail.states()["announced"] == (became if state in SILENT else "sent")


def test_what_was_set_back_for_the_night_is_kept(mail: Mail) -> None:
    mail.post("a", "announced", "tomorrow", priority=2)
    set_state(mail, "announced", state="paused")
    set_state(mail, "tomorrow", due_at=BEGAN + timedelta(hours=8))
    assert said(takes(mail, hears(mail, "a"))) == ([], 0)
    assert said(takes(mail, hears(mail, "a"), seconds=8 * 3600)) == (["tomorrow"], 0)


def test_a_chat_that_somebody_writes_to_is_left_to_them(mail: Mail) -> None:
    mail.post("a", "one", "two")
    mail.post("b", "three")
    mail.account("c")
    keys = {name: hears(mail, name) for name in ("a", "b", "c")}
    with transaction(mail.engine) as unit:
        (row, *_) = Outbox(unit, BEGAN).claim(CHANNEL, 1, timedelta(seconds=30)).rows
    assert row.text == "one"
    with transaction(mail.engine) as unit:
        found = Responses(unit, BEGAN + timedelta(seconds=1)).take_all(CHANNEL, dict.fromkeys(keys.values(), len))
    assert {name: said(found[key]) for name, key in keys.items()} == {"a": ([], 0), "b": (["three"], 0), "c": ([], 0)}
    with transaction(mail.engine) as unit:
        Outbox(unit, BEGAN).settle([Settled(row, "sent")])
        Outbox(unit, BEGAN).release([row])
    assert said(takes(mail, hears(mail, "a"))) == (["two"], 0)
    assert said(takes(mail, keys["a"])) == ([], 0), "a repeat gets the same"


def test_after_it_was_answered_a_chat_can_be_written_to(mail: Mail) -> None:
    mail.post("a", "one")
    assert said(takes(mail, hears(mail, "a"))) == (["one"], 0)
    mail.post("a", "two")
    with transaction(mail.engine) as unit:
        assert [row.text for row in Outbox(unit, BEGAN).claim(CHANNEL, 1, timedelta(seconds=30)).rows] == ["two"]


def test_what_was_held_for_somebody_is_handed_over_whyever(mail: Mail) -> None:
    ((_, account),) = mail.post("a", "one")
    with transaction(mail.engine) as unit:
        Outbox(unit, BEGAN).hold(account, "blocked")
    assert said(takes(mail, hears(mail, "a"))) == (["one"], 0)
    assert mail.rows()["one"].failure == ""


def test_of_what_was_forgotten_since_a_repeat_says_nothing(mail: Mail) -> None:
    mail.post("a", "one", "two", file={"kind": "ledger", "name": "台账.xlsx", "media_type": "application/zip"})
    mail.post("b", "three")
    first, of_another = hears(mail, "a"), hears(mail, "b")
    assert said(takes(mail, first, 1)) == (["one"], 1)
    takes(mail, of_another)
    with transaction(mail.engine) as unit:
        person = select(accounts.c.person_id).where(accounts.c.id == mail.account("a")).scalar_subquery()
        Forgetting(unit, BEGAN).forget(unit.read(select(person)).scalar_one())
    mail.post("a", "farewell")
    again = takes(mail, first)
    assert said(again) == ([], 0), "nor takes what is meant for another message"
    assert said(takes(mail, of_another)) == (["three"], 0)
    assert said(takes(mail, hears(mail, "a"))) == (["farewell"], 0)
    with transaction(mail.engine) as unit:
        assert set(unit.read(select(attachments.c.name)).scalars()) == {""}


def test_who_is_somebody_else_by_now_gets_what_waits_for_the_account(mail: Mail) -> None:
    mail.post("a", "one")
    mail.account("b")
    key = hears(mail, "a")
    with mail.town.store() as store:
        query = select(accounts.c.person_id).where(accounts.c.external_id.in_(["a", "b"])).order_by(accounts.c.id)
        a, b = store.unit.read(query).scalars()
        store.people.merge(a, b)
    assert said(takes(mail, key)) == (["one"], 0)


# --- asking for more


def left_before(mail: Mail, external_id: str) -> str | None:
    key = hears(mail, external_id)
    with transaction(mail.engine) as unit:
        mine = unit.read(select(messages.c.id).where(messages.c.platform_key == key)).scalar_one()
        return Responses(unit, BEGAN).left_before(mail.account(external_id), mine)


def test_whether_there_is_more_is_what_the_last_response_said(mail: Mail) -> None:
    assert not left_before(mail, "a")
    mail.post("a", "one", "two")
    mail.post("b", "three", "four")
    takes(mail, hears(mail, "a"), 1)
    takes(mail, hears(mail, "b"))
    assert left_before(mail, "a")
    assert left_before(mail, "a"), "that was heard and not answered"
    assert not left_before(mail, "b")
    takes(mail, hears(mail, "a"))
    assert not left_before(mail, "a")


def test_there_is_no_more_where_nothing_waits_any_longer(mail: Mail) -> None:
    mail.post("a", "one", "two")
    takes(mail, hears(mail, "a"), 1)
    set_state(mail, "two", state="failed")
    assert not left_before(mail, "a")


# --- waiting for the next contact


def test_what_waits_where_nothing_is_pushed_is_held_and_its_people_are_marked(mail: Mail) -> None:
    mail.post("a", "one", "two")
    mail.post("b", "tomorrow")
    set_state(mail, "tomorrow", due_at=BEGAN + timedelta(hours=1))
    mail.post("c", "elsewhere", channel="plain")
    with transaction(mail.engine) as unit:
        assert [Responses(unit, BEGAN).await_contact(CHANNEL, 1) for _ in range(3)] == [1, 1, 0]
    assert mail.states() == {"one": "held", "two": "held", "tomorrow": "waiting", "elsewhere": "waiting"}
    assert [mail.unreachable(name) for name in "abc"] == [AWAITS_CONTACT, None, None]


def test_who_blocked_us_stays_marked_so(mail: Mail) -> None:
    mail.post("a", "one")
    with mail.town.store() as store:
        store.people.mark_unreachable(mail.account("a"), "blocked")
    with transaction(mail.engine) as unit:
        Responses(unit, BEGAN).await_contact(CHANNEL, 9)
    assert mail.unreachable("a") == "blocked"


def test_a_message_of_ours_is_read_by_its_number_while_it_is_young(mail: Mail) -> None:
    mail.post("a", "one")
    hears(mail, "a")
    with transaction(mail.engine) as unit:
        (mine,) = unit.read(select(messages.c.id).where(messages.c.direction == "out")).scalars()
        (theirs,) = unit.read(select(messages.c.id).where(messages.c.direction == "in")).scalars()
        responses = Responses(unit, BEGAN)
        assert responses.said(CHANNEL, mine, BEGAN) == Carried(mine, "one", None, "")
        assert responses.said(CHANNEL, mine, BEGAN + timedelta(seconds=1)) is None
        assert responses.said("plain", mine, BEGAN) is None
        assert responses.said(CHANNEL, theirs, BEGAN) is None
        assert responses.said(CHANNEL, mine + theirs, BEGAN) is None
    assert mail.states() == {"one": "waiting"}
