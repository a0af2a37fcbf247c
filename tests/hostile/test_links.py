"""Deep links with junk: whoever follows one is told so, and can go on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.texts.phrase import Phrase
from handlers.texts.welcome import BAD_LINK, INVITE_USED
from tests.hostile.siege import PATIENCE, Siege, by_webhook, key_of

NO_INVITES = ("i-", "i-nobody", "i--1", "i-" + "x" * 62)
NO_PLACES = (
    *("c-", "c-0", "c--1", "c-999999999999999", "c-9223372036854775807", "c-9223372036854775808", "c-" + "9" * 62),
    *(
        "c-1-1",
        "c-0x10",
        "c-1e9",
        "c_1",
        "C-1",
        "s-1",
        "s-999999999999999",
        "s-" + "9" * 62,
        "d-1",
        "d-999999999999999",
    ),
    *("d-9223372036854775808", "x-1", "-", "_" * 64),
)
# No link carries these, but anybody can type them: whatever is said to them is all right.
TYPED = ("c-\u0663", "c-\uff11", "<b>", "'; --", "a b", "../..", "%00", "\x00", "修路", "c-1\nc-2", "9" * 4000)
ANSWERS = (
    dict.fromkeys(NO_INVITES, INVITE_USED) | dict.fromkeys(NO_PLACES, BAD_LINK) | dict.fromkeys(TYPED, Phrase("", ""))
)


def test_on_telegram(siege: Siege) -> None:
    people = {payload: siege.person() for payload in ANSWERS}
    updates = {payload: person.says(f"/start {payload}") for payload, person in people.items()}
    told = {payload: person.wait_for(timeout=PATIENCE).text for payload, person in people.items()}
    assert [payload for payload, answer in ANSWERS.items() if answer.zh not in told[payload]] == []
    assert [payload for payload, update in updates.items() if not siege.stored(key_of(update))] == []


@by_webhook
def test_in_the_web_chat(siege: Siege) -> None:
    told = {}
    for payload in ANSWERS:
        with siege.visitor() as visitor:
            assert visitor.sends(type="start", payload=payload)["type"] == "accepted"
            told[payload] = visitor.hears()["text"]
            assert siege.stored(visitor.key)
    assert [payload for payload, answer in ANSWERS.items() if answer.zh not in told[payload]] == []


@by_webhook
@settings(max_examples=25)
@given(payload=st.from_regex(r"[icsdx]-[A-Za-z0-9_-]{0,62}", fullmatch=True))
def test_any_payload_is_answered(besieged: Siege, payload: str) -> None:
    with besieged.visitor() as visitor:
        assert visitor.sends(type="start", payload=payload)["type"] == "accepted"
        assert visitor.hears()["text"]
    assert besieged.wounds() == []
