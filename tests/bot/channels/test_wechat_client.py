"""What the channel has of WeChat's API: files in, sentences for the doctor, and pushes only with a secret."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.channels.base import Failure, FetchRefused, NotSent, Sent
from bot.channels.wechat import WeChat
from bot.channels.wechat_client import WeChatClient
from bot.channels.wechat_http import NetworkError, WeChatError
from bot.channels.wechat_settings import WeChatSettings
from bot.platforms import platforms
from bot.settings import Settings
from bot.settings import WeChatSettings as Configured
from handlers.messages import Outbound
from tests.bot.channels.wechat_api_stage import clock, resident, wechat
from tests.bot_api.faults import bad_gateway
from tests.bot_api.files import small_photo
from tests.wechat_api import APP_ID, SECRET, TOKEN, Resident, WeChatStandIn, errcode

__all__ = ["clock", "resident", "wechat"]

LIMIT = 100_000  # bytes
MESSAGE = Outbound("wechat", "oResident0001", "k", "路灯修好了", room=5)


def client_of(wechat: WeChatStandIn, secret: str = SECRET, app_id: str = APP_ID) -> WeChatClient:
    settings = WeChatSettings(app_id, TOKEN, secret=secret, api_base=wechat.base_url, file_limit=LIMIT)
    return WeChatClient(settings, wechat.clock, lambda number: f"https://minsheng.test/{number}")


async def test_files_are_had_or_can_never_be(wechat: WeChatStandIn) -> None:
    client, account = client_of(wechat), wechat.account
    fetched = await client.fetch(account.keep("image", small_photo(), "image/jpeg"))
    assert (fetched.content, fetched.media_type) == (small_photo(), "image/jpeg")
    with pytest.raises(FetchRefused, match="gone"):
        await client.fetch("none")
    with pytest.raises(FetchRefused, match="too large"):
        await client.fetch(account.keep("video", bytes(LIMIT + 1), "video/mp4"))
    await client.close()


async def test_what_can_be_had_later_is_not_refused(wechat: WeChatStandIn) -> None:
    client, media_id = client_of(wechat), wechat.account.keep("image", small_photo(), "image/jpeg")
    for effect, error in ((errcode(45009), WeChatError), (bad_gateway(), NetworkError)):
        wechat.faults.add(effect, method="media/get")
        with pytest.raises(error):
            await client.fetch(media_id)
    assert (await client.fetch(media_id)).content == small_photo()
    await client.close()


# --- what the doctor says


async def test_nothing_is_wrong_with_an_account_that_works(wechat: WeChatStandIn) -> None:
    assert await client_of(wechat).check() == []
    assert [call.name for call in wechat.calls()] == ["stable_token"]


@pytest.mark.parametrize(("secret", "app_id"), [("not-the-secret", APP_ID), (SECRET, "wxfedcba9876543210")])
async def test_an_account_that_wechat_does_not_know(wechat: WeChatStandIn, secret: str, app_id: str) -> None:
    (sentence,) = await client_of(wechat, secret, app_id).check()
    assert "MINSHENG_WECHAT__APP_ID" in sentence
    assert secret not in sentence


async def test_an_address_that_is_not_listed(wechat: WeChatStandIn) -> None:
    wechat.account.is_listed = False
    (sentence,) = await client_of(wechat).check()
    assert "IP白名单" in sentence


async def test_any_other_refusal_and_silence(wechat: WeChatStandIn) -> None:
    wechat.faults.add(errcode(50007), method="stable_token")
    assert await client_of(wechat).check() == ["WeChat refuses to answer (code 50007)."]
    wechat.stop()
    sentences = await client_of(wechat).check()
    wechat.start()
    assert sentences == [f"WeChat cannot be reached at {wechat.base_url} (ConnectError)."]


# --- what is set up


def channel_of(wechat: WeChatStandIn, folder: Path, secret: str) -> WeChat:
    chosen = Configured(
        app_id=APP_ID, token=SecretStr(TOKEN), secret=SecretStr(secret), api_base=wechat.base_url, active=bool(secret)
    )
    channel = platforms(Settings(data_dir=folder, wechat=chosen), wechat.clock)["wechat"]
    assert isinstance(channel, WeChat)
    return channel


async def test_an_account_with_a_secret_pushes(wechat: WeChatStandIn, resident: Resident, tmp_path: Path) -> None:
    await resident.says("您好")
    channel = channel_of(wechat, tmp_path, SECRET)
    assert await channel.check() == []
    assert await channel.send(MESSAGE) == Sent(used=1)
    assert (await channel.fetch(wechat.account.keep("image", b"\xff\xd8\xff", "image/jpeg"))).content
    await channel.close()
    assert resident.texts == ["路灯修好了"]


async def test_one_without_calls_nobody(wechat: WeChatStandIn, tmp_path: Path) -> None:
    channel = channel_of(wechat, tmp_path, "")
    assert await channel.check() == []
    assert await channel.send(MESSAGE) == NotSent(Failure.WINDOW_CLOSED)
    with pytest.raises(FetchRefused):
        await channel.fetch("any")
    await channel.close()
    assert wechat.calls() == []
