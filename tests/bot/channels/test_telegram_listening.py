"""What comes in while the channel runs before the stand-in of the Bot API, whatever stands in its way."""

import asyncio
import json
from typing import Any

import pytest
import structlog

from bot.channels.telegram_settings import TelegramSettings
from handlers.messages import Kind
from tests.bot.channels.contract import Inbox
from tests.bot.channels.telegram_stage import RESIDENT, running
from tests.bot_api import BotApiStandIn, Person, faults


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
