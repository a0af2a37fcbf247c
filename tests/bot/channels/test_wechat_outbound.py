"""What the bot says, and what WeChat makes of it: within somebody's window, in order, and counted."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Failure, NotSent, Outcome, Sent
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_outbound import WeChatSender
from bot.channels.wechat_response import TEXT_LIMIT, fitting
from handlers.messages import Choice, File, Outbound
from handlers.texts.announcements import reply_hint
from storage.waiting import Carried
from tests.bot.channels.wechat_api_stage import SEND, api, api_of, clock, resident, wechat
from tests.bot_api.faults import Effect, bad_gateway, drops_after, garbles
from tests.bot_api.files import small_photo
from tests.set_clock import SetClock
from tests.wechat_api import Resident, WeChatStandIn, errcode

__all__ = ["api", "clock", "resident", "wechat"]

YES, NO = Choice("a.0", "1 满意"), Choice("a.1", "2 不满意")


@pytest.fixture
async def person(resident: Resident) -> Resident:
    """Somebody who has just written."""
    await resident.says("您好")
    return resident


def link(message_id: int) -> str:
    return f"https://minsheng.test/wechat/files/{message_id}/proof"


async def send(
    api: WeChatApi,
    text: str = "好",
    *choices: Choice,
    file: File | None = None,
    room: int = 5,
    address: str = "oResident0001",
    following: Sequence[Carried] = (),
) -> Outcome:
    now = SetClock()
    sender = WeChatSender(api, now, link)
    whole = Outbound("wechat", address, "k", text, choices, file, 7, room=room, following=tuple(following))
    return await sender.send(whole)


def stored(folder: Path, content: bytes, name: str, media_type: str) -> File:
    path = folder / "stored"
    path.write_bytes(content)
    return File(str(path), name, media_type)


# --- texts


async def test_a_text_is_one_message(api: WeChatApi, person: Resident) -> None:
    assert await send(api, "路灯修好了") == Sent(used=1)
    assert person.texts == ["路灯修好了"]


async def test_a_long_text_is_cut_by_its_bytes_at_sentences_in_order(api: WeChatApi, person: Resident) -> None:
    text = "".join(f"第{number}件事情已经办好了。" for number in range(150))
    assert await send(api, text) == Sent(used=3)
    assert "".join(person.texts) == text
    assert all(len(one.encode()) <= TEXT_LIMIT and one.endswith("。") for one in person.texts)


@given(st.text(min_size=1, max_size=3000))
def test_no_part_is_too_long_and_nothing_is_lost(text: str) -> None:
    said: list[str] = []

    class Api:
        async def send_text(self, _: str, part: str) -> None:
            assert len(part.encode()) <= TEXT_LIMIT
            said.append(part)

    sender = WeChatSender(Api(), SetClock(), link)  # type: ignore[arg-type]  # all that is called
    outcome = asyncio.run(sender.send(Outbound("wechat", "o", "k", text, room=5)))
    assert outcome == Sent(used=len(said))
    assert "".join("".join(said).split()) == "".join(text.split())


async def test_what_is_too_long_for_wechat_after_all_goes_in_halves(
    api: WeChatApi, wechat: WeChatStandIn, person: Resident
) -> None:
    def too_long(given: dict[str, object]) -> bool:
        return len(str(given["text"])) > len(str({"content": "件" * 25}))

    wechat.faults.add(errcode(45002), method=SEND, when=too_long, times=None)
    text = "".join(f"第{number}件已经办好了。" for number in range(8))
    outcome = await send(api, text)
    assert "".join(person.texts) == text
    assert outcome == Sent(used=len(person.texts))
    assert len(person.texts) == 4


async def test_a_text_that_is_too_long_however_short_is_refused(
    api: WeChatApi, wechat: WeChatStandIn, person: Resident
) -> None:
    fault = wechat.faults.add(errcode(45002), method=SEND, times=None)
    assert await send(api, "民声民声") == NotSent(Failure.REFUSED, "45002")
    assert fault.hits == 3
    assert person.screens == []


# --- choices


async def test_choices_are_a_menu_that_can_be_tapped(api: WeChatApi, person: Resident) -> None:
    assert await send(api, "满意吗？", YES, NO) == Sent(used=1)
    assert [(screen.kind, screen.text) for screen in person.screens] == [("msgmenu", "满意吗？")]
    said = (await person.taps(2)).said
    assert isinstance(said, dict)
    assert said["bizmsgmenuid"] == "a.1"


async def test_choices_stand_below_the_last_part(api: WeChatApi, person: Resident) -> None:
    text = "".join(f"第{number}件事情已经办好了。" for number in range(80))
    assert await send(api, text, YES, NO) == Sent(used=2)
    assert [screen.kind for screen in person.screens] == ["text", "msgmenu"]
    assert "".join(person.texts) == text


async def test_choices_that_do_not_fit_are_lines(api: WeChatApi, person: Resident) -> None:
    labels = [f"{number} {'很长的选项' * 8}" for number in range(1, 21)]
    choices = [Choice(f"a.{number}", label) for number, label in enumerate(labels)]
    outcome = await send(api, "选哪一个？", *choices)
    assert outcome == Sent(used=len(person.screens))
    assert {screen.kind for screen in person.screens} == {"text"}
    assert "\n".join(person.texts).split("\n") == ["选哪一个？", *labels]


async def test_choices_are_lines_where_the_account_has_no_menus(
    api: WeChatApi, wechat: WeChatStandIn, person: Resident
) -> None:
    wechat.faults.add(errcode(40200), method=SEND, when=lambda given: given["msgtype"] == "msgmenu", times=None)
    assert await send(api, "满意吗？", YES, NO) == Sent(used=1)
    assert person.texts == ["满意吗？\n1 满意\n2 不满意"]


# --- what waits behind it


def behind(*texts: str, choices: Sequence[Choice] = (), file: str = "") -> list[Carried]:
    """From number 8 on; the last with these choices and this file."""
    buttons = [[choice.value, choice.label] for choice in choices]
    *before, last = texts
    waiting = [Carried(number, text, None, "") for number, text in enumerate(before, 8)]
    return [*waiting, Carried(8 + len(before), last, buttons or None, file)]


async def test_what_waits_behind_it_goes_along(api: WeChatApi, person: Resident) -> None:
    assert await send(api, "甲", following=behind("乙", "", "丙")) == Sent(used=1, along=(8, 9, 10))
    assert person.texts == ["甲\n\n乙\n\n丙"]


async def test_the_choices_of_the_last_can_be_tapped_those_before_are_lines(api: WeChatApi, person: Resident) -> None:
    outcome = await send(
        api, "督1 写吗？", Choice("p.0", "督1 现在写"), following=behind("满意吗？", choices=(YES, NO))
    )
    assert outcome == Sent(used=1, along=(8,))
    (screen,) = person.screens
    assert (screen.kind, screen.text) == ("msgmenu", "督1 写吗？\n督1 现在写\n\n满意吗？")
    assert screen.choices == (("a.0", "1 满意"), ("a.1", "2 不满意"))


async def test_below_an_announcement_stands_what_to_type_for_it(api: WeChatApi, person: Resident) -> None:
    buttons = [Choice("a12.read", "看全文"), Choice("a12.go", "我要提建议")]
    in_english = [Carried(8, "News", [["a13.read", "Read it all"]], ""), *behind("乙")]
    assert await send(api, "甲", *buttons, following=in_english) == Sent(used=1, along=(8, 8))
    (text,) = person.texts
    assert text == f"甲\n{reply_hint(12).zh}\n\nNews\n{reply_hint(13).en}\n\n乙"


async def test_files_are_links_then(api: WeChatApi, person: Resident, tmp_path: Path) -> None:
    picture = stored(tmp_path, small_photo(), "路.jpg", "image/jpeg")
    outcome = await send(api, "甲", file=picture, following=behind("乙", file="台账.xlsx"))
    assert outcome == Sent(used=1, along=(8,))
    (text,) = person.texts
    assert [line for line in text.splitlines() if "http" in line] == [f"路.jpg：{link(7)}", f"台账.xlsx：{link(8)}"]


async def test_what_is_too_long_to_take_anything_along_goes_as_ever(
    api: WeChatApi, person: Resident, tmp_path: Path
) -> None:
    picture = stored(tmp_path, small_photo(), "路.jpg", "image/jpeg")
    outcome = await send(api, "村" * 600, YES, NO, file=picture, following=behind("乙" * 200))
    assert outcome == Sent(used=2)
    assert [screen.kind for screen in person.screens] == ["image", "msgmenu"]


@given(st.lists(st.text("村口路灯😀a\n", min_size=1, max_size=300), min_size=2, max_size=12))
def test_as_many_go_along_as_fit(texts: list[str]) -> None:
    first, *following = (Carried(number, text, None, "") for number, text in enumerate(texts))
    taken = fitting([first, *following], link, TEXT_LIMIT)
    assert len("\n\n".join(texts[:taken]).encode()) <= TEXT_LIMIT or taken == 1
    assert len("\n\n".join(texts[: taken + 1]).encode()) > TEXT_LIMIT or taken == len(texts)


async def test_of_those_that_were_not_sent_nothing_is_said(api: WeChatApi, person: Resident) -> None:
    await person.unfollows()
    assert await send(api, "甲", following=behind("乙")) == NotSent(Failure.UNREACHABLE, "43004")


# --- windows


async def test_without_a_window_wechat_is_not_asked(api: WeChatApi, wechat: WeChatStandIn) -> None:
    assert await send(api, room=0) == NotSent(Failure.WINDOW_CLOSED, "no window")
    assert wechat.calls() == []


async def test_what_does_not_fit_into_a_window_waits_whole_for_a_wider_one(
    api: WeChatApi, wechat: WeChatStandIn, person: Resident
) -> None:
    text = "".join(f"第{number}件事情已经办好了。" for number in range(150))
    for room in (1, 2):
        assert await send(api, text, room=room) == NotSent(Failure.WINDOW_CLOSED, "no room")
    assert wechat.calls() == []
    assert await send(api, text, room=3) == Sent(used=3)
    assert "".join(person.texts) == text


async def test_a_window_that_wechat_sees_closed_is_closed(
    api: WeChatApi, wechat: WeChatStandIn, person: Resident
) -> None:
    outcomes = [await send(api, str(number)) for number in range(6)]
    assert outcomes == [Sent(used=1)] * 5 + [NotSent(Failure.WINDOW_CLOSED, "45047")]
    person.screens.clear()
    await person.unfollows()
    assert await send(api) == NotSent(Failure.UNREACHABLE, "43004")
    assert await send(api, address="oNobody") == NotSent(Failure.UNREACHABLE, "40003")
    wechat.resident("oQuiet000001")
    assert await send(api, address="oQuiet000001") == NotSent(Failure.WINDOW_CLOSED, "45015")


# --- faults


async def test_what_was_sent_before_counts_as_sent_and_the_rest_follows(
    api: WeChatApi, wechat: WeChatStandIn, person: Resident, tmp_path: Path
) -> None:
    wechat.faults.add(errcode(45065), method=SEND)
    file = stored(tmp_path, small_photo(), "路灯.jpg", "image/jpeg")
    assert await send(api, "现场", file=file) == Sent(used=2)
    assert person.texts == ["现场"]


@pytest.mark.parametrize(
    ("effect", "outcome"),
    [
        (errcode(-1), NotSent(Failure.RETRY, "-1")),
        (errcode(50002), NotSent(Failure.MISCONFIGURED, "50002")),
        (errcode(40001), NotSent(Failure.MISCONFIGURED, "40001")),
        (errcode(77777), NotSent(Failure.MISCONFIGURED, "77777")),
        (bad_gateway(), NotSent(Failure.RETRY, "status 502")),
        (garbles(), NotSent(Failure.RETRY, "garbled answer")),
        (drops_after(), NotSent(Failure.RETRY, "RemoteProtocolError")),
    ],
    ids=str,
)
async def test_a_fault_has_its_kind(
    api: WeChatApi, wechat: WeChatStandIn, person: Resident, effect: Effect, outcome: NotSent
) -> None:
    wechat.faults.add(effect, method=SEND, times=2)
    assert await send(api) == outcome
    wechat.faults.clear()
    assert await send(api, "后来") == Sent(used=1)
    assert person.texts[-1] == "后来"


async def test_a_quota_that_is_used_up_is_waited_for(api: WeChatApi, wechat: WeChatStandIn, person: Resident) -> None:
    wechat.account.per_day[SEND] = 1
    assert await send(api) == Sent(used=1)
    outcome = await send(api)
    assert isinstance(outcome, NotSent)
    assert (outcome.failure, outcome.detail, outcome.retry_at is not None) == (Failure.PAUSED, "45009", True)
    assert len(person.screens) == 1


async def test_without_a_token_it_is_the_accounts_fault(wechat: WeChatStandIn, person: Resident) -> None:
    wechat.account.is_listed = False
    api = api_of(wechat)
    assert [await send(api) for _ in range(3)] == [NotSent(Failure.MISCONFIGURED, "40164")] * 3
    await api.close()
    assert len(wechat.calls("stable_token")) == 1
    assert person.screens == []


async def test_a_platform_that_is_away_is_tried_again(api: WeChatApi, wechat: WeChatStandIn) -> None:
    wechat.stop()
    outcome = await send(api)
    wechat.start()
    assert outcome == NotSent(Failure.RETRY, "ConnectError")


@pytest.mark.parametrize(("text", "label"), [("路灯\ud83d坏了", "1 好"), ("路灯", "1 \ude00")], ids=ascii)
async def test_half_an_emoji_is_refused(api: WeChatApi, wechat: WeChatStandIn, text: str, label: str) -> None:
    assert await send(api, text, Choice("a.0", label)) == NotSent(Failure.REFUSED, "UnicodeEncodeError")
    assert wechat.calls() == []
