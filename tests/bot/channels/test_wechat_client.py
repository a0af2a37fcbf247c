"""What the channel has of WeChat's API: files in, sentences for the doctor, and pushes only with a secret."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.channels.base import Failure, FetchRefused, NotSent, Sent
from bot.channels.wechat import WeChat
from bot.channels.wechat_client import WeChatClient
from bot.channels.wechat_http import NetworkError, WeChatError
from bot.channels.wechat_settings import Template, WeChatSettings
from bot.platforms import platforms
from bot.settings import Settings
from bot.settings import WeChatSettings as Configured
from handlers.messages import NoticeKind, Outbound
from tests.bot.channels.wechat_api_stage import clock, resident, wechat
from tests.bot_api.faults import Effect, bad_gateway
from tests.bot_api.files import small_photo
from tests.bot_api.http_server import Response
from tests.wechat_api import APP_ID, SECRET, TOKEN, Resident, WeChatStandIn, errcode
from tests.wechat_api import Template as Owned
from tests.wechat_api.notices import LISTS

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


ID = "plainly-invented-template-identity"
CONTENT = "事项：{{thing1.DATA}}\n时间：{{time2.DATA}}\n"
SAYS = {"thing1": "what", "time2": "at"}


def with_template(wechat: WeChatStandIn, *, is_notice: bool, last: bool = False) -> WeChatClient:
    ours = {NoticeKind.PROPOSAL: Template(ID, SAYS)}
    settings = WeChatSettings(
        APP_ID,
        TOKEN,
        secret=SECRET,
        active=True,
        api_base=wechat.base_url,
        notices=ours if is_notice else {},
        templates={} if is_notice else ours,
        notices_last=last,
    )
    return WeChatClient(settings, wechat.clock, str)


OWNED: dict[str, tuple[Owned | None, str]] = {
    "as set": (Owned("进展", CONTENT), ""),
    "none": (None, "the account has no such template; copy the id (模板ID) from its console (我的模板)."),
    "with more keywords": (Owned("进展", CONTENT + "{{phrase3.DATA}}"), "the keywords phrase3, thing1, time2: say"),
    "with other keywords": (Owned("进展", "{{thing2.DATA}}"), "the keywords thing2: say"),
}


@pytest.mark.parametrize(("owned", "told"), OWNED.values(), ids=OWNED)
@pytest.mark.parametrize("is_notice", [True, False])
async def test_templates_are_compared_with_those_of_the_account(
    wechat: WeChatStandIn, owned: Owned | None, told: str, is_notice: bool
) -> None:
    wechat.account.templates["another"] = Owned("别的", "{{thing1.DATA}}", is_notice)
    wechat.account.templates["other-kind"] = Owned("进展", CONTENT, not is_notice)
    if owned:
        wechat.account.templates[ID] = replace(owned, is_notice=is_notice)
    sentences = await with_template(wechat, is_notice=is_notice).check()
    name = f"MINSHENG_WECHAT__{'NOTICE' if is_notice else 'TEMPLATE'}_PROPOSAL: "
    assert len(sentences) == bool(told)
    assert all(one.startswith(name) and told in one for one in sentences)


@pytest.mark.parametrize("lasts", [True, False])
async def test_whether_consents_last_is_as_the_account_has_it(wechat: WeChatStandIn, lasts: bool) -> None:
    wechat.account.templates[ID] = Owned("进展", CONTENT, lasts=lasts)
    assert await with_template(wechat, is_notice=True, last=lasts).check() == []
    (sentence,) = await with_template(wechat, is_notice=True, last=not lasts).check()
    assert ("长期订阅" in sentence, "一次性订阅" in sentence) == (lasts, not lasts)
    assert sentence.endswith(f"set MINSHENG_WECHAT__NOTICES_LAST to {str(lasts).lower()}.")


@pytest.mark.parametrize("is_notice", [True, False])
async def test_an_account_that_may_not_use_templates_is_told_where_to_apply(
    wechat: WeChatStandIn, is_notice: bool
) -> None:
    for name in LISTS:
        wechat.faults.add(errcode(48001), method=name)
        wechat.faults.add(errcode(45009), method=name)
        wechat.faults.add(
            Effect(acts=False, answer=Response(b'{"errcode":0,"data":{},"template_list":[1]}')), method=name
        )
    client = with_template(wechat, is_notice=is_notice)
    (sentence,) = await client.check()
    assert ("订阅通知" in sentence, "模板消息" in sentence) == (is_notice, not is_notice)
    assert await client.check() == ["WeChat refuses to answer (code 45009)."]
    assert await client.check() == [f"WeChat cannot be reached at {wechat.base_url} (garbled answer)."]


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
