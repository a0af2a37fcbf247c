"""What an update means."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_inbound import UpdateReader, mended
from bot.channels.telegram_update import Malformed, parsed
from handlers.messages import Attachment, Inbound, Kind, Place
from tests.bot_api import updates

NOW = datetime(2026, 9, 1, 9, 0, 30, 250_000, tzinfo=UTC)
SENT = datetime(2026, 9, 1, 9, tzinfo=UTC)
EDITED = datetime(2026, 9, 1, 9, 0, 20, tzinfo=UTC)
WHO = updates.user(7, "东村人")
CHAT = updates.private_chat(7, "东村人")
GROUP = updates.group_chat(-70, "邻里群", "supergroup")
FILE = {"file_id": "f1", "file_unique_id": "u1"}
LIMIT = 1_000_000
READER = UpdateReader(4242, LIMIT)

Json = dict[str, Any]


def message(**content: Any) -> Json:
    return {"update_id": 9, "message": updates.message(5, WHO, CHAT, SENT, content)}


def edit(**content: Any) -> Json:
    original = updates.message(5, WHO, CHAT, SENT, {})
    return {"update_id": 9, "edited_message": updates.edited(original, EDITED, content)}


def tap(shown: Json | None, data: str | None = "1f0.2", sender: Json = WHO) -> Json:
    query = {"id": "987", "from": sender, "chat_instance": "1", "data": data, "message": shown}
    return {"update_id": 9, "callback_query": {name: value for name, value in query.items() if value is not None}}


def membership(status: str, chat: Json = CHAT) -> Json:
    change = updates.membership_change(WHO, WHO, chat, SENT, member=True)
    change["new_chat_member"] = {"user": WHO, "status": status, "until_date": 0}
    return {"update_id": 9, "my_chat_member": change}


def inbound(kind: Kind, key: str = "4242:7:5", at: datetime = SENT, **more: Any) -> Inbound:
    return Inbound("telegram", "7", key, kind, at, language="zh-hans", **more)


def read(raw: object) -> Inbound | None:
    return READER.read(parsed(raw), NOW)


def size(name: str, width: int, size_in_bytes: int | None) -> Json:
    file = {"file_id": name, "file_unique_id": name, "width": width, "height": width, "file_size": size_in_bytes}
    return {key: value for key, value in file.items() if value is not None}


def a_file(kind: Kind, name: str = "", media_type: str = "", length: int | None = None) -> Inbound:
    return inbound(kind, text="看这里", attachments=(Attachment(kind, "f1", name, media_type, length),))


PHOTO = Attachment(Kind.PHOTO, "large", "", "image/jpeg", 90_000)
VENUE = {"location": {"latitude": 30.5, "longitude": 120.25}, "title": "东村文化礼堂", "address": "东村 1 号"}

UNDERSTOOD: dict[str, tuple[Json, Inbound]] = {
    "text": (message(text="路灯坏了"), inbound(Kind.TEXT, text="路灯坏了")),
    "an answer to what has no proper shape": (
        message(text="好的", reply_to_message={"poll": "?"}),
        inbound(Kind.TEXT, text="好的"),
    ),
    "a command of ours": (message(text="/suggest"), inbound(Kind.TEXT, text="/suggest")),
    "not quite a start": (message(text="/started"), inbound(Kind.TEXT, text="/started")),
    "start": (message(text="/start"), inbound(Kind.START)),
    "start, addressed": (message(text="/start@minsheng_bot st-1"), inbound(Kind.START, payload="st-1")),
    "start with words": (message(text="/start 修 路"), inbound(Kind.START, text="修 路")),
    "location": (
        message(location={"latitude": 30.5, "longitude": 120.25}),
        inbound(Kind.LOCATION, place=Place(30.5, 120.25)),
    ),
    "live location": (
        message(location={"latitude": 30.5, "longitude": 120.25, "live_period": 900, "heading": 90}),
        inbound(Kind.LOCATION, place=Place(30.5, 120.25)),
    ),
    "venue": (
        message(venue=VENUE, location=VENUE["location"]),
        inbound(Kind.LOCATION, text="东村文化礼堂\n东村 1 号", place=Place(30.5, 120.25)),
    ),
    "contact": (
        message(contact={"phone_number": "+8600000000000", "first_name": "某", "last_name": "人"}),
        inbound(Kind.UNKNOWN, text="某 人 +8600000000000"),
    ),
    "photo": (
        message(photo=[size("small", 90, 1200), size("large", 1280, 90_000)], caption="这里"),
        inbound(Kind.PHOTO, text="这里", attachments=(PHOTO,)),
    ),
    "a photo too large": (
        message(photo=[size("small", 90, 1200), size("large", 1280, 90_000), size("huge", 9000, LIMIT + 1)]),
        inbound(Kind.PHOTO, attachments=(PHOTO,)),
    ),
    "a photo without sizes": (
        message(photo=[size("small", 90, None), size("large", 1280, None)]),
        inbound(Kind.PHOTO, attachments=(Attachment(Kind.PHOTO, "large", "", "image/jpeg"),)),
    ),
    "a photo of an album": (
        message(photo=[size("large", 1280, 90_000)], media_group_id="1379"),
        inbound(Kind.PHOTO, group="1379", attachments=(PHOTO,)),
    ),
    "a photo that says start": (
        message(photo=[size("large", 1280, 90_000)], caption="/start x"),
        inbound(Kind.PHOTO, text="/start x", attachments=(PHOTO,)),
    ),
    "voice": (
        message(voice=FILE | {"duration": 3, "mime_type": "audio/ogg", "file_size": 2000}, caption="看这里"),
        a_file(Kind.VOICE, "", "audio/ogg", 2000),
    ),
    "audio": (
        message(audio=FILE | {"duration": 3, "file_name": "意见.mp3", "mime_type": "audio/mpeg"}, caption="看这里"),
        a_file(Kind.VOICE, "意见.mp3", "audio/mpeg"),
    ),
    "document": (
        message(
            document=FILE | {"file_name": "表.xlsx", "mime_type": "application/x", "file_size": 9}, caption="看这里"
        ),
        a_file(Kind.DOCUMENT, "表.xlsx", "application/x", 9),
    ),
    "a bare document": (message(document=FILE, caption="看这里"), a_file(Kind.DOCUMENT)),
    "video": (
        message(video=FILE | {"duration": 3, "width": 9, "height": 9, "mime_type": "video/mp4"}, caption="看这里"),
        a_file(Kind.DOCUMENT, "", "video/mp4"),
    ),
    "round video": (
        message(video_note=FILE | {"duration": 3, "length": 240}, caption="看这里"),
        a_file(Kind.DOCUMENT, "", "video/mp4"),
    ),
    "sticker": (
        message(
            sticker=FILE
            | {"type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False, "emoji": "👍"}
        ),
        inbound(Kind.UNKNOWN, text="👍"),
    ),
    "dice": (message(dice={"emoji": "🎲", "value": 4}), inbound(Kind.UNKNOWN)),
    "something newer than we are": (message(hologram={"depth": 3}), inbound(Kind.UNKNOWN)),
    "edited text": (
        edit(text="路灯坏了两盏"),
        inbound(Kind.EDIT, text="路灯坏了两盏", key="4242:7:5:e1788253220", edits="4242:7:5", at=EDITED),
    ),
    "edited caption": (
        edit(photo=[size("large", 1280, 90_000)], caption="在这里"),
        inbound(
            Kind.EDIT,
            text="在这里",
            key="4242:7:5:e1788253220",
            edits="4242:7:5",
            at=EDITED,
            attachments=(PHOTO,),
        ),
    ),
    "an edit to a command": (
        edit(text="/start abc"),
        inbound(Kind.EDIT, text="/start abc", key="4242:7:5:e1788253220", edits="4242:7:5", at=EDITED),
    ),
    "tap": (
        tap(updates.message(4, WHO, CHAT, SENT, {"text": "哪个?"})),
        inbound(Kind.CHOICE, key="cb:987", choice="1f0.2", at=NOW),
    ),
    "tap on an old message": (
        tap({"chat": CHAT, "message_id": 4, "date": 0}),
        inbound(Kind.CHOICE, key="cb:987", choice="1f0.2", at=NOW),
    ),
    "tap on a lost message": (tap(None), inbound(Kind.CHOICE, key="cb:987", choice="1f0.2", at=NOW)),
    "blocked": (membership("kicked"), inbound(Kind.BLOCKED, key="4242:7:1788253200:kicked")),
    "back": (membership("member"), inbound(Kind.RETURNED, key="4242:7:1788253200:member")),
}

BOT = WHO | {"is_bot": True}
PASSED_OVER: dict[str, Json] = {
    "a text in a group": {"update_id": 9, "message": updates.message(5, WHO, GROUP, SENT, {"text": "@bot 在吗"})},
    "a tap in a group": tap(updates.message(4, WHO, GROUP, SENT, {"text": "哪个?"})),
    "being added to a group": membership("member", GROUP),
    "another bot": {"update_id": 9, "message": updates.message(5, BOT, CHAT, SENT, {"text": "beep"})},
    "another bot's tap": tap(None, sender=BOT),
    "a move of a live location": edit(location={"latitude": 30.5, "longitude": 120.25, "live_period": 900}),
    "nobody": {"update_id": 9, "message": {"message_id": 5, "date": 1, "chat": CHAT, "text": "?"}},
    "a poll": {"update_id": 9, "poll_answer_of_the_future": {"id": "1"}},
    "nothing": {"update_id": 9},
}

MALFORMED: dict[str, object] = {
    "no object": "text",
    "a list": [message(text="x")],
    "a message that is a text": {"update_id": 9, "message": "路灯坏了"},
    "no date": {"update_id": 9, "message": {"message_id": 5, "from": WHO, "chat": CHAT, "text": "x"}},
    "a date beyond time": {"update_id": 9, "message": message(text="x")["message"] | {"date": 10**18}},
    "a text that is a number": message(text=5),
    "a text that is a list": message(text=["路灯"]),
    "a caption that is an object": message(photo=[size("a", 1, 1)], caption={"a": 1}),
    "a person without a number": {
        "update_id": 9,
        "message": message(text="x")["message"] | {"from": {"id": "someone"}},
    },
    "a person with a number that nobody has": {
        "update_id": 9,
        "message": message(text="x")["message"] | {"from": WHO | {"id": 2**52}},
    },
    "a place off the planet": message(location={"latitude": 91.0, "longitude": 0.0}),
    "a place that is no number": message(location={"latitude": "north", "longitude": 0.0}),
    "a photo without its file": message(photo=[{"width": 9}]),
    "a photo that is a text": message(photo="large"),
    "a tap without a person": {"update_id": 9, "callback_query": {"id": "1", "data": "x"}},
    "an edit without its date": {"update_id": 9, "edited_message": message(text="x")["message"]},
    "a membership without a status": {"update_id": 9, "my_chat_member": {"chat": CHAT, "from": WHO, "date": 1}},
}


@pytest.mark.parametrize(("raw", "expected"), UNDERSTOOD.values(), ids=UNDERSTOOD.keys())
def test_what_people_do_is_understood(raw: Json, expected: Inbound) -> None:
    assert read(raw) == expected


@pytest.mark.parametrize("raw", PASSED_OVER.values(), ids=PASSED_OVER.keys())
def test_what_is_not_said_to_us_in_private_is_passed_over(raw: Json) -> None:
    assert read(raw) is None


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_has_not_the_platforms_shape_is_told_apart(raw: object) -> None:
    with pytest.raises(Malformed) as caught:
        read(raw)
    assert "路灯" not in str(caught.value)


@given(st.text(min_size=1))
def test_every_text_is_kept_as_it_is(text: str) -> None:
    assert read(message(text="x" + text)) == inbound(Kind.TEXT, text="x" + text)


@given(st.text())
def test_a_payload_is_what_a_link_can_carry_and_else_nothing_is_lost(text: str) -> None:
    heard = read(message(text=f"/start {text}"))
    assert heard is not None
    assert heard.kind is Kind.START
    assert heard.payload in ("", text.strip())
    assert len(heard.payload) <= 64
    assert heard.payload + heard.text == text.strip()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def paths(raw: Any) -> Iterator[tuple[Any, ...]]:
    """The way to everything within a JSON value."""
    within = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for step, inner in within:
        yield (step,)
        yield from ((step, *rest) for rest in paths(inner))


WAYS = [(name, path) for name, (raw, _) in UNDERSTOOD.items() for path in paths(raw)]


@given(st.sampled_from(WAYS), JSON)
def test_no_value_anywhere_does_more_than_make_an_update_malformed(
    where: tuple[str, tuple[Any, ...]], value: Any
) -> None:
    name, path = where
    raw = json.loads(json.dumps(UNDERSTOOD[name][0]))
    inner = raw
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    try:
        heard = read(raw)
    except Malformed:
        return
    if heard is not None:
        assert_plain(heard)


def assert_plain(heard: Inbound) -> None:
    """Everything in it has the type that it is declared to have."""
    texts = [
        heard.account,
        heard.key,
        heard.text,
        heard.choice,
        heard.payload,
        heard.group,
        heard.edits,
        heard.language,
    ]
    for file in heard.attachments:
        texts += [file.platform_id, file.name, file.media_type]
        assert file.size is None or isinstance(file.size, int)
    assert {type(text) for text in texts} == {str}
    assert heard.at.tzinfo is UTC


@given(st.text(st.characters()))
def test_a_half_of_a_pair_of_surrogates_is_mended(text: str) -> None:
    whole = mended({"message": {"text": text, "n": [1, None]}})
    assert whole["message"]["n"] == [1, None]
    assert "\ud800" not in whole["message"]["text"]
    whole["message"]["text"].encode()


def test_a_text_with_half_an_emoji_can_be_read_once_mended() -> None:
    heard = read(mended(message(text="路灯\ud83d坏了")))
    assert heard == inbound(Kind.TEXT, text="路灯\ufffd坏了")
