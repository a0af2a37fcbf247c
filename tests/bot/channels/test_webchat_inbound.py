"""Frames that are messages, and frames that are none."""

import json

import pytest

from bot.channels.webchat_frames import TEXT_LIMIT
from tests.bot.channels.web_visitor import Visitor
from tests.web_chat_double import EchoBot

_DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "nonsense",
        "null",
        "[]",
        '"text"',
        "1" * 5000,
        _DEEP,
        '{"type": "text"}',
        '{"type": "text", "id": "a", "text": 7}',
        '{"type": "text", "id": "", "text": "a"}',
        '{"type": "text", "id": "../a", "text": "a"}',
        '{"type": "text", "id": ["a"], "text": "a"}',
        '{"type": "ping2", "id": "a"}',
        '{"type": ["text"], "id": "a", "text": "a"}',
        '{"type": "choice", "id": "a", "value": ""}',
        '{"type": "choice", "id": "a", "value": "a\\u0000"}',
        json.dumps({"type": "choice", "id": "a", "value": "v" * 201}),
        '{"type": "location", "id": "a", "latitude": 91, "longitude": 0}',
        '{"type": "location", "id": "a", "latitude": NaN, "longitude": 0}',
        '{"type": "location", "id": "a", "latitude": 1e999, "longitude": 0}',
        '{"type": "location", "id": "a", "latitude": "28", "longitude": "112"}',
        '{"type": "file", "id": "a", "upload": "../../etc/passwd", "kind": "photo"}',
        '{"type": "file", "id": "a", "upload": "0123456789abcdef-1790000000-' + "0" * 32 + '.jpg", "kind": "photo"}',
    ],
)
async def test_a_frame_that_is_no_message_is_refused_in_a_sentence(bot: EchoBot, visitor: Visitor, frame: str) -> None:
    async with visitor.page() as page:
        page.send(frame)
        refused = await page.receive()
        assert refused["type"] == "refused"
        assert refused["reason"].endswith("。")
        assert (await page.says("还在", "after"))[-1]["type"] == "accepted"
    assert [inbound.text for inbound in bot.heard] == ["还在"]


async def test_bytes_are_refused(visitor: Visitor) -> None:
    async with visitor.page() as page:
        page.send_bytes(b"\x00\xff")
        assert (await page.receive())["type"] == "refused"


@pytest.mark.parametrize("character", ["修", "👨‍👩‍👧", '"', "\n修", "a"])
async def test_the_longest_text_is_taken_whole(bot: EchoBot, visitor: Visitor, character: str) -> None:
    text = (character * TEXT_LIMIT)[:TEXT_LIMIT]
    async with visitor.page() as page:
        page.send(json.dumps({"type": "text", "id": "long", "text": text}, ensure_ascii=False))
        await page.until("accepted")
    assert bot.heard[0].text == text


async def test_a_longer_text_is_refused_with_a_sentence(bot: EchoBot, visitor: Visitor) -> None:
    async with visitor.page() as page:
        refused = (await page.says("修" * (TEXT_LIMIT + 1), "long"))[-1]
    assert refused == {"type": "refused", "id": "long", "reason": "一条消息最多 20 万字。请分成几条发送。"}
    assert not bot.heard


@pytest.mark.parametrize("text", ["", "  \n", "\u0000\u0007"])
async def test_nothing_is_refused(bot: EchoBot, visitor: Visitor, text: str) -> None:
    async with visitor.page() as page:
        assert (await page.says(text, "empty"))[-1]["reason"] == "这条消息没有内容。"
    assert not bot.heard


async def test_what_nobody_can_see_or_store_is_taken_out_of_texts(bot: EchoBot, visitor: Visitor) -> None:
    async with visitor.page() as page:
        page.send('{"type": "text", "id": "a", "text": "a\\u0000b\\u001b[31m\\tc\\r\\nd\\ud83d \\u202eefg 👍🏽"}')
        await page.until("accepted")
    assert bot.heard[0].text == "ab[31m\tc\nd\ufffd \u202eefg 👍🏽"


async def test_reasons_come_in_the_pages_language(visitor: Visitor) -> None:
    async with visitor.page(**{"accept-language": "en-GB,zh;q=0.5"}) as page:
        assert (await page.says("", "empty"))[-1]["reason"] == "This message is empty."
