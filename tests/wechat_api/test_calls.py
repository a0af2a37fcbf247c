"""What the API takes, what it refuses, and which faults of a bot it holds against it."""

from typing import Any

import httpx
import pytest

from tests.bot_api.files import small_photo
from tests.set_clock import SetClock
from tests.wechat_api import APP_ID, SECRET, Resident, Screen, WeChatStandIn, errcode, internal_error
from tests.wechat_api.conftest import Asked

SEND = "message/custom/send"
TEXT = {"touser": "oResident0001", "msgtype": "text", "text": {"content": "您好"}}
OK = {"errcode": 0, "errmsg": "ok"}


def asks_token(client: httpx.Client, **changed: Any) -> Any:
    given = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET, "force_refresh": False}
    return client.post("stable_token", json={**given, **changed}).json()


# --- tokens


def test_who_knows_the_secret_gets_a_token(client: httpx.Client, stand_in: WeChatStandIn) -> None:
    answer = asks_token(client)
    assert set(answer) == {"access_token", "expires_in"}
    assert asks_token(client, force_refresh=True)["access_token"] != answer["access_token"]
    assert stand_in.violations == []


def test_who_does_not_gets_none(client: httpx.Client, stand_in: WeChatStandIn) -> None:
    assert asks_token(client, secret="another")["errcode"] == 40125
    assert asks_token(client, appid="wxsomebodyelse0001")["errcode"] == 40013
    stand_in.account.is_listed = False
    assert asks_token(client)["errcode"] == 40164
    assert stand_in.violations == [], "what is set up wrong is no fault of the program"
    assert asks_token(client, grant_type="password")["errcode"] == 40002
    assert stand_in.violations


def test_a_platform_has_several_accounts(client: httpx.Client, stand_in: WeChatStandIn) -> None:
    other = stand_in.add_account("wxfedcba9876543210", secret="another")
    token = asks_token(client, appid=other.app_id, secret="another")["access_token"]
    theirs = stand_in.resident("oTheirs000001", account=other)
    answer = client.post(SEND, params={"access_token": token}, json={**TEXT, "touser": theirs.openid}).json()
    assert answer["errcode"] == 45015
    assert client.post(SEND, params={"access_token": token}, json=TEXT).json()["errcode"] == 40003


def test_a_call_needs_a_token_that_is_good(client: httpx.Client, token: str, clock: SetClock) -> None:
    assert client.post(SEND, params={"access_token": "none"}, json=TEXT).json()["errcode"] == 40001
    clock.advance(hours=2)
    assert client.post(SEND, params={"access_token": token}, json=TEXT).json()["errcode"] == 42001


# --- messages


async def test_a_message_opens_five_in_48_hours(ask: Asked, resident: Resident, clock: SetClock) -> None:
    assert ask(SEND, **TEXT)["errcode"] == 45015
    await resident.says("提建议")
    assert [ask(SEND, **TEXT)["errcode"] for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    await resident.says("1")
    clock.advance(hours=48)
    assert ask(SEND, **TEXT)["errcode"] == 45015
    assert resident.texts == ["您好"] * 5


@pytest.mark.parametrize("act", ["follows", "scans", "clicks"])
async def test_a_tap_opens_three_in_a_minute(ask: Asked, resident: Resident, clock: SetClock, act: str) -> None:
    await getattr(resident, act)("提建议")
    assert [ask(SEND, **TEXT)["errcode"] for _ in range(4)] == [0, 0, 0, 45047]
    await resident.clicks("提建议")
    clock.advance(minutes=1)
    assert ask(SEND, **TEXT)["errcode"] == 45015


async def test_who_left_or_never_came_is_not_reached(ask: Asked, resident: Resident) -> None:
    await resident.says("您好")
    await resident.unfollows()
    assert ask(SEND, **TEXT)["errcode"] == 43004
    assert ask(SEND, **{**TEXT, "touser": "oNobody"})["errcode"] == 40003
    await resident.scans("站点一")
    assert ask(SEND, **TEXT)["errcode"] == 0


async def test_choices_and_pictures_are_shown(ask: Asked, stand_in: WeChatStandIn, resident: Resident) -> None:
    await resident.says("您好")
    items = [{"id": "a.0", "content": "1 好"}, {"id": "a.1", "content": "2 不好"}]
    menu = {"touser": resident.openid, "msgtype": "msgmenu", "msgmenu": {"head_content": "满意吗", "list": items}}
    assert ask(SEND, **menu) == OK
    media_id = stand_in.account.keep("image", small_photo(), "image/jpeg")
    assert ask(SEND, touser=resident.openid, msgtype="image", image={"media_id": media_id}) == OK
    now = stand_in.clock()
    assert resident.screens == [
        Screen("msgmenu", now, "满意吗", (("a.0", "1 好"), ("a.1", "2 不好"))),
        Screen("image", now, picture=small_photo()),
    ]
    assert resident.choices == (("a.0", "1 好"), ("a.1", "2 不好"))


async def test_a_text_has_2048_bytes(ask: Asked, stand_in: WeChatStandIn, resident: Resident) -> None:
    await resident.says("您好")
    assert ask(SEND, **{**TEXT, "text": {"content": "民" * 682 + "ab"}}) == OK
    assert ask(SEND, **{**TEXT, "text": {"content": "民" * 682 + "abc"}})["errcode"] == 45002
    assert resident.room() == 4, "what is refused takes no room"
    assert stand_in.violations == []


FAULTY = {
    "an escape": b'{"touser":"o","msgtype":"text","text":{"content":"\\u60a8"}}',
    "no JSON": b"{",
    "no object": b"[]",
    "no UTF-8": '{"touser":"好"}'.encode("gbk"),
    "an unknown kind": b'{"touser":"o","msgtype":"wxcard","wxcard":{}}',
    "an unknown field": b'{"touser":"o","msgtype":"text","text":{"content":"a"},"key":"1"}',
    "an unknown field within": b'{"touser":"o","msgtype":"text","text":{"content":"a","to":"b"}}',
    "a missing field": b'{"touser":"o","msgtype":"text"}',
    "a number for a text": b'{"touser":"o","msgtype":"text","text":{"content":1}}',
    "an empty text": b'{"touser":"o","msgtype":"text","text":{"content":" "}}',
    "a menu without choices": b'{"touser":"o","msgtype":"msgmenu","msgmenu":{"head_content":"a","list":[]}}',
}


@pytest.mark.parametrize("body", FAULTY.values(), ids=FAULTY)
def test_a_faulty_message_is_held_against_the_bot(
    client: httpx.Client, token: str, stand_in: WeChatStandIn, body: bytes
) -> None:
    stand_in.resident("o")
    answer = client.post(SEND, params={"access_token": token}, content=body).json()
    assert answer["errcode"] != 0
    assert len(stand_in.violations) == 1


def test_a_backslash_before_a_letter_is_no_escape(client: httpx.Client, token: str, stand_in: WeChatStandIn) -> None:
    body = rb'{"touser":"o","msgtype":"text","text":{"content":"C:\\users"}}'
    assert client.post(SEND, params={"access_token": token}, content=body).json()["errcode"] == 40003
    assert stand_in.violations == []


def test_a_strange_call_is_held_against_the_bot(client: httpx.Client, token: str, stand_in: WeChatStandIn) -> None:
    client.post("clear_quota", params={"access_token": token}, json={"appid": APP_ID})
    client.get(SEND, params={"access_token": token})
    client.post(SEND, json=TEXT)
    client.post(SEND, params={"access_token": token, "debug": "1"}, json=TEXT)
    assert len(stand_in.violations) == 4


# --- permissions and quotas


async def test_an_account_may_be_unverified_or_banned(ask: Asked, stand_in: WeChatStandIn, resident: Resident) -> None:
    await resident.says("您好")
    stand_in.account.is_verified = False
    assert ask(SEND, **TEXT)["errcode"] == 48001
    assert ask("menu/create", button=[{"type": "click", "name": "提建议", "key": "提建议"}]) == OK
    stand_in.account.denied.add("menu/create")
    assert ask("menu/create", button=[{"type": "click", "name": "提建议", "key": "提建议"}])["errcode"] == 48001
    stand_in.account.is_banned = True
    assert ask(SEND, **TEXT)["errcode"] == 50002


async def test_quotas_run_out_and_begin_anew(
    ask: Asked, stand_in: WeChatStandIn, resident: Resident, clock: SetClock
) -> None:
    await resident.says("您好")
    stand_in.account.per_minute[SEND] = 1
    assert [ask(SEND, **TEXT)["errcode"] for _ in range(2)] == [0, 45011]
    clock.advance(minutes=1)
    stand_in.account.per_day[SEND] = 3  # two of them are made
    assert ask(SEND, **TEXT)["errcode"] == 0
    clock.advance(minutes=1)
    assert ask(SEND, **TEXT)["errcode"] == 45009
    clock.advance(hours=15)  # midnight in Beijing
    assert ask(SEND, **TEXT) == OK


# --- files


def test_a_picture_is_kept_for_three_days(
    client: httpx.Client, token: str, stand_in: WeChatStandIn, clock: SetClock
) -> None:
    query = {"access_token": token}
    answer = client.post(
        "media/upload", params={**query, "type": "image"}, files={"media": ("图.jpg", small_photo())}
    ).json()
    got = client.get("media/get", params={**query, "media_id": answer["media_id"]})
    assert (got.content, got.headers["content-type"]) == (small_photo(), "image/jpeg")
    clock.advance(days=3, seconds=1)
    query = {"access_token": stand_in.account.tokens.give()[0]}
    gone = client.get("media/get", params={**query, "media_id": answer["media_id"]})
    assert gone.json()["errcode"] == 40007
    assert stand_in.violations == []


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"media": ("a.jpg", b"no picture")}, 40005),
        ({"media": ("a.png", b"\x89PNG" + bytes(10 * 1024 * 1024))}, 40009),
        ({"file": ("a.jpg", b"\xff\xd8\xff")}, 41005),
    ],
    ids=["no picture", "too large", "another field"],
)
def test_what_is_no_picture_is_refused(client: httpx.Client, token: str, files: Any, code: int) -> None:
    answer = client.post("media/upload", params={"access_token": token, "type": "image"}, files=files).json()
    assert answer["errcode"] == code


def test_a_video_is_had_from_elsewhere(client: httpx.Client, token: str, stand_in: WeChatStandIn) -> None:
    media_id = stand_in.account.keep("video", b"film", "video/mp4")
    url = client.get("media/get", params={"access_token": token, "media_id": media_id}).json()["video_url"]
    assert client.get(url).content == b"film"
    assert client.get(url + "0").status_code == 404


# --- codes and menus


async def test_a_code_brings_its_scene(ask: Asked, stand_in: WeChatStandIn, resident: Resident) -> None:
    scene = {"scene": {"scene_str": "cell-7"}}
    answer = ask("qrcode/create", action_name="QR_STR_SCENE", expire_seconds=60, action_info=scene)
    lasting = ask("qrcode/create", action_name="QR_LIMIT_STR_SCENE", action_info=scene)
    assert answer["url"] != lasting["url"]
    assert stand_in.account.codes == {answer["url"]: "cell-7", lasting["url"]: "cell-7"}
    exchange = await resident.scans(answer["url"])
    assert isinstance(exchange.said, dict)
    assert (exchange.said["Event"], exchange.said["EventKey"]) == ("SCAN", "cell-7")
    assert stand_in.violations == []


@pytest.mark.parametrize(
    "given",
    [
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "a"}}},
        {"action_name": "QR_STR_SCENE", "expire_seconds": 2_592_001, "action_info": {"scene": {"scene_str": "a"}}},
        {"action_name": "QR_LIMIT_STR_SCENE", "expire_seconds": 60, "action_info": {"scene": {"scene_str": "a"}}},
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "a" * 65}}},
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_id": 7}}},
    ],
    ids=["without end", "too long", "an end for good", "a long scene", "a number"],
)
def test_a_faulty_code_is_held_against_the_bot(ask: Asked, stand_in: WeChatStandIn, given: dict[str, Any]) -> None:
    assert ask("qrcode/create", **given)["errcode"] != 0
    assert len(stand_in.violations) == 1


def button(name: str = "提建议", **more: Any) -> dict[str, Any]:
    return {"type": "click", "name": name, "key": "提建议", **more}


def test_a_menu_is_set(ask: Asked, stand_in: WeChatStandIn) -> None:
    buttons = [button(), {"name": "更多", "sub_button": [button("我的建议" * 5), button()]}]
    assert ask("menu/create", button=buttons) == OK
    assert stand_in.account.menu == buttons
    assert stand_in.violations == []


@pytest.mark.parametrize(
    "buttons",
    [
        [],
        [button()] * 4,
        [button("六个汉字太长")],
        [button(url="https://example.org")],
        [button(type="scancode_push")],
        [button(key="键" * 43)],
        [{"name": "更多", "sub_button": [button()] * 6}],
        [{"name": "更多", "sub_button": [{"name": "更多", "sub_button": [button()]}]}],
    ],
)
def test_a_faulty_menu_is_held_against_the_bot(ask: Asked, stand_in: WeChatStandIn, buttons: list[Any]) -> None:
    assert ask("menu/create", button=buttons)["errcode"] != 0
    assert len(stand_in.violations) == 1


# --- misfortune


def test_misfortune_comes_as_asked(client: httpx.Client, ask: Asked, stand_in: WeChatStandIn) -> None:
    stand_in.faults.add(errcode(-1), method=SEND)
    assert ask(SEND, **TEXT)["errcode"] == -1
    stand_in.faults.add(internal_error(), method=SEND)
    assert client.post(SEND, params={"access_token": "any"}, json=TEXT).status_code == 500
    assert ask(SEND, **TEXT)["errcode"] == 40003, "once each"
    assert [call.code for call in stand_in.calls(SEND)] == [40003]
