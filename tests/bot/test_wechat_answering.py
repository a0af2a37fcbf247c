"""The whole program on WeChat where the account may not push: all that is said travels in responses."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from bot.answers import Answers
from bot.channels.wechat import WeChat
from bot.channels.wechat_body import text_of
from bot.channels.wechat_door import ANSWER_WITHIN
from bot.writer import Writer
from handlers.messages import Inbound, Kind, Received
from storage.database import Unit
from storage.domain.roles import Role
from storage.tables import attachments, messages, outbox, proposals
from tests.bot.channels.contract_acts import PICTURE
from tests.bot.channels.wechat_stage import RESIDENT, Console, said
from tests.bot.program_stage import Township
from tests.bot.wechat_account import BODY, account_of, proposes, typed
from tests.wechat_api import SECRET, Mode

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


_CONSOLES = [(mode, as_json) for mode in Mode for as_json in (False, True)]


@sqlite_only
@pytest.mark.parametrize(("mode", "as_json"), _CONSOLES, ids=str)
async def test_a_resident_proposes_whatever_the_console_says(
    mode: Mode, as_json: bool, township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path, mode=mode, as_json=as_json) as account:
        assert await account.platform.verifies()
        resident = account.resident()
        assert "这里是民声" in (await resident.follows()).text
        before = account.count(proposals)
        await proposes(resident)
        assert account.count(proposals) == before + 1


@sqlite_only
@pytest.mark.parametrize("secret", ["", SECRET])
async def test_a_picture_is_fetched_also_by_who_may_not_fetch_media(
    secret: str, township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path, secret=secret) as account:
        account.platform.account.denied.add("media/get")
        resident = account.resident()
        await resident.follows()
        await resident.sends_picture(PICTURE)
        await account.program.files.quiet()
        assert account.count(attachments, attachments.c.state == "stored") == 1
        assert account.count(attachments) == 1


async def test_a_repeat_gets_the_same_answer_and_acts_once(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path) as account:
        resident = account.resident()
        await resident.follows()
        before = account.count(proposals)
        first = await proposes(resident)
        account.waits("有进展了")
        for _ in range(3):
            again = await resident.repeats()
            assert (again.statuses, again.text) == ((200,), first.text)
        assert account.count(proposals) == before + 1
        assert (await resident.happens("VIEW", EventKey="http://example.org")).text == ""
        assert (await resident.says("谢谢")).text.startswith("有进展了")


async def test_repeats_that_come_while_the_first_is_in_work_get_its_answer(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path) as account:
        resident = account.resident()
        await resident.follows()
        account.waits("有进展了")
        now = int(account.clock().timestamp())
        same: dict[str, str | int] = {"MsgType": "text", "Content": "提建议", "MsgId": 17, "CreateTime": now}
        told = [exchange.text for exchange in await asyncio.gather(*(resident.posts(same) for _ in range(5)))]
        assert told[0].startswith("有进展了")
        assert "您想提什么建议" in told[0]
        assert set(told) == {told[0]}
        assert account.count(messages, messages.c.platform_key == "17") == 1
        assert account.count(messages, messages.c.text.contains("您想提什么建议")) == 1


@sqlite_only
async def test_what_is_none_of_wechats_is_counted(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path) as account, httpx.AsyncClient(trust_env=False) as stranger:
        url = account.platform.account.url
        genuine = Console().callback(said("提建议"), account.clock())
        assert (await stranger.get(url)).status_code == 403
        assert (await stranger.post(url, params=genuine.query, content=b"<xml></xml>")).status_code == 400
        assert (await stranger.post(url, content=genuine.body)).status_code == 403
        page = (await stranger.get(url.replace("/wechat", "/metrics"))).text
        assert 'minsheng_malformed_updates_total{channel="wechat"} 3.0' in page
        assert account.count(messages) == 0


@pytest.mark.parametrize("hangs_up", [False, True], ids=["silent in time", "hung up on"])
@sqlite_only
async def test_a_turn_that_takes_too_long_is_answered_when_it_comes_again(
    hangs_up: bool, township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path) as account, httpx.AsyncClient(trust_env=False) as wechat:
        resident = account.resident(RESIDENT)
        await resident.follows()
        numbers = account.waits("有进展了")
        channel = account.program.channels["wechat"]
        assert isinstance(channel, WeChat)
        arrived = asyncio.Semaphore(0)

        async def receive(inbound: Inbound) -> Received:
            arrived.release()
            return await account.program.receive(inbound)

        await channel.start(receive)
        callback = Console().callback(said("提建议", 17, account.clock()), account.clock())

        async def post() -> httpx.Response:
            return await wechat.post(account.platform.account.url, params=callback.query, content=callback.body)

        async with _held(account.program.writer):
            channel._door._answer_within = channel._door._silent_for = ANSWER_WITHIN if hangs_up else 0.01
            posts = [asyncio.create_task(post()) for _ in range(3)]
            for _ in posts:
                await arrived.acquire()
            for one in posts if hangs_up else ():
                one.cancel()
            answers = await asyncio.gather(*posts, return_exceptions=True)
            assert hangs_up or {one.status_code for one in answers if isinstance(one, httpx.Response)} == {503}
            assert "sent" not in account.states(numbers)
        channel._door._answer_within = ANSWER_WITHIN
        told = {text_of(Console().read((await post()).content), "Content") for _ in range(3)}
        assert len(told) == 1
        assert "有进展了" in str(told)
        assert "您想提什么建议" in str(told)
        assert account.count(messages, messages.c.platform_key == "17") == 1


@asynccontextmanager
async def _held(writer: Writer) -> AsyncIterator[None]:
    """The one hand that writes is busy."""
    entered, gate = Event(), Event()

    def hold(_: Unit) -> None:
        entered.set()
        gate.wait()

    holding = asyncio.create_task(writer.do(hold))
    await asyncio.to_thread(entered.wait)
    try:
        yield
    finally:
        gate.set()
        await holding


@sqlite_only
async def test_what_waits_comes_in_order_of_urgency_as_one_text(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path) as account:
        resident = account.resident()
        await resident.follows()
        numbers = account.waits("公告甲", "公告乙", priority=2)
        numbers += account.waits("请您核对", priority=1)
        numbers += account.waits("有进展了")
        assert account.platform.calls() == []
        told = (await resident.says("谢谢")).text.split("\n\n")
        assert [part for part in told if part in ("有进展了", "请您核对", "公告甲", "公告乙")] == told[:1] + told[-3:]
        assert told[-3:] == ["请您核对", "公告甲", "公告乙"]
        assert account.states(numbers) == ["sent"] * 4


@sqlite_only
async def test_what_does_not_fit_comes_when_asked_for_and_answers_no_question(
    township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path) as account:
        resident = account.resident()
        await resident.follows()
        await resident.says("提建议")
        told = (await resident.says(BODY)).text
        account.waits(*(f"第{number}条：" + "路" * 400 for number in range(4)))
        first = await resident.says("帮助")  # which the open question outlives
        assert first.text.endswith("条消息，回复 1 查看。")
        assert (await resident.repeats()).text == first.text
        rest: list[str] = []
        while not rest or rest[-1].endswith("回复 1 查看。"):
            rest.append((await resident.says("1")).text)
        heads = re.findall(r"第(\d)条", "".join([first.text, *rest]))
        assert heads == ["0", "1", "2", "3"]
        assert "没有照片" in told
        assert "这条建议报给谁" in (await resident.says("1")).text


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "view_miniprogram"])
@sqlite_only
async def test_what_merely_happens_gets_no_answer(event: str, township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path) as account:
        resident = account.resident()
        await resident.follows()
        numbers = account.waits("有进展了")
        exchange = await resident.happens(event, EventKey="http://example.org", Latitude="23.1", Longitude="113.3")
        assert (exchange.statuses, exchange.screen) == ((200,), None)
        assert "sent" not in account.states(numbers)
        assert account.count(messages, messages.c.kind == "happened") == 1


@sqlite_only
async def test_a_tap_in_the_menu_begins_what_it_says(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path) as account:
        resident = account.resident()
        await resident.follows()
        assert "您想提什么建议" in (await resident.clicks("提建议")).text


@sqlite_only
async def test_who_leaves_and_comes_back_gets_what_was_kept(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path) as account:
        resident = account.resident()
        await resident.follows()
        numbers = account.waits("有进展了")
        exchange = await resident.unfollows()
        assert (exchange.statuses, exchange.screen) == ((200,), None)
        numbers += account.waits("还有一条")
        assert (await resident.happens("VIEW", EventKey="http://example.org")).screen is None
        assert "sent" not in account.states(numbers)
        told = (await resident.follows("c-1")).text
        assert told.startswith("有进展了\n\n还有一条\n\n")
        assert account.states(numbers) == ["sent", "sent"]


@sqlite_only
async def test_a_file_is_a_link_for_three_days_however_long_it_waited(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path) as account:
        resident = account.resident()
        await resident.follows()
        recipe = {"kind": "text", "name": "全文.txt", "media_type": "text/plain", "arguments": {"text": "路" * 9}}
        account.waits("您的数据", file=recipe)
        account.clock.advance(days=5)
        told = (await resident.says("谢谢")).text
        link = re.search(r"^全文\.txt：(\S+)$", told, re.MULTILINE)
        assert link, told
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(link[1])
            assert (answer.status_code, answer.content.decode("utf-8-sig")) == (200, "路" * 9)
            assert answer.headers["x-content-type-options"] == "nosniff"
            account.clock.advance(days=3, seconds=1)
            assert (await browser.get(link[1])).status_code == 410


@sqlite_only
async def test_thanks_and_greetings_are_neither_words_of_a_proposal_nor_an_answer(
    township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path) as account:
        resident, clerk = account.resident(), account.resident("oClerk0000001")
        await resident.follows()
        await clerk.follows(f"i-{township.invitation(Role.STAFF)}")
        for words in (BODY, "您好", "谢谢"):
            await resident.says(words)
        exchange = await resident.says(BODY)
        for label in ("是", "没有照片", "云溪镇人大"):
            exchange = await resident.says(typed(exchange.text, label))
        assert f"内容：{BODY}\n地点" in exchange.text
        thanks = (await resident.says(typed(exchange.text, "提交"))).text
        assert "有进展，您再来时会看到" in thanks
        number = re.findall(r"(\d+)号", thanks + exchange.text)
        for words in ("台账", "按编号", number[0], "追问作者"):
            await clerk.says(words)
        assert "再来信时才会看到" in (await clerk.says("哪一段路？")).text
        assert "哪一段路？" in (await resident.says("您好")).text
        assert "哪一段路？" in (await resident.says("谢谢")).text
        assert "作者回复" not in (await clerk.says("取消")).text
        assert "已记到" in (await resident.says("村口那段")).text
        assert "作者回复：\n村口那段" in (await clerk.says("取消")).text


@sqlite_only
async def test_what_nobody_waits_for_any_more_is_not_handed_over(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path) as account:
        program, inbound = account.program, Inbound("wechat", RESIDENT, "17", Kind.TEXT, account.clock(), "提建议")
        made: Any = {"engine": program.engine, "clock": account.clock, "ready": program.files.ready}
        answers = Answers("wechat", writer=program.writer, **made)
        entered, gate = Event(), Event()

        def work(_: Unit) -> None:
            """In the transaction of the message, before what is done at its end."""
            entered.set()
            gate.wait()

        with answers.asking("17", len):
            async with _held(program.writer):
                handing_in = asyncio.gather(program.receive(inbound), program.writer.do(work))
                await asyncio.sleep(0)  # both wait for one transaction
            await asyncio.to_thread(entered.wait)
        gate.set()
        await handing_in
        assert account.count(outbox, outbox.c.state == "sent") == 0
        with answers.asking("17", len) as asked:
            await program.receive(inbound)
            assert "您想提什么建议" in "".join(one.text for one in asked.result().messages)
