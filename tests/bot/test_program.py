"""The whole program: residents in the web chat and on Telegram, the office in another web chat, restarts, outages."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert, literal, select

from bot import sender
from bot.channels.base import FetchRefused
from bot.channels.telegram_settings import TelegramDriver, TelegramMode
from bot.channels.webchat_socket import GOING_AWAY
from bot.clock import wall_clock
from bot.settings import TelegramSettings
from bot.web import web_app
from bot.wiring import Program
from storage.area_apply import apply_import, plan_import
from storage.area_files import read_areas
from storage.attachments import State
from storage.database import reading
from storage.domain.proposal_status import Status
from storage.domain.roles import Role
from storage.tables import attachments, messages
from tests.bot.channels.web_visitor import Frame
from tests.bot.program_stage import (
    PATIENCE,
    Browser,
    TelegramPerson,
    Township,
    WebPerson,
    at_page,
    listening,
    running,
    settings_for,
)
from tests.bot_api import TOKEN, BotApiStandIn
from tests.bot_api.files import small_photo
from tests.set_clock import SetClock

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

BODY = "杨柳村一组的机耕路下雨就是一身泥，请修一修"
RESIDENT = 7001


def on_telegram(platform: BotApiStandIn, **more: object) -> TelegramSettings:
    values = {"token": TOKEN, "api_base": platform.base_url, "driver": TelegramDriver.PTB, "chat_interval": 0}
    return TelegramSettings.model_validate(values | more)


@dataclass
class Office:
    """A member of staff at the web chat, who acts as people do: by the words on the buttons."""

    clerk: WebPerson

    async def opens_newest(self) -> str:
        """Open the newest proposal; what is told of it."""
        self.clerk.says("台账")
        await self.clerk.hears("看哪些建议")
        self.clerk.taps("新收到")
        await self.clerk.hears("回复数字查看")
        self.clerk.says("1")
        return str((await self.clerk.hears("要做什么"))["text"])

    async def asks(self, question: str) -> None:
        self.clerk.taps("追问作者")
        await self.clerk.hears("请写要问的话")
        self.clerk.says(question)
        await self.clerk.hears("已去问")

    async def takes_up(self, words: str) -> None:
        self.clerk.taps("采纳")
        await self.clerk.hears("要对作者说点什么")
        self.clerk.says(words)
        await self.clerk.hears("已采纳")


@asynccontextmanager
async def office_at(program: Program, township: Township) -> AsyncIterator[Office]:
    async with at_page(Browser(web_app(program))) as clerk:
        clerk.starts(f"i-{township.invitation(Role.STAFF)}")
        await clerk.hears("您已登记为云溪镇人大")
        yield Office(clerk)


async def proposes(resident: WebPerson | TelegramPerson) -> None:
    """All the way from the first word to the number."""
    resident.says("提建议")
    await resident.hears("您想提什么建议")
    resident.says(BODY)
    await resident.hears("有照片吗")
    resident.taps("没有照片")
    await confirms(resident)


async def confirms(resident: WebPerson | TelegramPerson) -> None:
    await resident.hears("这条建议报给谁")
    resident.taps("云溪镇人大（演示）")
    await resident.hears("请核对")
    resident.taps("提交")
    await resident.hears("建议已收到")


async def goes_the_whole_way(resident: WebPerson | TelegramPerson, office: Office, township: Township) -> None:
    """Proposed, found in the ledger on its cell, asked back, answered, taken up, and told."""
    await proposes(resident)
    card = await office.opens_newest()
    assert BODY in card
    assert "地点：杨柳村 第一网格" in card
    await office.asks("具体是哪一段？")
    await resident.hears("具体是哪一段？")
    resident.says("学校后门那一段")
    await resident.hears("已记到")
    await office.clerk.hears("学校后门那一段")
    await office.opens_newest()
    await office.takes_up("明年春天开工")
    await resident.hears("明年春天开工")
    assert township.reading(lambda store: store.proposals.get(7)).status is Status.TAKEN_UP


# --- one program


async def test_from_the_web_chat_to_the_office_and_back(township: Township, tmp_path: Path) -> None:
    async with (
        running(settings_for(tmp_path, township.url)) as program,
        at_page(Browser(web_app(program))) as resident,
        office_at(program, township) as office,
    ):
        await goes_the_whole_way(resident, office, township)


@sqlite_only
@pytest.mark.parametrize("mode", TelegramMode)
@pytest.mark.parametrize("driver", TelegramDriver)
async def test_from_telegram_to_the_office_and_back(
    township: Township, tmp_path: Path, platform: BotApiStandIn, driver: TelegramDriver, mode: TelegramMode
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram"
    telegram = on_telegram(platform, driver=driver, mode=mode, webhook_secret="a-secret", webhook_url=address)
    async with AsyncExitStack() as stack:
        program = await stack.enter_async_context(running(settings_for(tmp_path, township.url, telegram=telegram)))
        await stack.enter_async_context(listening(program, listener))
        office = await stack.enter_async_context(office_at(program, township))
        await goes_the_whole_way(TelegramPerson(platform, RESIDENT), office, township)


@sqlite_only
async def test_photos_of_both_ways_are_fetched_and_kept(
    township: Township, tmp_path: Path, platform: BotApiStandIn
) -> None:
    async with (
        running(settings_for(tmp_path, township.url, telegram=on_telegram(platform))) as program,
        at_page(browser := Browser(web_app(program))) as visitor,
    ):
        upload = (await browser.upload(small_photo())).json()["upload"]
        resident = TelegramPerson(platform, RESIDENT)
        for person in (visitor, resident):
            person.says("提建议")
            await person.hears("您想提什么建议")
            person.says(BODY)
            await person.hears("有照片吗")
        visitor.does(type="file", upload=upload, kind="photo", name="路.jpg")
        resident.person.sends_photo()
        for person in (visitor, resident):
            await person.hears("已收到 1 张")
            person.says("1")
            await confirms(person)

        def kept() -> bool:
            states = township.reading(lambda store: list(store.unit.read(select(attachments.c.state)).scalars()))
            return bool(states == [State.STORED, State.STORED])

        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(kept):
                await program.settled()
                await asyncio.sleep(0)
        shown = await photo_of(browser)
        address = f"/chat/file/{shown['message_id']}"
        assert (await browser.http.get(address)).content == small_photo()
        async with at_page(stranger := Browser(web_app(program))):
            assert (await stranger.http.get(address)).status_code == 404


async def photo_of(browser: Browser) -> Frame:
    """The photo in what the page shows when it is opened again."""
    async with browser.page() as page, asyncio.timeout(PATIENCE):
        while (frame := await page.receive()).get("kind") != "photo":
            pass
        return frame


@sqlite_only
async def test_a_file_that_nobody_sends_is_gone_after_two_days_though_nobody_comes(
    township: Township, tmp_path: Path
) -> None:
    settings, clock = settings_for(tmp_path, township.url), SetClock()
    program = Program(settings, clock=clock)
    await (browser := Browser(web_app(program))).come()
    upload = (await browser.upload(small_photo())).json()["upload"]
    await Program(settings, clock=clock).tick()
    assert (await program.web.fetch(upload)).content == small_photo()
    clock.advance(days=2, hours=1)
    await Program(settings, clock=clock).tick()
    with pytest.raises(FetchRefused):
        await program.web.fetch(upload)


# --- restarts and outages


async def test_a_restart_in_the_middle_is_not_noticed(township: Township, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, township.url)
    async with AsyncExitStack() as stack:
        program = await stack.enter_async_context(running(settings))
        browser = Browser(web_app(program))
        async with at_page(browser) as resident:
            resident.says("提建议")
            await resident.hears("您想提什么建议")
            resident.says(BODY)
            photos = await resident.hears("有照片吗")
            await stack.aclose()
            assert await resident.page.closing_code() == GOING_AWAY

    async with running(settings) as program:
        browser.app = web_app(program)
        async with browser.page(f"after={photos['message_id']}") as page:
            again = WebPerson(page, resident.told)
            again.taps("没有照片")
            await confirms(again)
    assert township.reading(lambda store: store.proposals.get(7)).body == BODY


@sqlite_only
async def test_what_was_said_while_the_page_was_closed_is_read_later(township: Township, tmp_path: Path) -> None:
    async with running(settings_for(tmp_path, township.url)) as program, office_at(program, township) as office:
        browser = Browser(web_app(program))
        async with at_page(browser) as resident:
            await proposes(resident)
            last = resident.told[-1]["message_id"]
        await office.opens_newest()
        await office.asks("具体是哪一段？")

        async with browser.page(f"after={last}") as page:
            await WebPerson(page).hears("具体是哪一段？")


@sqlite_only
async def test_a_page_that_comes_later_hears_what_took_the_place_of_what(township: Township, tmp_path: Path) -> None:
    async with running(settings_for(tmp_path, township.url)) as program:
        browser = Browser(web_app(program))
        async with at_page(browser) as resident:
            resident.says("你好")
            earlier = (await resident.hears("这里是民声"))["message_id"]
        kept = ("direction", "channel", "account_id", "person_id", "kind", "at", "stored_at")
        same = select(*(messages.c[name] for name in kept), literal("【更正】"), literal(earlier))
        correct = insert(messages).from_select([*kept, "text", "edits_id"], same.where(messages.c.id == earlier))
        township.reading(lambda store: store.unit.write(correct))

        async with browser.page() as page:
            assert (await WebPerson(page).hears("【更正】"))["edits"] == earlier


@sqlite_only
async def test_telegram_s_outage_is_waited_out(township: Township, tmp_path: Path, platform: BotApiStandIn) -> None:
    telegram = on_telegram(platform)
    async with (
        running(settings_for(tmp_path, township.url, telegram=telegram)) as program,
        office_at(program, township) as office,
    ):
        resident = TelegramPerson(platform, RESIDENT)
        await proposes(resident)
        platform.stop()
        await office.opens_newest()
        await office.asks("具体是哪一段？")
        platform.start()
        await resident.hears("具体是哪一段？")


async def test_what_a_clerk_imports_meanwhile_is_known_at_once(township: Township, tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text("code,name,parent,level\n990101100201099,月亮湾网格,990101100201,cell\n")
    async with (
        running(settings_for(tmp_path, township.url)) as program,
        at_page(Browser(web_app(program))) as resident,
    ):
        resident.says("你好")
        await resident.hears("这里是民声")
        with reading(township.engine) as unit:
            plan = plan_import(unit, read_areas(file))
        await asyncio.to_thread(apply_import, township.engine, plan, wall_clock)

        resident.says("提建议")
        await resident.hears("您想提什么建议")
        resident.says("月亮湾的路灯坏了")
        await resident.hears("有照片吗")
        resident.taps("没有照片")
        await resident.hears("这条建议报给谁")
        resident.taps("云溪镇人大（演示）")
        assert "杨柳村 月亮湾网格" in (await resident.hears("请核对"))["text"]


# --- two programs side by side


@postgresql_only
async def test_two_programs_know_of_each_other_s_visitors(
    township: Township, tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is connected here gets what was done there, at once: nobody looks for it before a day has passed."""
    monkeypatch.setattr(sender, "LOOK_EVERY", 86_400.0)
    settings = settings_for(tmp_path, township.url, redis_url=redis_url)
    async with (
        running(settings) as here,
        running(settings) as there,
        at_page(Browser(web_app(here))) as resident,
        office_at(there, township) as office,
    ):
        await goes_the_whole_way(resident, office, township)


async def test_without_redis_two_programs_find_each_other_s_mail_by_looking(
    township: Township, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "LOOK_EVERY", 0.2)
    settings = settings_for(tmp_path, township.url)
    async with (
        running(settings) as here,
        running(settings) as there,
        at_page(Browser(web_app(here))) as resident,
        office_at(there, township) as office,
    ):
        await goes_the_whole_way(resident, office, township)


@postgresql_only
async def test_one_of_two_programs_polls_and_the_other_takes_over(
    township: Township, tmp_path: Path, redis_url: str, platform: BotApiStandIn
) -> None:
    settings = settings_for(tmp_path, township.url, redis_url=redis_url, telegram=on_telegram(platform))
    resident = TelegramPerson(platform, RESIDENT)
    async with AsyncExitStack() as first:
        await first.enter_async_context(running(settings))
        resident.says("你好")
        await resident.hears("这里是民声")
        async with running(settings):
            await proposes(resident)
            await first.aclose()
            resident.says("我的建议")
            await resident.hears("7号")
    assert township.reading(lambda store: store.proposals.get(8)) is None
