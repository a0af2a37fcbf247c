"""What WeChat makes of files that the bot sends: pictures are pictures, all else is a link."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.channels.base import Failure, NotSent, Outcome, Sent
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_outbound import WeChatSender
from bot.channels.wechat_pictures import SIZE_LIMIT, Pictures
from handlers.messages import File, Outbound
from tests.bot.channels.test_wechat_outbound import YES, link, person, send, stored
from tests.bot.channels.wechat_api_stage import SEND, api, clock, resident, wechat
from tests.bot_api.files import small_photo
from tests.set_clock import SetClock
from tests.wechat_api import Resident, WeChatStandIn, errcode

__all__ = ["api", "clock", "person", "resident", "wechat"]


@pytest.mark.parametrize("room", [2, 5])
async def test_a_picture_comes_before_its_words(api: WeChatApi, person: Resident, tmp_path: Path, room: int) -> None:
    file = stored(tmp_path, small_photo(), "路灯.jpg", "image/jpeg")
    assert await send(api, "现场", YES, file=file, room=room) == Sent(used=2)
    assert [screen.kind for screen in person.screens] == ["image", "msgmenu"]
    assert person.screens[0].picture == small_photo()


async def test_a_picture_alone_is_one_message(api: WeChatApi, person: Resident, tmp_path: Path) -> None:
    file = stored(tmp_path, small_photo(), "路灯.jpg", "image/jpeg")
    assert await send(api, "", file=file, room=1) == Sent(used=1)
    assert [screen.kind for screen in person.screens] == ["image"]


LINKED: dict[str, Callable[[Path], File]] = {
    "another file": lambda at: stored(at, b"PK", "台账.xlsx", "application/zip"),
    "a picture of another kind": lambda at: stored(at, b"BM", "台账.xlsx", "image/bmp"),
    "one that is none": lambda at: stored(at, b"no picture", "台账.xlsx", "image/jpeg"),
    "a large one": lambda at: stored(at, b"\x89PNG" + bytes(SIZE_LIMIT), "台账.xlsx", "image/png"),
}


@pytest.mark.parametrize("make", LINKED.values(), ids=LINKED)
async def test_any_other_file_is_a_link(
    api: WeChatApi, person: Resident, tmp_path: Path, make: Callable[[Path], File]
) -> None:
    assert await send(api, "本月台账", file=make(tmp_path)) == Sent(used=1)
    assert person.texts == [f"本月台账\n台账.xlsx：{link(7)}"]


async def test_a_picture_is_a_link_where_there_is_room_for_one_message(
    api: WeChatApi, person: Resident, tmp_path: Path
) -> None:
    file = stored(tmp_path, small_photo(), "路灯.jpg", "image/jpeg")
    assert await send(api, "现场", YES, file=file, room=1) == Sent(used=1)
    assert [(screen.kind, screen.text) for screen in person.screens] == [("msgmenu", f"现场\n路灯.jpg：{link(7)}")]


async def test_a_file_that_is_gone_is_refused_and_a_folder_is_tried_again(
    api: WeChatApi, person: Resident, tmp_path: Path
) -> None:
    gone = File(str(tmp_path / "gone"), "a.jpg", "image/jpeg")
    assert await send(api, file=gone) == NotSent(Failure.REFUSED, "file missing")
    folder = File(str(tmp_path), "a.jpg", "image/jpeg")
    assert await send(api, file=folder) == NotSent(Failure.RETRY, "IsADirectoryError")
    assert person.screens == []


@pytest.mark.parametrize("content", [small_photo(), b"no picture"], ids=["a picture", "none"])
async def test_many_get_a_picture_by_one_upload(
    api: WeChatApi, wechat: WeChatStandIn, clock: SetClock, tmp_path: Path, content: bytes
) -> None:
    sender = WeChatSender(api, clock, link)
    file = stored(tmp_path, content, "路灯.jpg", "image/jpeg")
    people = [wechat.resident(f"oResident{number:04}") for number in range(20)]

    async def sent() -> list[Outcome]:
        for one in people:
            await one.says("您好")
        messages = [Outbound("wechat", one.openid, "k", "现场", file=file, message_id=7, room=5) for one in people]
        return await asyncio.gather(*map(sender.send, messages))

    used = 2 if content == small_photo() else 1
    assert await sent() == [Sent(used=used)] * 20
    assert len(wechat.calls("media/upload")) == 1
    clock.advance(days=2)
    assert await sent() == [Sent(used=used)] * 20
    assert len(wechat.calls("media/upload")) == 2


async def test_a_picture_that_wechat_has_lost_is_uploaded_again(
    api: WeChatApi, wechat: WeChatStandIn, person: Resident, clock: SetClock, tmp_path: Path
) -> None:
    sender = WeChatSender(api, clock, link)
    file = stored(tmp_path, small_photo(), "路灯.jpg", "image/jpeg")
    message = Outbound("wechat", person.openid, "k", "", file=file, room=5)
    assert await sender.send(message) == Sent(used=1)
    wechat.account.media.clear()
    assert await sender.send(message) == Sent(used=1)
    assert [screen.kind for screen in person.screens] == ["image", "image"]
    wechat.faults.add(errcode(40007), method=SEND, times=None)
    assert await sender.send(message) == NotSent(Failure.REFUSED, "40007")


async def test_no_more_pictures_are_remembered_than_a_few(
    api: WeChatApi, wechat: WeChatStandIn, tmp_path: Path
) -> None:
    pictures = Pictures(api, wechat.clock)
    for number in range(300):
        path = tmp_path / str(number)
        path.write_bytes(small_photo())
        await pictures.media_id(File(str(path), "路灯.jpg", "image/jpeg"))
    assert len(pictures._uploaded) == 256
