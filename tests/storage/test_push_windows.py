"""Windows for pushing: opened and renewed by people, used up by us, closed by their platform."""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from storage.database import reading, transaction
from storage.outbox import Claimed, Outbox, Settled
from storage.push_windows import Opened, PushWindows
from storage.tables import accounts, messages, outbox
from tests.bot.mailing import Mail
from tests.virtual_time import BEGAN

LEASE = timedelta(seconds=30)
_names = count()


@pytest.fixture
def mail(engine: Engine, tmp_path: Path) -> Mail:
    return Mail(engine, tmp_path)


def opened(account: int, name: str = "message", room: int = 5, until: float = 100.0) -> Opened:
    """`until` in seconds from the beginning."""
    return Opened(account, name, room, BEGAN + timedelta(seconds=until))


def windows(mail: Mail, *found: Opened) -> None:
    with transaction(mail.engine) as unit:
        PushWindows(unit, BEGAN).open(found)


def window_of(mail: Mail, account: int, seconds: float = 0.0) -> tuple[str, int] | None:
    with reading(mail.engine) as unit:
        found = PushWindows(unit, BEGAN + timedelta(seconds=seconds)).of([account]).get(account)
    return (found[0].name, found[0].room) if found else None


def closes(mail: Mail, account: int, known: Opened | None) -> bool:
    with transaction(mail.engine) as unit:
        return PushWindows(unit, BEGAN).close(account, known)


def claim(mail: Mail, seconds: float = 0.0) -> list[Claimed]:
    with transaction(mail.engine) as unit:
        return Outbox(unit, BEGAN + timedelta(seconds=seconds)).claim("tap", 9, LEASE, windows=True).rows


# --- opening


def test_a_window_is_open_until_its_end_and_while_it_has_room(mail: Mail) -> None:
    a, b = mail.account("a"), mail.account("b")
    windows(mail, opened(a), opened(b, room=0))
    assert [window_of(mail, one) for one in (a, b)] == [("message", 5), None]
    assert window_of(mail, a, 99.9) == ("message", 5)
    assert window_of(mail, a, 100) is None
    with reading(mail.engine) as unit:
        assert PushWindows(unit, BEGAN).of([]) == {}


def test_of_two_windows_the_one_that_closes_first_is_used(mail: Mail) -> None:
    a = mail.account("a")
    windows(mail, opened(a, "message", 5, 100), opened(a, "tap", 3, 60))
    assert window_of(mail, a) == ("tap", 3)
    assert window_of(mail, a, 60) == ("message", 5)
    windows(mail, opened(a, "tap", 3, 160))
    assert window_of(mail, a, 60) == ("message", 5)


def test_what_arrives_late_neither_shortens_nor_fills_a_window(mail: Mail) -> None:
    a = mail.account("a")
    windows(mail, opened(a, until=100))
    with transaction(mail.engine) as unit:
        PushWindows(unit, BEGAN).use([(opened(a), 4)])
    windows(mail, opened(a, until=90))
    assert window_of(mail, a, 95) == ("message", 1)
    windows(mail, opened(a, until=110))
    assert window_of(mail, a, 105) == ("message", 5)


@given(st.lists(st.tuples(st.sampled_from(["open", "use", "close"]), st.integers(1, 200)), max_size=20))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_in_whatever_order_the_window_is_that_of_the_latest_message(
    mail: Mail, steps: list[tuple[str, int]]
) -> None:
    account = mail.account(f"p{next(_names)}")
    known: Opened | None = None
    for what, number in steps:
        if what == "open":
            found = opened(account, until=number)
            windows(mail, found)
            known = found if known is None or found.until >= known.until else known
        elif what == "use" and known:
            with transaction(mail.engine) as unit:
                PushWindows(unit, BEGAN).use([(known, number % 3)])
            known = known._replace(room=known.room - number % 3)
        elif what == "close" and known:
            assert closes(mail, account, known)
            known = None
        expected = (known.name, known.room) if known and known.room > 0 else None
        assert window_of(mail, account) == expected


# --- closing


def test_what_was_opened_since_stays_open(mail: Mail) -> None:
    a = mail.account("a")
    windows(mail, before := opened(a, until=100))
    windows(mail, opened(a, until=200))
    assert not closes(mail, a, before)
    assert window_of(mail, a) == ("message", 5)
    assert not closes(mail, a, None), "who knew of none was refused before"
    assert closes(mail, a, opened(a, until=200))
    assert closes(mail, a, None)


def test_each_refusal_closes_a_window_so_that_there_is_an_end(mail: Mail) -> None:
    a, b = mail.account("a"), mail.account("b")
    windows(mail, message := opened(a), tap := opened(a, "tap", 3, 60), opened(b))
    assert not closes(mail, a, tap)
    assert closes(mail, a, message)
    assert window_of(mail, b) == ("message", 5)


# --- in the outbox


def test_the_window_is_read_at_the_claim_and_counted_at_settling(mail: Mail) -> None:
    mail.post("a", "one", "two")
    mail.post("b", "other")
    a = mail.account("a")
    windows(mail, opened(a))
    rows = {row.text: row for row in claim(mail)}
    assert rows["one"].window == opened(a)
    assert rows["other"].window is None
    with transaction(mail.engine) as unit:
        box = Outbox(unit, BEGAN)
        box.settle([Settled(rows["one"], "sent", used=2), Settled(rows["other"], "held", used=1)])
        box.release(list(rows.values()))
    assert window_of(mail, a) == ("message", 3)
    (row,) = claim(mail)
    assert (row.text, row.window) == ("two", opened(a, room=3))


def test_what_waits_behind_is_told_where_that_is_more_than_there_is_room_for(mail: Mail) -> None:
    ((_, a),), ((_, b),) = mail.post("a", "one", "two"), mail.post("b", "three", "four")
    mail.post("c", "five", "six")
    mail.post("a", "held", "paused", "tomorrow", priority=2)
    mail.post("a", "late")
    states = {"held": {"state": "held"}, "paused": {"state": "paused"}}
    ahead = {name: {"due_at": BEGAN + timedelta(hours=9)} for name in ("late", "tomorrow")}
    with transaction(mail.engine) as unit:
        for text, values in (states | ahead).items():
            mine = select(messages.c.id).where(messages.c.text == text).scalar_subquery()
            unit.write(update(outbox).where(outbox.c.message_id == mine).values(**values))
    windows(mail, opened(a, room=3), opened(b, room=2))
    told = {row.text: [one.text for one in row.following] for row in claim(mail)}
    assert told == {"one": ["two", "late", "held"], "three": [], "five": []}


def test_the_room_is_that_of_all_windows(mail: Mail) -> None:
    ((_, a),) = mail.post("a", *"1234567")
    windows(mail, opened(a, "message", 5, 100), opened(a, "tap", 2, 60))
    (row,) = claim(mail)
    assert row.window
    assert (row.window.name, row.following) == ("tap", ())


def test_where_there_are_no_windows_none_is_asked_for(mail: Mail) -> None:
    mail.post("a", "one")
    windows(mail, opened(mail.account("a")))
    with transaction(mail.engine) as unit:
        (row,) = Outbox(unit, BEGAN).claim("tap", 9, LEASE).rows
    assert row.window is None


def test_after_a_kill_what_was_sent_is_recorded_and_a_refusal_corrects_the_count(mail: Mail) -> None:
    ((_, a),) = mail.post("a", "one")
    windows(mail, opened(a, room=1))
    (row,) = claim(mail)
    with transaction(mail.engine) as unit:  # as the successor finds it: a row without its window
        Outbox(unit, BEGAN).settle([Settled(row, "sent")])
    assert window_of(mail, a) == ("message", 1), "one more than the platform counts"
    assert closes(mail, a, opened(a, room=1))
    assert window_of(mail, a) is None


# --- people


def test_a_window_stays_with_its_account_whoever_that_is(mail: Mail) -> None:
    a, b = mail.account("a"), mail.account("b")
    windows(mail, opened(a))
    with mail.town.store() as store:
        one, other = store.unit.read(select(accounts.c.person_id).order_by(accounts.c.id)).scalars()
        store.people.merge(one, other)
        store.people.forget(other)
    assert window_of(mail, a) == ("message", 5), "what they are told last leaves through it"
    assert window_of(mail, b) is None
