"""What the pages of a person see of their conversation, whatever happens to the pages."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.channels.base import Failure, NotSent, Sent
from bot.channels.webchat import Shown
from handlers.messages import Inbound, Received
from tests.bot.channels.web_visitor import Visitor, notice, visitor_of
from tests.web_chat_double import EchoBot


def _texts(frames: list[dict[str, object]]) -> list[object]:
    return [frame["text"] for frame in frames if frame["type"] == "message"]


async def test_a_message_bears_its_own_id_and_the_pages_language(bot: EchoBot, visitor: Visitor) -> None:
    async with visitor.page(**{"accept-language": "en"}) as page:
        answer, accepted = await page.says("提建议", "m-1")
    assert (answer["type"], answer["mine"], answer["message_id"]) == ("message", False, 2)
    assert accepted == {"type": "accepted", "id": "m-1"}
    assert (bot.heard[0].key, bot.heard[0].language) == (f"{visitor.account}:m-1", "en")


async def test_messages_of_one_account_are_handed_in_one_after_another(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    inside = 0
    order = []

    async def receive(inbound: Inbound) -> Received:
        nonlocal inside
        inside += 1
        assert inside == 1
        await asyncio.sleep(0)
        order.append(inbound.text)
        inside -= 1
        return Received.ACTED_ON

    await bot.channel.start(receive)
    async with visitor.page() as one, visitor.page() as other:
        for number in range(10):
            one.send({"type": "text", "id": f"one-{number}", "text": f"一{number}"})
            other.send({"type": "text", "id": f"other-{number}", "text": f"二{number}"})
        await asyncio.gather(one.told(), other.told())
    assert len(order) == 20
    assert [text for text in order if text[0] == "一"] == [f"一{number}" for number in range(10)]


async def test_what_one_page_writes_the_other_page_shows_before_the_answer(visitor: Visitor) -> None:
    async with visitor.page() as one, visitor.page() as other:
        await asyncio.gather(one.told(), other.told())
        await one.says("修路", "m-1")
        mine, answer = await other.told()
    assert (mine["mine"], mine["text"], mine["id"], mine["message_id"]) == (True, "修路", "m-1", 0)
    assert answer["text"].startswith("您说")


async def test_the_history_names_own_messages_by_the_pages_id(visitor: Visitor) -> None:
    async with visitor.page() as page:
        await page.says("修路", "m-1")
    async with visitor.page() as page:
        mine, answer = await page.told()
    assert (mine["mine"], mine["id"], mine["message_id"]) == (True, "m-1", 1)
    assert (answer["mine"], answer["id"], answer["message_id"]) == (False, "", 2)


async def test_a_page_that_comes_back_gets_what_it_missed_first(bot: EchoBot, visitor: Visitor) -> None:
    numbers = [bot.write(visitor.account, f"第{number}条") for number in range(5)]
    async with visitor.page(f"after={numbers[1]}") as page:
        assert _texts(await page.told()) == ["第2条", "第3条", "第4条"]


async def test_a_long_history_is_told_whole(bot: EchoBot, visitor: Visitor) -> None:
    for number in range(450):
        bot.write(visitor.account, str(number))
    async with visitor.page() as page:
        assert _texts(await page.told()) == [str(number) for number in range(450)]


class _LateBot(EchoBot):
    """Writes something new while the history is being read."""

    async def history(self, account: str, after: int, limit: int) -> list[Shown]:
        assert self.channel
        assert await self.channel.send(notice(account, 99, "新的")) == Sent()
        return await super().history(account, after, limit)


async def test_what_is_sent_while_the_history_is_told_comes_after_it(tmp_path: Path) -> None:
    bot = _LateBot(tmp_path)
    visitor = await visitor_of(bot)
    bot.write(visitor.account, "旧的")
    async with visitor.page() as page:
        assert _texts(await page.told()) == ["旧的", "新的"]


@pytest.mark.parametrize("after", ["", "-1", "abc", "1e9", "9" * 25, "9" * 5000, "٣", "\0", "1; drop table"])
async def test_a_page_that_asks_with_junk_gets_a_history_or_nothing(bot: EchoBot, visitor: Visitor, after: str) -> None:
    bot.write(visitor.account, "旧的")
    async with visitor.page(f"after={quote(after)}") as page:
        assert _texts(await page.told()) in (["旧的"], [])


async def test_an_account_that_connects_is_announced_after_its_history(bot: EchoBot, visitor: Visitor) -> None:
    async with visitor.page() as page:
        await page.told()
        assert bot.arrivals == [visitor.account]


async def test_all_pages_of_a_person_are_told(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    async with visitor.page() as one, visitor.page() as other:
        await asyncio.gather(one.told(), other.told())
        assert await bot.channel.send(notice(visitor.account, 1)) == Sent()
        assert [(await page.receive())["text"] for page in (one, other)] == ["通知", "通知"]


class _Gate:
    """A way in that takes its time."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()
        self.done: list[str] = []

    async def receive(self, inbound: Inbound) -> Received:
        self.entered.set()
        await self.opened.wait()
        self.done.append(inbound.text)
        return Received.ACTED_ON


async def test_stopping_hands_in_what_was_received_and_closes(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    gate = _Gate()
    await bot.channel.start(gate.receive)
    async with visitor.page() as busy, visitor.page() as idle:
        await idle.told()
        busy.send({"type": "text", "id": "last", "text": "最后一句"})
        await gate.entered.wait()
        stopping = asyncio.create_task(bot.channel.stop())
        assert await idle.closing_code() == 1001
        gate.opened.set()
        assert await busy.receive() == {"type": "accepted", "id": "last"}
        assert await busy.closing_code() == 1001
        await stopping
    assert gate.done == ["最后一句"]
    assert await bot.channel.send(notice(visitor.account, 1)) == NotSent(Failure.ABSENT)


async def test_a_page_that_leaves_does_not_stop_its_message(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    gate = _Gate()
    await bot.channel.start(gate.receive)
    async with visitor.page() as page:
        page.send({"type": "text", "id": "last", "text": "说完就走"})
        await gate.entered.wait()
        leaving = asyncio.create_task(page.leave())
        gate.opened.set()
        await leaving
    assert gate.done == ["说完就走"]


async def test_what_could_not_be_stored_is_not_accepted(
    bot: EchoBot, visitor: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bot.channel

    async def receive(inbound: Inbound) -> Received:
        raise OSError(f"the disk is full, {inbound.text}")

    await bot.channel.start(receive)
    async with visitor.page() as page:
        page.send({"type": "text", "id": "a", "text": "家里的事"})
        assert await page.closing_code() == 1011
    logged = capsys.readouterr().out
    assert "OSError" in logged
    assert "家里的事" not in logged
