"""The whole program on WeChat where the account may push, to whom a window is open."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from storage.tables import proposals
from tests.bot.program_stage import Township
from tests.bot.wechat_account import BODY, Account, account_of
from tests.bot_api.faults import holds_before
from tests.wechat_api import Exchange, Resident, errcode, internal_error

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


LETTERS = [letter * 600 for letter in "甲乙丙丁戊己"]  # no two of them fit into one message


def read(resident: Resident) -> list[str]:
    """Those of the letters that were pushed, in order."""
    return [text for text in resident.texts if text in LETTERS]


def words(resident: Resident, since: int) -> list[str]:
    """All that was pushed to them since so many messages, in order, however it was put together."""
    return "\n\n".join(resident.texts[since:]).split("\n\n")


async def offered(resident: Resident, label: str) -> str:
    """The choice with these words, once it is in the last menu."""
    screen = await resident.waits_for(after=len(resident.screens) - 1)
    while not any(label in content for _, content in screen.choices):
        screen = await resident.waits_for(after=resident.screens.index(screen) + 1)
    return next(content for _, content in screen.choices if label in content)


async def met(account: Account) -> Resident:
    """A resident who follows the account and has just written."""
    resident = account.resident()
    await resident.follows()
    await resident.says("帮助")
    await account.program.sender.quiet()
    return resident


async def away(account: Account) -> Resident:
    """A follower to whom no window is open any more."""
    resident = account.resident()
    await resident.follows()
    await account.program.sender.quiet()
    account.clock.advance(minutes=2)
    return resident


@pytest.mark.parametrize("by_tap", [False, True], ids=["typed", "tapped"])
@sqlite_only
async def test_a_number_typed_means_what_its_choice_means_tapped(
    by_tap: bool, township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = account.resident()
        await resident.follows()
        before = account.count(proposals)
        await resident.says("提建议")
        await resident.waits_for("您想提什么建议")
        await resident.says(BODY)
        for label in ("没有照片", "云溪镇人大", "提交"):
            choice = await offered(resident, label)
            assert (await (resident.taps(choice) if by_tap else resident.says(choice.partition(" ")[0]))).is_taken
        await resident.waits_for("建议已收到")
        assert account.count(proposals) == before + 1


_OPENING: dict[str, tuple[Callable[[Resident], Awaitable[Exchange]], int]] = {
    "a message": (lambda resident: resident.says("帮助"), 5),
    "a tap in the menu": (lambda resident: resident.clicks("帮助"), 3),
    "a scan": (lambda resident: resident.scans("c-1"), 3),
    "a follow": (lambda resident: resident.follows(), 3),
}


@pytest.mark.parametrize(("opens", "room"), _OPENING.values(), ids=_OPENING)
@sqlite_only
async def test_a_window_takes_what_it_has_room_for_and_the_next_one_the_rest(
    opens: Callable[[Resident], Awaitable[Exchange]], room: int, township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await away(account)
        before = len(resident.screens)
        numbers = account.waits(*LETTERS)
        await account.program.sender.quiet()
        assert len(resident.screens) == before
        assert (await opens(resident)).screen is None
        await account.program.sender.quiet()
        assert read(resident) == LETTERS[:room]
        assert resident.room() == 0
        await resident.says("谢谢")
        await account.program.sender.quiet()
        assert read(resident) == LETTERS
        assert account.states(numbers) == ["sent"] * len(LETTERS)
        # Nothing was tried for which there was no room.
        assert {call.code for call in account.platform.calls("message/custom/send")} == {0}


@pytest.mark.parametrize(("opens", "room"), _OPENING.values(), ids=_OPENING)
@sqlite_only
async def test_of_many_that_wait_all_come_in_order_in_as_few_messages_as_they_fit_into(
    opens: Callable[[Resident], Awaitable[Exchange]], room: int, township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await away(account)
        before = len(resident.screens)
        prompts = [f"督{number} 本月的视察记录还没有写" for number in range(1, 5)]
        news = [f"第{number}次公告：候选项目预阅" for number in range(1, 21)]
        numbers = account.waits(*prompts, priority=1, choices=[["note", "写视察记录"]])
        numbers += account.waits(*news, priority=2)
        await account.program.sender.quiet()
        assert len(resident.screens) == before
        await opens(resident)
        await account.program.sender.quiet()
        said = words(resident, before)
        written = [*(f"{prompt}\n写视察记录" for prompt in prompts), *news]
        assert [one for one in said if one in written] == written
        assert 0 < len(resident.screens) - before < room
        assert account.states(numbers) == ["sent"] * len(numbers)
        assert {call.code for call in account.platform.calls("message/custom/send")} == {0}


@sqlite_only
async def test_as_many_as_there_is_room_for_come_each_by_itself(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await away(account)
        account.waits("甲", "乙", "丙", "丁")
        await account.program.sender.quiet()
        await resident.says("菜单")
        await account.program.sender.quiet()
        assert resident.texts[-5:-1] == ["甲", "乙", "丙", "丁"]


async def test_what_is_just_being_pushed_is_not_answered_too(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await met(account)
        pushing = account.platform.faults.add(holds_before(), method="message/custom/send")
        numbers = account.waits("甲")
        await asyncio.to_thread(pushing.wait_until_hit)
        before = len(resident.screens)
        assert (await resident.says("谢谢")).text == ""
        pushing.release()
        await account.program.sender.quiet()
        assert [text[:3] for text in resident.texts[before:]] == ["甲", "不客气"]
        assert account.states(numbers) == ["sent"]


@sqlite_only
async def test_of_many_that_are_put_together_only_the_one_that_wechat_refuses_fails(
    township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await away(account)
        numbers = account.waits("一", "二", "三", "坏话", "五", "六", "七", "八", choices=[["a", "1 满意"]])
        account.platform.faults.add(errcode(45168), times=None, when=lambda given: "坏话" in str(given))
        for _ in range(3):
            await resident.says("帮助")
            await account.program.sender.quiet()
        assert account.states(numbers) == ["sent"] * 3 + ["failed"] + ["sent"] * 4


@pytest.mark.parametrize("size", [2046, 2047, 2048, 2049])
@sqlite_only
async def test_a_response_is_whole_to_its_last_byte(size: int, township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await met(account)
        thanks = (await resident.says("谢谢")).text
        account.clock.advance(hours=49)
        text = "路" * 400
        text += "x" * (size - len(f"{text}\n\n{thanks}".encode()))
        account.waits(text)
        await account.program.sender.quiet()
        before = len(resident.screens)
        await resident.says("谢谢")
        await account.program.sender.quiet()
        assert "\n\n".join(resident.texts[before:]) == f"{text}\n\n{thanks}"
        assert len(resident.screens) - before == (1 if size <= 2048 else 2)


@pytest.mark.parametrize("active", [True, False], ids=["pushes", "only answers"])
@pytest.mark.parametrize("key", ["帮助 ", "帮助\u202e", "帮助" * 80])
@sqlite_only
async def test_an_event_is_answered_whatever_its_key(
    active: bool, key: str, township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path, active=active) as account:
        resident = await met(account)
        exchange = await resident.clicks(key)
        assert exchange.statuses == (200,)
        await account.program.sender.quiet()
        assert resident.screens


@sqlite_only
async def test_words_alone_travel_in_the_response_and_cost_nothing(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await met(account)
        calls = len(account.platform.calls())
        account.clock.advance(hours=49)
        numbers = account.waits("甲", "乙")
        await account.program.sender.quiet()
        exchange = await resident.says("提建议")
        assert exchange.text.split("\n\n")[:2] == ["甲", "乙"]
        assert "您想提什么建议" in exchange.text
        assert (await resident.repeats()).text == exchange.text
        await account.program.sender.quiet()
        assert account.states(numbers) == ["sent"] * 2
        assert (len(account.platform.calls()), resident.room()) == (calls, 5)


@sqlite_only
async def test_while_wechats_api_is_away_words_alone_still_come(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await met(account)
        account.platform.faults.add(internal_error(), times=None)
        numbers = account.waits("满意吗", choices=[["a", "1 满意"]])
        await account.program.sender.quiet()
        assert account.states(numbers) == ["waiting"]
        assert (await resident.says("提建议")).text == "", "which would overtake what waits for its next try"
        resident = account.resident("oResident0002")
        assert "您想提什么建议" in (await resident.says("提建议")).text


@sqlite_only
async def test_a_window_ends_with_its_time(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await met(account)
        account.clock.advance(hours=47)
        account.waits(LETTERS[0])
        await account.program.sender.quiet()
        assert read(resident) == LETTERS[:1]
        account.clock.advance(hours=2)
        account.waits(LETTERS[1])
        await account.program.sender.quiet()
        assert read(resident) == LETTERS[:1]
        await resident.clicks("帮助")
        await account.program.sender.quiet()
        assert read(resident) == LETTERS[:2]


@pytest.mark.parametrize("code", [45047, 45015, 43004])
@sqlite_only
async def test_what_wechat_refuses_waits_for_the_next_contact(code: int, township: Township, tmp_path: Path) -> None:
    """WeChat's count goes, whatever ours says: a message of ours got lost on its way back, an event on its way here."""
    async with account_of(township, tmp_path, active=True) as account:
        resident = account.resident()
        await resident.follows()
        account.clock.advance(minutes=2)
        await resident.says("帮助")
        await account.program.sender.quiet()
        follower = account.platform.account.followers[resident.openid]
        if code == 45047:
            for window in follower.windows.values():
                window.room = 0
        elif code == 45015:
            follower.windows.clear()
        else:
            follower.is_following = False
        numbers = account.waits(*LETTERS[:4])
        await account.program.sender.quiet()
        assert read(resident) == []
        refused = [call.code for call in account.platform.calls("message/custom/send") if call.code]
        assert refused == [code]
        account.clock.advance(seconds=5)
        await resident.follows()
        await account.program.sender.quiet()
        assert read(resident) == LETTERS[: 4 if code == 43004 else 3]  # who is gone may have windows, for all we know
        await resident.says("谢谢")
        await account.program.sender.quiet()
        assert read(resident) == LETTERS[:4]
        assert account.states(numbers) == ["sent"] * 4


@sqlite_only
async def test_who_leaves_gets_what_was_written_when_they_come_back(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await met(account)
        await resident.unfollows()
        calls = len(account.platform.calls("message/custom/send"))
        account.waits(LETTERS[0])
        await account.program.sender.quiet()
        assert (await resident.happens("VIEW", EventKey="http://example.org")).is_taken
        await account.program.sender.quiet()
        # Whoever wrote first is tried once: they may have come back unheard.
        assert [call.code for call in account.platform.calls("message/custom/send")][calls:] == [43004]
        account.waits(LETTERS[1])
        await resident.follows()
        await account.program.sender.quiet()
        assert read(resident) == LETTERS[:2]


@sqlite_only
async def test_what_merely_happens_opens_nothing(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await away(account)
        before = len(resident.screens)
        account.waits(LETTERS[0])
        for event in ("VIEW", "LOCATION", "subscribe_msg_sent_event"):
            assert (await resident.happens(event, EventKey="http://example.org")).statuses == (200,)
        await account.program.sender.quiet()
        assert len(resident.screens) == before


@sqlite_only
async def test_a_repeat_is_answered_with_nothing_and_pushes_nothing(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account:
        resident = await met(account)
        before = len(resident.screens)
        assert before > 0
        for _ in range(2):
            again = await resident.repeats()
            assert (again.statuses, again.screen) == ((200,), None)
        await account.program.sender.quiet()
        assert len(resident.screens) == before
