"""Telegram refuses everything for an hour of virtual time while mail gathers, and then it floods out.

Two replicas of the way out, each with a channel of its own, send over real sockets to the stand-in, whose clock is
theirs; it enforces the platform's limits.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import count
from typing import cast

from bot.channels.base import Outcome
from bot.channels.telegram import Telegram
from bot.channels.telegram_drivers import driver_for
from bot.channels.telegram_settings import TelegramDriver, TelegramSettings
from bot.sender import Sender
from handlers.messages import Outbound
from tests.bot.mailing import Mail, Puppet
from tests.bot_api import TOKEN, BotApiStandIn
from tests.bot_api.faults import bad_gateway, drops_before, internal_error, too_many_requests
from tests.bot_api.send_log import Limits
from tests.virtual_time import VirtualClock, VirtualLoop

REFUSES_FOR = 3600.0  # seconds
_FIRST_CHAT = 90_001
_CHATS = 60  # at most; each has six messages and more
_REPLICAS = 2


class OverSockets(Puppet):
    """Sends through Telegram's channel. No virtual time passes while the network is at work."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__(limits=telegram.limits)
        self._telegram = telegram

    async def send(self, message: Outbound) -> Outcome:
        loop = cast(VirtualLoop, asyncio.get_running_loop())
        loop.threads += 1
        try:
            return await self._telegram.send(message)
        finally:
            loop.threads -= 1

    async def close(self) -> None:
        await self._telegram.close()


async def refuse_and_flood(mail: Mail, messages: int) -> list[str]:
    """Send so many messages through such an hour; whatever is wrong in the end."""
    loop = asyncio.get_running_loop()
    clock = VirtualClock()
    chats = range(_FIRST_CHAT, _FIRST_CHAT + max(1, min(_CHATS, messages // 6)))
    async with AsyncExitStack() as building:
        stand_in = BotApiStandIn(clock=clock, monotonic=loop.time, limits=Limits())
        await asyncio.to_thread(stand_in.start)
        building.push_async_callback(asyncio.to_thread, stand_in.stop)
        people = {chat: stand_in.person(chat) for chat in chats}
        senders = []
        for _ in range(_REPLICAS):
            channel = _over_sockets(stand_in, clock)
            building.push_async_callback(channel.close)
            senders.append(await building.enter_async_context(mail.replica(channel)))
        refusing = asyncio.create_task(_refuse(stand_in))
        expected = await _gather(mail, messages, chats, clock, senders)
        await refusing
        while any(state != "sent" for state in mail.states().values()):  # noqa: ASYNC110  # only the outbox could tell
            await asyncio.sleep(10)
        heard = {chat: [message.text for message in person.inbox] for chat, person in people.items()}
        return [f"{chat}: {heard[chat]}" for chat in chats if heard[chat] != expected[chat]] + list(_excesses(stand_in))


async def _gather(
    mail: Mail, messages: int, chats: Sequence[int], clock: VirtualClock, senders: Sequence[Sender]
) -> dict[int, list[str]]:
    """Post mail for one chat after the other, evenly over the hour; gives what each chat is to get."""
    expected: dict[int, list[str]] = {chat: [] for chat in chats}
    for number in range(messages):
        chat = chats[number % len(chats)]
        expected[chat].append(f"第{number}条")
        senders[number % len(senders)].wake(mail.post(str(chat), expected[chat][-1], at=clock()))
        await asyncio.sleep(REFUSES_FOR / messages)
    return expected


def _over_sockets(stand_in: BotApiStandIn, clock: VirtualClock) -> OverSockets:
    settings = TelegramSettings(TOKEN, TelegramDriver.PTB, stand_in.base_url)
    return OverSockets(Telegram(settings, driver_for(settings), clock=clock))


async def _refuse(stand_in: BotApiStandIn) -> None:
    """Turn and turn about: pauses, faults, a gateway without anything behind it, lines that break."""
    loop = asyncio.get_running_loop()
    effects = (too_many_requests(35), internal_error(), bad_gateway(), drops_before())
    for at in count():
        if loop.time() >= REFUSES_FOR:
            return
        stand_in.faults.add(effects[at % len(effects)], method="sendMessage", times=None)
        await asyncio.sleep(REFUSES_FOR / 24)
        stand_in.faults.clear()


def _excesses(stand_in: BotApiStandIn) -> Iterator[str]:
    limits = Limits()
    if (most := stand_in.sends_in_any_window(1.0)) > limits.overall_per_second:
        yield f"{most} sends in a second"
    if (most := stand_in.most_sends_to_one_chat(1.0)) > 1:
        yield f"{most} sends to one chat in a second"
    calls = stand_in.calls("sendMessage")
    if accepted := sum(call.code == 200 and call.at < REFUSES_FOR for call in calls):
        yield f"{accepted} sends got through the hour"
    if refused := sum(call.code == 429 and call.at > REFUSES_FOR for call in calls):
        yield f"{refused} sends were refused after the hour, for there were too many"
    yield from stand_in.violations
