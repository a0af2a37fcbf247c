"""Updates as no Telegram should send them, among those of people who mean well."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.texts.everywhere import LATE_TAP
from tests.bot_api import Person
from tests.hostile.siege import PATIENCE, Json, Siege, by_webhook, key_of

NOW = 1_790_000_000  # seconds, as Telegram counts


def sender(person: Person, **more: Any) -> Json:
    return {"id": person.id, "is_bot": False, "first_name": "某", **more}


def message(person: Person, **more: Any) -> Json:
    chat = {"id": person.id, "type": "private"}
    return {"message_id": 1, "date": NOW, "chat": chat, "from": sender(person), **more}


def said(**more: Any) -> Callable[[Person], Json]:
    return lambda person: {"message": message(person, text="修路") | more}


def sent(**content: Any) -> Callable[[Person], Json]:
    return lambda person: {"message": message(person, **content)}


def sent_by(**who: Any) -> Callable[[Person], Json]:
    return lambda person: {"message": message(person, text="修路") | {"from": sender(person, **who)}}


def edited(**more: Any) -> Callable[[Person], Json]:
    return lambda person: {"edited_message": message(person, text="修路", **more)}


def tapped(**more: Any) -> Callable[[Person], Json]:
    query = {"chat_instance": "1", "data": "1.0", **more}
    return lambda person: {"callback_query": {"id": f"9{person.id}", "from": sender(person), **query}}


MALFORMED: dict[str, Callable[[Person], Json]] = {
    "nothing at all": lambda _: {},
    "no message in it": lambda _: {"message": None},
    "a message that is a number": lambda _: {"message": 7},
    "a message that is a list": lambda _: {"message": [[]]},
    "a number that is a word": lambda person: {"update_id": "x", "message": message(person, text="修路")},
    "no number": lambda person: {"update_id": None, "message": message(person, text="修路")},
    "no chat": lambda _: {"message": {"message_id": 1, "date": 1, "text": "修路"}},
    "a kind that nobody knows": lambda _: {"brand_new_kind": {"id": 1}},
    "a text that is a number": said(text=7),
    "a text that is an object": said(text={"a": ["b"]}),
    "a text that nests": said(text=json.loads("[" * 700 + "]" * 700)),
    "quotes that nest": said(reply_to_message=json.loads('{"reply_to_message": ' * 700 + "1" + "}" * 700)),
    "a date in words": said(date="yesterday"),
    "a date beyond all time": said(date=10**18),
    "a date before all time": said(date=-(10**18)),
    "a message's number without end": said(message_id=10**400),
    "a sender's number without end": sent_by(id=10**150),
    "a sender's number below zero": sent_by(id=-5),
    "a sender's language without end": sent_by(language_code="zh" * 5000),
    "no photo in the photo": sent(photo=[]),
    "a photo that is a word": sent(photo="a"),
    "a place that is none": sent(location={"latitude": "north", "longitude": 1}),
    "a place beyond the pole": sent(location={"latitude": 91, "longitude": 1}),
    "a tap without a button": tapped(data=None),
    "a tap on nothing": tapped(message={"message_id": 0}),
    "a tap with a long value": tapped(data="9" * 5000),
    "an edit without its date": edited(),
    "an edit of what never was": edited(edit_date=NOW + 1),
    "somebody who is nobody": lambda _: {"my_chat_member": {"chat": {}, "from": {}, "date": 0}},
}


@pytest.mark.parametrize("update_of", MALFORMED.values(), ids=MALFORMED)
def test_they_harm_nobody_before_or_after(siege: Siege, update_of: Callable[[Person], Json]) -> None:
    before, culprit, after = siege.person(), siege.person(), siege.person()
    before.says("菜单")
    siege.stand_in.inject(lambda number: json.dumps({"update_id": number} | update_of(culprit)))
    after.says("菜单")
    before.wait_for(timeout=PATIENCE)
    after.wait_for(timeout=PATIENCE)


UNKNOWN: dict[str, Json] = {
    "a sticker": {"sticker": {"file_id": "x", "file_unique_id": "x", "type": "regular", "emoji": "\U0001f44d"}},
    "a die": {"dice": {"emoji": "\U0001f3b2", "value": 6}},
    "a contact": {"contact": {"phone_number": "+8600000000000", "first_name": "某"}},
    "a poll of another version": {"poll": {"id": "1", "question": "?", "options": []}},
    "a story": {"story": {"chat": {"id": 1, "type": "private"}, "id": 1}},
    "something of tomorrow": {"hologram": {"depth": 3}},
    "a service message": {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
    "nothing": {},
}


@pytest.mark.parametrize("content", UNKNOWN.values(), ids=UNKNOWN)
def test_what_nobody_foresaw_is_stored_and_answered(siege: Siege, content: Json) -> None:
    person = siege.person()
    update = person.sends(content)
    assert person.wait_for(timeout=PATIENCE).text
    assert siege.stored(key_of(update))


TAPS = ("", ".", "x", "1.0", "0.99999999999999999999", "a.-1", "²", "\x00", "'; --", "\U0001f333" * 16, "*sure", "yes")


def test_taps_on_what_no_button_said_are_too_late(siege: Siege) -> None:
    person = siege.person()
    person.says("菜单")
    shown = person.wait_for(timeout=PATIENCE)
    updates = [person.forges_tap(data, shown) for data in TAPS]
    siege.stand_in.wait_until(lambda: len(person.inbox) > len(TAPS), timeout=PATIENCE)
    assert [LATE_TAP.zh in answer.text for answer in person.inbox[1:]] == [True] * len(TAPS)
    assert all(siege.stored(key_of(update)) for update in updates)


WORDS = st.text(max_size=60)


@by_webhook
@settings(max_examples=25)
@given(caption=WORDS, name=WORDS, media_type=WORDS, group=WORDS, language=WORDS, first_name=WORDS)
def test_no_words_anywhere_keep_a_message_from_being_stored(
    besieged: Siege, caption: str, name: str, media_type: str, group: str, language: str, first_name: str
) -> None:
    person = besieged.person()
    document = {"file_id": "x", "file_unique_id": "x", "file_name": name, "mime_type": media_type, "file_size": 7}
    who = sender(person, language_code=language, first_name=first_name)
    update = {"message": message(person, document=document, caption=caption, media_group_id=group) | {"from": who}}
    besieged.stand_in.inject(lambda number: json.dumps({"update_id": number, **update}))
    assert person.wait_for(timeout=PATIENCE).text
    assert besieged.stored(key_of(update)).kind == "document"
    assert besieged.wounds() == []
