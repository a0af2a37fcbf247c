"""A file that somebody sent is fetched by one, told of once, and never lost; one of a forgotten person is gone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from storage.arrivals import Arrivals, Letter
from storage.attachments import ATTEMPTS, Attachments, Kept, State, Wanted, pause_after
from storage.audit import Actor, Audit
from storage.database import transaction
from storage.people import People
from storage.tables import attachments, messages

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
LEASE = timedelta(minutes=3)
WEB = ["web"]


class Shelf:
    """The attachments of an invented person's messages."""

    def __init__(self, engine: Engine, account: str = "r1") -> None:
        self.engine, self.now, self.name, self.count = engine, NOW, account, 0
        with transaction(engine) as unit:
            people = People(unit, NOW, Audit(unit, NOW, Actor()))
            self.person = people.add("王芳")
            self.account = people.add_account(self.person, "web", account, account)

    def sent(self, channel: str = "web", **values: Any) -> int:
        """A message with a file; gives the message's id."""
        self.count += 1
        with transaction(self.engine) as unit:
            message = unit.insert(
                insert(messages).values(
                    direction="in",
                    channel=channel,
                    account_id=self.account,
                    person_id=self.person,
                    kind="photo",
                    at=self.now,
                    stored_at=self.now,
                    platform_key=f"{self.name}:{self.count}",
                )
            )
            row = {
                "message_id": message,
                "kind": "photo",
                "platform_id": f"p{self.count}",
                "name": "",
                "media_type": "",
                "size": None,
            }
            Arrivals(unit, self.now).attach([row | values])
        return message

    def does(self, work: str, *arguments: Any) -> Any:
        with transaction(self.engine) as unit:
            return getattr(Attachments(unit, self.now), work)(*arguments)

    def claims(self, limit: int = 10, channels: Sequence[str] = WEB) -> list[Wanted]:
        claimed: list[Wanted] = self.does("claim", channels, LEASE, limit)
        return claimed

    def of(self, message: int) -> Kept:
        kept: list[Kept] = self.does("of_message", message)
        return kept[0]


@pytest.fixture
def shelf(engine: Engine) -> Shelf:
    return Shelf(engine)


def test_a_file_is_claimed_by_one_with_all_that_is_needed_to_fetch_it(shelf: Shelf) -> None:
    message = shelf.sent(name="a.jpg", size=12, media_type="image/jpeg")
    [wanted] = shelf.claims()
    assert (wanted.message_id, wanted.channel, wanted.account_id, wanted.person_id) == (
        message,
        "web",
        shelf.account,
        shelf.person,
    )
    assert (wanted.kind, wanted.platform_id, wanted.name, wanted.media_type, wanted.size, wanted.attempts) == (
        "photo",
        "p1",
        "a.jpg",
        "image/jpeg",
        12,
        0,
    )
    assert shelf.claims() == []


def test_few_are_claimed_at_a_time_the_longest_waiting_first(shelf: Shelf) -> None:
    ids = [shelf.sent() for _ in range(3)]
    assert [one.message_id for one in shelf.claims(2)] == ids[:2]
    assert [one.message_id for one in shelf.claims(2)] == ids[2:]


def test_a_channel_that_is_not_ours_is_left_alone(shelf: Shelf) -> None:
    shelf.sent("telegram")
    assert shelf.claims() == []
    assert shelf.does("next_due", WEB) is None
    assert len(shelf.claims(channels=["web", "telegram"])) == 1


def test_what_we_send_is_not_fetched(shelf: Shelf) -> None:
    recipe = {"kind": "ledger", "name": "a.xlsx", "media_type": "x", "arguments": {}}
    with transaction(shelf.engine) as unit:
        Arrivals(unit, NOW).post([Letter("web", shelf.account, shelf.person, "", file=recipe)])
    assert shelf.claims() == []


def test_stored_keeps_what_it_really_is(shelf: Shelf) -> None:
    message = shelf.sent(name="a.exe")
    [wanted] = shelf.claims()
    assert shelf.does("stored", wanted, "ab" * 32, 7, "a.exe.jpg", "image/jpeg")
    kept = shelf.of(message)
    assert (kept.state, kept.digest, kept.size, kept.name, kept.media_type) == (
        State.STORED,
        "ab" * 32,
        7,
        "a.exe.jpg",
        "image/jpeg",
    )
    assert shelf.does("get", kept.id) == kept
    shelf.now += timedelta(days=9)
    assert shelf.claims() == []
    assert shelf.does("next_due", WEB) is None


def test_refused_keeps_the_reason_and_is_not_tried_again(shelf: Shelf) -> None:
    message = shelf.sent()
    [wanted] = shelf.claims()
    assert shelf.does("refused", wanted, "too_large")
    assert (shelf.of(message).state, shelf.of(message).failure) == (State.REFUSED, "too_large")
    shelf.now += timedelta(days=9)
    assert shelf.claims() == []


def test_a_missed_one_is_tried_later_and_later_and_then_given_up(shelf: Shelf) -> None:
    message = shelf.sent()
    for attempt in range(1, ATTEMPTS + 1):
        [wanted] = shelf.claims()
        assert wanted.attempts == attempt - 1
        assert shelf.does("missed", wanted, "TimeoutError") == (attempt == ATTEMPTS)
        pause = pause_after(attempt)
        if pause:
            assert shelf.does("next_due", WEB) == shelf.now + pause
            shelf.now += pause - timedelta(seconds=1)
            assert shelf.claims() == []
            shelf.now += timedelta(seconds=1)
    assert (shelf.of(message).state, shelf.of(message).failure) == (State.FAILED, "TimeoutError")
    assert shelf.claims() == []
    assert timedelta(hours=9) < shelf.now - NOW < timedelta(hours=12)


def test_who_lost_the_lease_no_longer_decides(shelf: Shelf) -> None:
    message = shelf.sent()
    [slow] = shelf.claims()
    assert shelf.does("next_due", WEB) == NOW + LEASE
    shelf.now += LEASE
    [fast] = shelf.claims()
    assert not shelf.does("stored", slow, "ab" * 32, 1, "", "")
    assert not shelf.does("refused", slow, "gone")
    shelf.does("give_back", slow)
    assert shelf.claims() == []
    assert shelf.does("stored", fast, "cd" * 32, 1, "", "")
    assert not shelf.does("stored", fast, "ef" * 32, 1, "", "")
    assert shelf.of(message).digest == "cd" * 32


def test_what_is_given_back_is_free_at_once_and_counts_as_no_try(shelf: Shelf) -> None:
    shelf.sent()
    [wanted] = shelf.claims()
    shelf.does("give_back", wanted)
    assert [one.attempts for one in shelf.claims()] == [0]


def test_a_file_that_is_expected_brings_along_what_for(shelf: Shelf) -> None:
    message = shelf.sent()
    shelf.does("expect", message, "ledger", "ledger_arrived", {"congress": 3})
    [wanted] = shelf.claims()
    assert wanted.recipe == {"kind": "ledger", "conversation": "ledger_arrived", "arguments": {"congress": 3}}
    assert not shelf.of(message).is_made


# --- what we send


def made(shelf: Shelf, digest: str = "ab" * 32) -> int:
    recipe = {"kind": "ledger", "name": "a.xlsx", "media_type": "x", "arguments": {"congress": 3}}
    with transaction(shelf.engine) as unit:
        Arrivals(unit, shelf.now).post([Letter("web", shelf.account, shelf.person, "", file=recipe)])
        identity: int = unit.read(select(attachments.c.id).order_by(attachments.c.id.desc()).limit(1)).scalar_one()
        Attachments(unit, shelf.now).made(identity, digest, 5)
    return identity


def test_made_keeps_the_content_beside_its_recipe(shelf: Shelf) -> None:
    kept = shelf.does("get", made(shelf))
    assert (kept.state, kept.digest, kept.size, kept.name) == (State.STORED, "ab" * 32, 5, "a.xlsx")
    assert kept.is_made
    assert kept.recipe["arguments"] == {"congress": 3}


def test_what_holds_many_peoples_data_expires_and_what_a_person_sent_does_not(shelf: Shelf) -> None:
    photo, ledger = shelf.sent(), shelf.sent()
    shelf.does("expect", ledger, "ledger", "ledger_arrived", {})
    for wanted in shelf.claims():
        shelf.does("stored", wanted, "cd" * 32, 1, "", "")
    sent = made(shelf)
    assert shelf.does("expire", NOW, 10) == 0
    assert shelf.does("expire", NOW + timedelta(seconds=1), 1) == 1
    assert shelf.does("expire", NOW + timedelta(seconds=1), 10) == 1
    assert shelf.of(photo).state is State.STORED
    assert (shelf.of(ledger).state, shelf.of(ledger).digest) == (State.EXPIRED, None)
    assert (shelf.does("get", sent).state, shelf.does("get", sent).digest) == (State.EXPIRED, None)
    shelf.does("made", sent, "ef" * 32, 6)
    assert shelf.does("get", sent).state is State.STORED


def test_content_is_unused_when_no_file_has_it(shelf: Shelf) -> None:
    made(shelf, "ab" * 32)
    made(shelf, "ab" * 32)
    assert shelf.does("unused", ["ab" * 32, "cd" * 32]) == ["cd" * 32]


def test_nothing_is_known_of_a_file_that_never_was(shelf: Shelf) -> None:
    assert shelf.does("get", 1) is None
    assert shelf.does("of_message", 1) == []


# --- forget me


def test_forget_me_blanks_files_both_ways_and_leaves_others(shelf: Shelf) -> None:
    photo, fetched = shelf.sent(name="身份证.jpg"), shelf.sent(name="b.jpg")
    [being_fetched, stored] = shelf.claims()
    shelf.does("stored", stored, "ab" * 32, 1, "b.jpg", "image/jpeg")
    export = made(shelf, "cd" * 32)
    other = Shelf(shelf.engine, "r2")
    with transaction(shelf.engine) as unit:
        People(unit, NOW, Audit(unit, NOW, Actor())).forget(shelf.person)
    kept = other.sent(name="c.jpg")
    for one in (shelf.of(photo), shelf.of(fetched), shelf.does("get", export)):
        assert (one.state, one.name, one.digest, one.recipe) == (State.FORGOTTEN, "", None, None)
    assert not shelf.does("stored", being_fetched, "ef" * 32, 1, "身份证.jpg", "image/jpeg")
    assert shelf.does("unused", ["ab" * 32, "cd" * 32, "ef" * 32]) == ["ab" * 32, "cd" * 32, "ef" * 32]
    assert other.of(kept).name == "c.jpg"
    assert [one.message_id for one in other.claims()] == [kept]
