"""The channel as a whole, before the stand-in of the Bot API; what every channel must do is in test_contract."""

import json
from dataclasses import replace

import pytest

from bot.channels.base import Channel, FetchRefused
from bot.channels.telegram_api import ApiError, NetworkError
from bot.channels.telegram_settings import TelegramSettings
from handlers.messages import Kind
from tests.bot.channels.contract import Inbox
from tests.bot.channels.telegram_stage import RESIDENT, WEBHOOK_SECRET, by_webhook, channel_of, running
from tests.bot_api import TOKEN, BotApiStandIn, Person, faults
from tests.bot_api.errors import ApiError as Refusal
from tests.bot_api.http_server import Response


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
