"""Texts that mean harm, or only look odd, become proposals like any other: kept and shown as a reader sees them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.channels.webchat_frames import TEXT_LIMIT
from handlers.reading import clean
from handlers.texts import proposals as said
from storage.database import reading
from storage.tables import texts
from tests.bot_api import Person
from tests.bot_api.checks import LONGEST_CAPTION, LONGEST_TEXT
from tests.hostile.siege import PATIENCE, Siege, by_webhook, key_of

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"

TEXTS = {
    "sql": "'; DROP TABLE messages; -- \" OR 1=1 /*",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;</textarea>",
    "templates": "{{7*7}} {0} {what} %s %(x)s ${HOME} `id` $(id)",
    "markup": "*修* _路_ [点](tg://user?id=1) <b>灯</b> \\n",
    "paths": "../../etc/passwd\\..\\windows",
    "turned around": "\u202e路修\u202c \u2067灯\u2069 \u200f",
    "control characters": "修\x00路\x07\x1b[31m灯\x85\x9f",
    "half an emoji": "修路\ud83d",
    "one character of many code points": FAMILY * 20,
    "many marks on one letter": "e" + "\u0301" * 100,
    "other digits": "９９９９９９９９９９ ٣ ² ① 一百",
    "a byte order mark": "\ufeff修路",
    "strange spaces": "修\u00a0路\u2028灯\u3000\u2029",
    "line ends of other systems": "修路\r\n路灯\r栏杆",
    "a command inside": "修路 /cancel /start",
}


def told(person: Person, *words: str) -> str:
    """What is said to the last of these words, said one after another."""
    answer = ""
    for word in words:
        heard = len(person.inbox)
        person.says(word)
        answer = person.wait_for(after=heard, timeout=PATIENCE).text
    return answer


def unspaced(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_on_telegram(siege: Siege, text: str) -> None:
    person = siege.person()
    told(person, "提建议")
    update = person.says(text)
    person.wait_for(said.SUGGEST_WHERE.zh, timeout=PATIENCE)
    assert siege.stored(key_of(update)).text == clean(text)
    assert unspaced(clean(text)) in unspaced(told(person, "柳树湾", "没有"))


@by_webhook
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_in_the_web_chat(siege: Siege, text: str) -> None:
    with siege.visitor() as visitor:
        visitor.says("提建议")
        visitor.hears(said.SUGGEST_WHAT.zh)
        assert visitor.says(text)["type"] == "accepted"
        visitor.hears(said.SUGGEST_WHERE.zh)
        assert siege.stored(visitor.key).text == clean(text)


@pytest.mark.parametrize("character", ["修", "\U0001f333", "a", FAMILY], ids=ascii)
def test_the_longest_text_of_telegram_is_kept_and_can_be_read_again(siege: Siege, character: str) -> None:
    person = siege.person()
    text = (character * LONGEST_TEXT)[:LONGEST_TEXT]
    told(person, "提建议", text, "柳树湾", "没有", "提交", "我的建议")
    with reading(siege.engine) as unit:
        assert unit.read(select(texts.c.id).where(texts.c.body == text)).all()
    person.taps(next(button.text for button in person.buttons if said.WHOLE.zh in button.text))
    person.wait_for(said.WHOLE_SENT.zh, timeout=PATIENCE)
    (file,) = [message for message in person.inbox if message.kind == "document"]
    assert text in file.file.decode("utf-8-sig")


@pytest.mark.parametrize("length", [LONGEST_TEXT + 1, 30_000])
def test_more_than_telegram_takes_is_kept_all_the_same(siege: Siege, length: int) -> None:
    person = siege.person()
    update = person.says("修" * length)
    assert person.wait_for(timeout=PATIENCE).text
    assert siege.stored(key_of(update)).text == "修" * length


@pytest.mark.parametrize("length", [LONGEST_CAPTION, LONGEST_CAPTION + 1])
def test_the_words_of_a_photo_are_kept(siege: Siege, length: int) -> None:
    person = siege.person()
    update = person.sends_photo(caption="\U0001f333" * length)
    assert person.wait_for(timeout=PATIENCE).text
    assert siege.stored(key_of(update)).text == "\U0001f333" * length


@by_webhook
@pytest.mark.parametrize("character", ["修", "\U0001f333"], ids=ascii)
def test_the_longest_text_of_the_web_chat_is_kept(siege: Siege, character: str) -> None:
    with siege.visitor() as visitor:
        assert visitor.says(character * TEXT_LIMIT)["type"] == "accepted"
        assert visitor.hears()["text"]
        assert siege.stored(visitor.key).text == character * TEXT_LIMIT


@by_webhook
def test_more_than_the_web_chat_takes_is_refused_with_a_reason(siege: Siege) -> None:
    with siege.visitor() as visitor:
        refused = visitor.says("修" * (TEXT_LIMIT + 1))
        assert refused["type"] == "refused"
        assert refused["reason"]
        assert visitor.says("修路")["type"] == "accepted"


@by_webhook
@settings(max_examples=25)
@given(text=st.text(st.characters(), min_size=1, max_size=200))
def test_any_text_is_stored_and_answered_or_refused_with_a_reason(besieged: Siege, text: str) -> None:
    with besieged.visitor() as visitor:
        answer = visitor.says(text)
        if answer["type"] == "refused":
            assert answer["reason"]
        else:
            assert visitor.hears()["text"]
            assert besieged.stored(visitor.key).text == clean(text)
    assert besieged.wounds() == []
