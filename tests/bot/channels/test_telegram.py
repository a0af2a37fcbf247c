"""The channel as a whole, before the stand-in of the Bot API; what every channel must do is in test_contract."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
import structlog

from bot.channels.base import Channel, FetchRefused
from bot.channels.telegram import Telegram
from bot.channels.telegram_api import ApiError, NetworkError
from bot.channels.telegram_drivers import driver_for
from bot.channels.telegram_settings import TelegramDriver, TelegramMode, TelegramSettings
from handlers.messages import Kind
from tests.bot.channels.contract import Inbox
from tests.bot.channels.telegram_stage import RESIDENT, WEBHOOK_SECRET, no_pause, utc_now
from tests.bot_api import TOKEN, BotApiStandIn, Person, faults
from tests.bot_api.errors import ApiError as Refusal
from tests.bot_api.http_server import Response

ELSEWHERE = "https://elsewhere.example/telegram"


@pytest.fixture
def platform() -> Iterator[BotApiStandIn]:
    with BotApiStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def resident(platform: BotApiStandIn) -> Person:
    return platform.person(RESIDENT)


@pytest.fixture(params=list(TelegramDriver))
def settings(request: pytest.FixtureRequest, platform: BotApiStandIn) -> TelegramSettings:
    return TelegramSettings(TOKEN, request.param, platform.base_url)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def channel_of(settings: TelegramSettings, **more: Any) -> Telegram:
    return Telegram(settings, driver_for(settings), clock=utc_now, **({"pause": no_pause} | more))


@asynccontextmanager
async def running(settings: TelegramSettings, inbox: Inbox, **more: Any) -> AsyncIterator[Telegram]:
    channel = channel_of(settings, **more)
    await channel.start(inbox.receive)
    try:
        yield channel
    finally:
        await channel.stop()
        await channel.close()


def by_webhook(settings: TelegramSettings) -> TelegramSettings:
    return replace(
        settings, mode=TelegramMode.WEBHOOK, webhook_secret=WEBHOOK_SECRET, webhook_url="https://here.example/telegram"
    )


def test_it_is_a_channel(settings: TelegramSettings) -> None:
    channel: Channel = channel_of(settings)
    assert channel.name == "telegram"
    assert channel.capabilities.buttons
    assert (channel.limits.per_second, channel.limits.chat_interval) == (30.0, 1.0)
    assert channel.present() == ()


# --- setting up


async def test_commands_are_shown(platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox) -> None:
    async with running(settings, inbox, commands=[("suggest", "提建议"), ("mine", "我的建议")]):
        await platform.wait_until_async(lambda: platform.world.commands)
    assert platform.world.commands["default", ""] == [
        {"command": "suggest", "description": "提建议"},
        {"command": "mine", "description": "我的建议"},
    ]


async def test_commands_are_tried_again_but_not_when_they_are_refused(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox
) -> None:
    platform.faults.add(faults.internal_error(), method="setMyCommands", times=2)
    platform.faults.add(faults.bad("BOT_COMMAND_INVALID"), method="setMyCommands", skip=2, times=None)
    async with running(settings, inbox, commands=[("suggest", "提建议")]):
        await platform.wait_until_async(lambda: len(platform.calls("setMyCommands")) == 3)
        platform.person(RESIDENT).says("还在吗")
        await inbox.wait_for(1)
    assert len(platform.calls("setMyCommands")) == 3


async def test_a_webhook_that_stands_in_the_way_of_polling_is_taken_off(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    async with running(by_webhook(settings), inbox):
        await platform.wait_until_async(lambda: platform.world.webhook)
    resident.says("路灯坏了")
    async with running(settings, inbox):
        await inbox.wait_for(1)
    assert platform.world.webhook is None


async def test_a_webhook_is_set_with_its_secret(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox
) -> None:
    async with running(by_webhook(settings), inbox) as channel:
        await platform.wait_until_async(lambda: platform.world.webhook)
        assert [route.path for route in channel.routes()] == ["/telegram"]  # type: ignore[attr-defined]  # a Route
    webhook = platform.world.webhook
    assert webhook
    assert (webhook.url, webhook.secret_token) == ("https://here.example/telegram", WEBHOOK_SECRET)


async def test_a_webhook_that_is_set_by_other_means_is_left_alone(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox
) -> None:
    async with running(replace(by_webhook(settings), webhook_url=""), inbox, commands=[("a", "甲")]):
        await platform.wait_until_async(lambda: platform.world.commands)
    assert platform.calls("setWebhook") == []


def test_polling_serves_nothing(settings: TelegramSettings) -> None:
    assert channel_of(settings).routes() == []


# --- what comes in


async def test_a_malformed_update_is_counted_and_stands_in_nobodys_way(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    resident.says("之前")
    platform.inject(lambda number: f'{{"update_id": {number}, "message": {{"text": "路灯"}}}}')
    platform.inject(lambda _: '"路灯"')
    platform.inject(lambda number: f'{{"update_id": {number}, "message": {_nested(700)}}}')
    resident.says("之后")
    malformed: list[str] = []
    with structlog.testing.capture_logs() as events:
        async with running(settings, inbox, on_malformed=malformed.append):
            await inbox.wait_for(2)
    assert [inbound.text for inbound in inbox.inbounds] == ["之前", "之后"]
    assert malformed == ["telegram"] * 3
    assert platform.waiting_updates == 0
    assert [event["event"] for event in events] == ["telegram_update_malformed"] * 3
    assert "路灯" not in str(events)


def _nested(depth: int) -> str:
    """A message that quotes one that quotes one, deeper than a library can follow."""
    return '{"reply_to_message": ' * depth + "1" + "}" * depth


async def test_what_we_do_not_read_of_a_message_costs_it_nothing(
    settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    incomplete = {"question": "?", "options": []}
    resident.sends({"poll": incomplete})
    quoted = {"message_id": 1, "date": 0, "chat": {"id": resident.id, "type": "private"}, "poll": incomplete}
    resident.sends({"text": "路灯坏了", "reply_to_message": quoted})
    malformed: list[str] = []
    async with running(settings, inbox, on_malformed=malformed.append):
        await inbox.wait_for(2)
    assert malformed == []
    assert [(inbound.kind, inbound.text) for inbound in inbox.inbounds] == [
        (Kind.UNKNOWN, ""),
        (Kind.TEXT, "路灯坏了"),
    ]


async def test_a_message_that_cannot_be_read_is_heard_as_one_that_nobody_knows(
    settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    resident.sends({"text": ["路灯"]})
    resident.sends_location(91, 0)
    malformed: list[str] = []
    async with running(settings, inbox, on_malformed=malformed.append):
        await inbox.wait_for(2)
    assert [(one.kind, one.account, one.text) for one in inbox.inbounds] == [(Kind.UNKNOWN, str(resident.id), "")] * 2
    assert malformed == ["telegram"] * 2


async def test_a_tap_on_a_message_that_a_library_finds_odd_is_a_tap(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    sender = {"id": resident.id, "is_bot": False, "first_name": "x"}
    shown = {"message_id": 1, "date": 1, "chat": {"id": resident.id, "type": "private"}, "poll": {"question": "?"}}
    tap = {"id": "9", "from": sender, "chat_instance": "1", "data": "1f0.2", "message": shown}
    platform.inject(lambda number: json.dumps({"update_id": number, "callback_query": tap}))
    async with running(settings, inbox):
        await inbox.wait_for(1)
    assert (inbox.inbounds[0].kind, inbox.inbounds[0].choice) == (Kind.CHOICE, "1f0.2")


async def test_half_an_emoji_is_mended(platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox) -> None:
    who = '"from": {"id": 7, "is_bot": false, "first_name": "x"}, "chat": {"id": 7, "type": "private"}'
    platform.inject(
        lambda number: (
            f'{{"update_id": {number}, "message": {{"message_id": 1, "date": 1788253200, {who}, '
            f'"text": "路灯\\ud83d坏了"}}}}'
        )
    )
    malformed: list[str] = []
    async with running(settings, inbox, on_malformed=malformed.append):
        await inbox.wait_for(1)
    assert malformed == []
    assert "坏了" in inbox.inbounds[0].text


async def test_a_tap_is_answered_before_it_is_acted_on(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    inbox.gate.clear()
    async with running(settings, inbox):
        resident.forges_tap("1f0.0", tappable(platform, resident))
        await platform.wait_until_async(lambda: resident.notices)
        assert inbox.inbounds == []
        inbox.gate.set()
        await inbox.wait_for(1)
    assert inbox.inbounds[0].choice == "1f0.0"


@pytest.mark.parametrize(
    "effect",
    [
        faults.bad("query is too old and response timeout expired or query ID is invalid"),
        faults.internal_error(),
        faults.drops_before(),
        faults.too_many_requests(60),
    ],
    ids=["stale", "fault", "cut off", "flood"],
)
async def test_a_tap_that_cannot_be_answered_is_acted_on_all_the_same(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox, resident: Person, effect: faults.Effect
) -> None:
    fault = platform.faults.add(effect, method="answerCallbackQuery")
    async with running(settings, inbox):
        resident.forges_tap("1f0.0", tappable(platform, resident))
        await inbox.wait_for(1)
        await asyncio.to_thread(fault.wait_until_hit)
    assert inbox.inbounds[0].choice == "1f0.0"


def tappable(platform: BotApiStandIn, resident: Person) -> Any:
    """A message of the bot with a button."""
    keyboard = {"inline_keyboard": [[{"text": "1 是", "callback_data": "1f0.0"}]]}
    with platform.world.changed:
        platform.world.deliver(platform.world.chats[resident.id], {"text": "哪个?"}, keyboard)
    return resident.inbox[-1]


async def test_what_is_said_in_a_group_is_neither_heard_nor_answered(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    group = platform.group(-500)
    resident.says("@minsheng_test_bot 在吗", within=group)
    resident.says("/start", within=group)
    resident.says("悄悄说")
    async with running(settings, inbox):
        await inbox.wait_for(1)
    assert [inbound.text for inbound in inbox.inbounds] == ["悄悄说"]
    assert group.inbox == []
    assert platform.waiting_updates == 0


async def test_an_outage_is_waited_out(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    async with running(settings, inbox):
        resident.says("之前")
        await inbox.wait_for(1)
        platform.stop()
        resident.says("其间")
        platform.start()
        await inbox.wait_for(2)
    assert [inbound.text for inbound in inbox.inbounds] == ["之前", "其间"]


async def test_a_second_poller_is_waited_out(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    platform.faults.add(faults.conflicts(), method="getUpdates", times=5)
    async with running(settings, inbox):
        resident.says("路灯坏了")
        await inbox.wait_for(1)
    assert platform.waiting_updates == 0


async def test_numbers_that_start_anew_after_a_quiet_week_lose_nothing(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox, resident: Person
) -> None:
    async with running(settings, inbox):
        resident.says("之前")
        await inbox.wait_for(1)
        await platform.wait_until_async(lambda: platform.waiting_updates == 0)
        platform.restart_numbering(1000)
        for text in ("之后一", "之后二"):
            resident.says(text)
            await inbox.wait_for(2 if text == "之后一" else 3)
    assert [inbound.text for inbound in inbox.inbounds] == ["之前", "之后一", "之后二"]
    assert platform.waiting_updates == 0


async def test_many_people_at_once_are_all_heard_in_order(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox
) -> None:
    people = [platform.person(RESIDENT + number) for number in range(30)]
    for turn in range(5):
        for person in people:
            person.says(f"{turn}")
    async with running(settings, inbox):
        await inbox.wait_for(150)
    for person in people:
        heard = [inbound.text for inbound in inbox.inbounds if inbound.account == str(person.id)]
        assert heard == ["0", "1", "2", "3", "4"]
    assert platform.waiting_updates == 0


# --- files


async def test_a_file_too_large_is_refused_for_good(settings: TelegramSettings, inbox: Inbox, resident: Person) -> None:
    resident.sends_document("big.pdf", settings.file_limit + 1)
    resident.sends_document("huge.pdf", 21 * 1024 * 1024)
    async with running(settings, inbox) as channel:
        await inbox.wait_for(2)
        for inbound in inbox.inbounds:
            assert inbound.kind is Kind.DOCUMENT
            with pytest.raises(FetchRefused):
                await channel.fetch(inbound.attachments[0].platform_id)


async def test_a_file_that_is_larger_than_it_says_is_refused(
    platform: BotApiStandIn, settings: TelegramSettings, resident: Person
) -> None:
    file_id = resident.sends_document("lying.pdf", b"x" * 1000)["message"]["document"]["file_id"]
    path = platform.world.files.by_id(file_id).path
    told = {"file_id": file_id, "file_unique_id": "u", "file_size": 10, "file_path": path}
    answer = Response(json.dumps({"ok": True, "result": told}).encode())
    platform.faults.add(faults.Effect(acts=False, answer=answer), method="getFile")
    channel = channel_of(replace(settings, file_limit=999))
    with pytest.raises(FetchRefused, match="too large"):
        await channel.fetch(file_id)
    await channel.close()


@pytest.mark.parametrize(
    "effect",
    [faults.internal_error(), faults.drops_before(), faults.refuses(Refusal(404, "Not Found"))],
    ids=["fault", "cut off", "not found"],
)
async def test_a_download_that_fails_can_be_tried_again(
    platform: BotApiStandIn, settings: TelegramSettings, resident: Person, effect: faults.Effect
) -> None:
    file_id = resident.sends_voice(b"OggS" + bytes(100))["message"]["voice"]["file_id"]
    platform.faults.add(effect, method=faults.DOWNLOAD, times=None)
    channel = channel_of(settings)
    with pytest.raises((ApiError, NetworkError)) as caught:
        await channel.fetch(file_id)
    assert TOKEN not in repr(caught.value)
    assert caught.value.__cause__ is None, "it would bear the address, and that the token"
    platform.faults.clear()
    assert (await channel.fetch(file_id)).content == b"OggS" + bytes(100)
    await channel.close()


async def test_a_file_that_may_come_back_is_tried_again_and_one_that_cannot_is_not(
    platform: BotApiStandIn, settings: TelegramSettings
) -> None:
    channel = channel_of(settings)
    with pytest.raises(ApiError):
        await channel.fetch("unknown")
    platform.faults.add(faults.bad("invalid file_id"), method="getFile")
    with pytest.raises(FetchRefused):
        await channel.fetch("junk")
    await channel.close()


# --- what the doctor says


async def test_the_doctor_finds_nothing_wrong(settings: TelegramSettings) -> None:
    assert await channel_of(settings).check() == []


async def test_the_doctor_tells_of_a_wrong_token(settings: TelegramSettings) -> None:
    (found,) = await channel_of(replace(settings, token="4242:another-token")).check()
    assert "MINSHENG_TELEGRAM__TOKEN" in found
    assert "another-token" not in found


async def test_the_doctor_tells_when_telegram_is_away(platform: BotApiStandIn, settings: TelegramSettings) -> None:
    platform.faults.add(faults.forbids("no"), method="getWebhookInfo")
    assert await channel_of(settings).check() == ["Telegram refuses to answer (code 403)."]
    platform.stop()
    (found,) = await channel_of(settings).check()
    platform.start()
    assert found.startswith(f"Telegram cannot be reached at {platform.base_url} (")
    assert TOKEN not in found


async def test_the_doctor_tells_of_webhooks_that_are_not_as_configured(
    platform: BotApiStandIn, settings: TelegramSettings, inbox: Inbox
) -> None:
    hooked = by_webhook(settings)
    assert "not the one that is configured" in str(await channel_of(hooked).check())
    assert "MINSHENG_TELEGRAM__WEBHOOK_URL" in str(await channel_of(replace(hooked, webhook_url="")).check())
    async with running(hooked, inbox):
        await platform.wait_until_async(lambda: platform.world.webhook)
    assert await channel_of(hooked).check() == []
    assert "not the one that is configured" in str(await channel_of(settings).check())
    platform.world.webhook_error = "Connection refused"
    assert "could not deliver" in str(await channel_of(hooked).check())
