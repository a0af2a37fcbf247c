"""What a visitor of the web chat sees, without a network between."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.channels.base import Failure, NotSent, Sent
from bot.channels.webchat import Shown, WebChat, WebChatSettings
from handlers.messages import File, Inbound, Outbound, Received
from tests.bot.channels.web_visitor import HOST, Closed, Visitor
from tests.web_chat_double import EchoBot


@pytest.fixture
def bot(tmp_path: Path) -> EchoBot:
    return EchoBot(tmp_path)


async def _visitor_of(bot: EchoBot, settings: WebChatSettings | None = None) -> Visitor:
    channel = bot.serve_by(settings)
    await channel.start(bot.receive)
    visitor = Visitor(channel)
    await visitor.come()
    return visitor


@pytest.fixture
async def visitor(bot: EchoBot) -> AsyncIterator[Visitor]:
    yield await _visitor_of(bot)
    assert bot.channel
    await bot.channel.stop()


def _outbound(account: str, number: int, text: str = "通知") -> Outbound:
    return Outbound("web", account, f"out:{number}", text, message_id=number)


def _texts(frames: list[dict[str, object]]) -> list[object]:
    return [frame["text"] for frame in frames if frame["type"] == "message"]


# --- what is said -------------------------------------------------------------------------------------------


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


# --- lost connections ---------------------------------------------------------------------------------------


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
        assert await self.channel.send(_outbound(account, 99, "新的")) == Sent()
        return await super().history(account, after, limit)


async def test_what_is_sent_while_the_history_is_told_comes_after_it(tmp_path: Path) -> None:
    bot = _LateBot(tmp_path)
    visitor = await _visitor_of(bot)
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


# --- what is sent -------------------------------------------------------------------------------------------


async def test_all_pages_of_a_person_are_told(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    async with visitor.page() as one, visitor.page() as other:
        await asyncio.gather(one.told(), other.told())
        assert await bot.channel.send(_outbound(visitor.account, 1)) == Sent()
        assert [(await page.receive())["text"] for page in (one, other)] == ["通知", "通知"]


async def test_who_has_the_page_open_is_present(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    assert visitor.account not in bot.channel.present()
    async with visitor.page() as page:
        await page.told()
        assert visitor.account in bot.channel.present()
    assert visitor.account not in bot.channel.present()


async def test_a_page_that_does_not_read_neither_holds_up_sends_nor_others(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    async with visitor.page() as slow, visitor.page() as quick:
        await asyncio.gather(slow.told(), quick.told())
        slow.stick()
        for number in range(1, 401):
            assert await bot.channel.send(_outbound(visitor.account, number)) == Sent()
            assert (await quick.receive())["message_id"] == number
        assert slow.serving
        await slow.serving  # let go by the channel
        assert await bot.channel.send(_outbound(visitor.account, 401)) == Sent()


async def test_a_lone_page_that_does_not_read_is_absent_once_it_is_let_go(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    async with visitor.page() as slow:
        await slow.told()
        slow.stick()
        outcomes = [await bot.channel.send(_outbound(visitor.account, number)) for number in range(1, 400)]
    assert outcomes[0] == Sent()
    assert outcomes[-1] == NotSent(Failure.ABSENT)


async def test_files_go_out_by_name_and_come_by_number(bot: EchoBot, visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(b"PK\x03\x04 table")
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    async with visitor.page() as page:
        await page.told()
        number = await bot.say(visitor.account, "台账", file=File(str(path), "台账 9月.xlsx", media_type))
        frame = await page.receive()
    assert (frame["kind"], frame["file"]) == ("document", "台账 9月.xlsx")
    response = await visitor.http.get(f"/chat/file/{number}")
    assert response.content == b"PK\x03\x04 table"
    assert response.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E5%8F%B0")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in response.headers["content-security-policy"]


async def test_a_picture_of_ours_is_shown_as_one(bot: EchoBot, visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "poster"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert bot.channel
    async with visitor.page() as page:
        await page.told()
        number = await bot.say(visitor.account, "二维码", file=File(str(path), "码.png", "image/png"))
        assert (await page.receive())["kind"] == "photo"
    response = await visitor.http.get(f"/chat/file/{number}")
    assert response.headers["content-disposition"].startswith("inline")


async def test_nobody_gets_another_persons_file(bot: EchoBot, visitor: Visitor, tmp_path: Path) -> None:
    assert bot.channel
    path = tmp_path / "secret"
    path.write_bytes(b"%PDF-")
    number = bot.write(visitor.account, "", file=File(str(path), "a.pdf", "application/pdf"))
    stranger = Visitor(bot.channel)
    assert (await stranger.http.get(f"/chat/file/{number}")).status_code == 404
    await stranger.come()
    assert (await stranger.http.get(f"/chat/file/{number}")).status_code == 404
    path.unlink()
    gone = await visitor.http.get(f"/chat/file/{number}")
    assert (gone.status_code, gone.text) == (404, "没有找到这个文件，请重新选择。")


# --- what is refused ----------------------------------------------------------------------------------------

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
async def test_a_text_of_twenty_thousand_characters_is_taken_whole(
    bot: EchoBot, visitor: Visitor, character: str
) -> None:
    text = (character * 20_000)[:20_000]
    async with visitor.page() as page:
        page.send(json.dumps({"type": "text", "id": "long", "text": text}, ensure_ascii=False))
        await page.until("accepted")
    assert bot.heard[0].text == text


async def test_a_longer_text_is_refused_with_a_sentence(bot: EchoBot, visitor: Visitor) -> None:
    async with visitor.page() as page:
        refused = (await page.says("修" * 20_001, "long"))[-1]
    assert refused == {"type": "refused", "id": "long", "reason": "一条消息最多 20000 字。请分成几条发送。"}
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


# --- limits -------------------------------------------------------------------------------------------------


async def test_too_many_messages_are_refused_for_a_while(bot: EchoBot) -> None:
    visitor = await _visitor_of(bot, WebChatSettings(messages_per_minute=3))
    async with visitor.page() as page:
        for number in range(3):
            assert (await page.says("快", f"m-{number}"))[-1]["type"] == "accepted"
        refused = (await page.says("快", "m-3"))[-1]
    assert refused["reason"] == "发得太快了，请稍等一会儿。"
    assert 0 < refused["retry_after"] <= 20
    assert len(bot.heard) == 3


async def test_junk_counts_too(bot: EchoBot) -> None:
    visitor = await _visitor_of(bot, WebChatSettings(messages_per_minute=3))
    async with visitor.page() as page:
        for _ in range(3):
            page.send("junk")
            await page.receive()
        assert (await page.says("快", "m-3"))[-1]["retry_after"] > 0


async def test_a_network_has_a_limit_of_its_own(bot: EchoBot) -> None:
    visitor = await _visitor_of(bot, WebChatSettings(messages_per_minute_of_network=2))
    assert bot.channel
    other = Visitor(bot.channel)
    await other.come()
    async with visitor.page() as one, other.page() as two:
        await one.says("一", "m-1")
        await two.says("二", "m-1")
        assert (await two.says("三", "m-2"))[-1]["type"] == "refused"


async def test_too_many_pages_of_one_person_are_told_so(bot: EchoBot) -> None:
    visitor = await _visitor_of(bot, WebChatSettings(open_at_once=1))
    async with visitor.page() as first, visitor.page() as second:
        assert "关掉几个页面" in (await second.receive())["reason"]
        assert await second.closing_code() == 4429
        assert (await first.says("还在", "m-1"))[-1]["type"] == "accepted"


async def test_too_many_pages_from_one_network_are_told_so(bot: EchoBot) -> None:
    visitor = await _visitor_of(bot, WebChatSettings(open_at_once_of_network=1))
    assert bot.channel
    neighbour = Visitor(bot.channel)
    await neighbour.come()
    async with visitor.page() as first:
        await first.told()
        async with neighbour.page() as second:
            assert "新访客太多" in (await second.receive())["reason"]
    async with neighbour.page() as second:
        assert await second.told() == []


async def test_connecting_again_and_again_is_slowed_down(bot: EchoBot) -> None:
    visitor = await _visitor_of(bot, WebChatSettings(connections_per_minute=2))
    for _ in range(2):
        async with visitor.page() as page:
            await page.told()
    async with visitor.page() as page:
        refused = await page.receive()
        assert refused["retry_after"] > 0
        assert await page.closing_code() == 4429


async def test_new_visitors_of_one_network_are_limited(bot: EchoBot) -> None:
    visitor = await _visitor_of(bot, WebChatSettings(identities_per_hour_of_network=2))
    assert bot.channel
    assert (await Visitor(bot.channel).come()).status_code == 200
    refused = await Visitor(bot.channel).come()
    assert (refused.status_code, refused.text) == (429, "从这个网络来的新访客太多，请过一会儿再打开。")
    assert int(refused.headers["retry-after"]) > 0
    assert (await visitor.come()).status_code == 200  # known already


# --- who may come in ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "", "http://[", f"http://{HOST}.evil.test", "file://"])
async def test_a_page_of_another_site_is_not_let_in(visitor: Visitor, origin: str) -> None:
    with pytest.raises(Closed) as closed:
        async with visitor.page(origin=origin):
            pass
    assert closed.value.code == 403


async def test_an_allowed_origin_is_let_in(bot: EchoBot) -> None:
    visitor = await _visitor_of(bot, WebChatSettings(origins=frozenset({"https://town.example"})))
    async with visitor.page(origin="https://town.example") as page:
        assert await page.told() == []


# --- stopping and faults ------------------------------------------------------------------------------------


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
    assert await bot.channel.send(_outbound(visitor.account, 1)) == NotSent(Failure.ABSENT)


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


async def test_a_page_whose_line_breaks_is_forgotten(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    async with visitor.page() as page:
        await page.told()
        page.broken = True
        await bot.say(visitor.account, "听得到吗")
        assert page.serving
        await page.serving
        assert visitor.account not in bot.channel.present()


async def test_a_page_whose_line_breaks_while_it_hears_the_history_is_forgotten(bot: EchoBot, visitor: Visitor) -> None:
    assert bot.channel
    bot.write(visitor.account, "旧的")
    async with visitor.page() as page:
        page.broken = True
        assert page.serving
        await page.serving
        assert visitor.account not in bot.channel.present()
    assert not bot.arrivals


async def test_stopping_does_not_wait_for_a_page_that_does_not_read(
    bot: EchoBot, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bot.channel
    monkeypatch.setattr("bot.channels.webchat_socket._PARTING", 0.0)
    async with visitor.page() as page:
        await page.told()
        page.stick()
        await bot.say(visitor.account, "再见")
        await bot.channel.stop()
        assert visitor.account not in bot.channel.present()


async def test_stopping_breaks_off_a_history(bot: EchoBot, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bot.channel
    monkeypatch.setattr("bot.channels.webchat_socket._PARTING", 0.0)
    bot.write(visitor.account, "旧的")
    async with visitor.page() as page:
        page.stick()
        await asyncio.sleep(0)
        await bot.channel.stop()
        assert not bot.arrivals


async def test_before_the_start_pages_are_asked_to_come_back(bot: EchoBot) -> None:
    visitor = Visitor(bot.serve_by())
    await visitor.come()
    async with visitor.page() as page:
        assert await page.closing_code() == 1013


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


async def test_check_names_a_short_secret_and_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    bot = EchoBot(tmp_path)
    good = bot.serve_by()
    assert await good.check() == []
    bad = WebChat(
        secret=b"short",
        data_dir=tmp_path / "file",
        clock=lambda: datetime.now(UTC),
        history=bot.history,
        arrived=bot.arrivals.append,
        file_of=bot.file_of,
    )
    short, folder = await bad.check()
    assert "32 bytes" in short
    assert "Not a directory" in folder
