"""The one way out: what waits in the outbox is claimed chat by chat, sent at its channel's pace, and settled.

Woken by commits, by due moments, and now and then by a look for what another replica left behind.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

import structlog

from bot.channels.base import Channel, Failure, NotSent, Outcome, Sent
from bot.writer import Writer
from handlers.messages import Choice, File, Outbound
from storage.audit import Actor, Audit
from storage.database import Clock, Unit
from storage.outbox import ROWS_A_CLAIM, Claimed, Outbox, Settled
from storage.people import People

LEASE = timedelta(seconds=30)
LOOK_EVERY = 15.0  # seconds between looks for what no wake told of
CHATS_A_CLAIM = 32
CHATS_AT_ONCE = 128  # of one channel; fewer where it is slow, so that no reply waits behind what is in hand
PAUSE_WHEN_MISCONFIGURED = timedelta(minutes=1)
SLACK = 1.02  # a platform's clock and ours do not tick alike: stay 2 % under its limit

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What `on_sent` hears of each attempt: channel, outcome ("sent" or a kind of failure), seconds since due."""

    channel: str
    outcome: str
    seconds: float


class Sender:
    """Sends what waits. `ready` gives the file of an attachment, making it first where needed."""

    def __init__(
        self,
        writer: Writer,
        channels: Mapping[str, Channel],
        *,
        clock: Clock,
        ready: Callable[[int], Awaitable[File | None]],
        on_sent: Callable[[Delivery], None],
    ) -> None:
        self._writer, self._channels, self._clock = writer, channels, clock
        self._ready, self._on_sent = ready, on_sent
        self._intervals = {name: SLACK / one.limits.per_second for name, one in channels.items()}
        self._free_at: dict[str, float] = dict.fromkeys(channels, 0.0)
        self._room = {name: max(4, min(CHATS_AT_ONCE, int(one.limits.per_second))) for name, one in channels.items()}
        self._woken: dict[int, str] = {}  # account id to channel, the first to be claimed first
        self._in_hand: dict[int, str] = {}
        self._again: set[int] = set()
        self._something = asyncio.Event()
        self._stopping = asyncio.Event()
        self._deliveries: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Let sends in work finish; what is not yet sent stays in the outbox."""
        self._stopping.set()
        self._something.set()
        if self._task:
            await self._task
        await asyncio.gather(*self._deliveries)

    def wake(self, mail: Iterable[tuple[str, int]]) -> None:
        """Something waits for these chats: (channel, account id)."""
        for channel, account_id in mail:
            if account_id in self._in_hand:
                self._again.add(account_id)
            elif channel in self._channels:
                self._woken[account_id] = channel
        self._something.set()

    async def arrived(self, channel: str, external_ids: Sequence[str]) -> None:
        """These people are there again: what was held for them goes out."""
        now = self._clock()
        revived = await self._writer.do(lambda unit: Outbox(unit, now).revive(channel, external_ids))
        self.wake(revived)

    # --- claiming

    async def _run(self) -> None:
        look_at = 0.0
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            if loop.time() >= look_at:
                await self._look()
                look_at = loop.time() + LOOK_EVERY
            self._something.clear()
            if accounts := self._claimable():
                await self._claim(accounts)
                continue
            try:
                async with asyncio.timeout_at(look_at):
                    await self._something.wait()
            except TimeoutError:
                pass

    async def _look(self) -> None:
        """Find what no wake told of: rows from before a restart, retries, other replicas' leftovers."""
        now = self._clock()
        names = list(self._channels)
        self.wake(await self._writer.do(lambda unit: Outbox(unit, now).due(names, CHATS_AT_ONCE)))
        for name, channel in self._channels.items():
            if present := channel.present():
                await self.arrived(name, list(present))

    def _claimable(self) -> list[int]:
        """Woken chats for which their channel has room."""
        room = self._room.copy()
        for channel in self._in_hand.values():
            room[channel] -= 1
        chosen: list[int] = []
        for account, channel in self._woken.items():
            if room[channel] > 0 and len(chosen) < CHATS_A_CLAIM:
                room[channel] -= 1
                chosen.append(account)
        return chosen

    async def _claim(self, accounts: Sequence[int]) -> None:
        for account in accounts:
            self._in_hand[account] = self._woken.pop(account)
        now = self._clock()
        rows = await self._writer.do(lambda unit: Outbox(unit, now).claim(accounts, LEASE, self._intervals))
        claimed = {account: list(group) for account, group in groupby(rows, attrgetter("account_id"))}
        for account in accounts:
            if account in claimed:
                task = asyncio.create_task(self._deliver(claimed[account]))
                self._deliveries.add(task)
                task.add_done_callback(self._deliveries.discard)
            else:
                self._let_go(account)

    def _let_go(self, account: int, again_in: float | None = None) -> None:
        """The chat is no longer in hand; look at it again at once when it was woken meanwhile, or after a while."""
        channel = self._in_hand.pop(account)
        if account in self._again:
            self._again.discard(account)
            self.wake([(channel, account)])
        elif again_in is not None:
            asyncio.get_running_loop().call_later(again_in, self.wake, [(channel, account)])
        self._something.set()

    # --- sending

    async def _deliver(self, rows: Sequence[Claimed]) -> None:
        """Send one chat's rows in order; the first that must wait keeps the others waiting behind it."""
        channel = self._channels[rows[0].channel]
        outcomes: list[tuple[Claimed, Outcome]] = []
        again_in = 0.0 if len(rows) == ROWS_A_CLAIM else None
        ends = self._clock() + LEASE * 0.6
        for position, row in enumerate(rows):
            wait = self._wait(row, channel, follows=bool(position))
            if self._stopping.is_set() or self._clock() + timedelta(seconds=wait) >= ends:
                again_in = wait
                break
            outcome = await self._send(row, channel, wait)
            outcomes.append((row, outcome))
            if isinstance(outcome, NotSent) and outcome.failure is not Failure.REFUSED:
                again_in = self._heed(outcome, row)
                break
        now = self._clock()
        lease = rows[0].account_id, rows[0].token
        await self._writer.do(lambda unit: self._settle(unit, now, outcomes, lease))
        self._let_go(rows[0].account_id, again_in)

    def _wait(self, row: Claimed, channel: Channel, *, follows: bool) -> float:
        """Seconds until a row may leave: its moment in the channel's pace, here and for all replicas."""
        free = self._free_at[channel.name] - asyncio.get_running_loop().time()
        own = channel.limits.chat_interval if follows else 0.0
        return max((row.at - self._clock()).total_seconds(), free, own, 0.0)

    def _heed(self, outcome: NotSent, row: Claimed) -> float | None:
        """Keep this process from sending through a pause; gives when to look at the chat again, in seconds."""
        if outcome.failure in (Failure.WINDOW_CLOSED, Failure.ABSENT, Failure.UNREACHABLE):
            return None
        seconds = (_due(row, outcome, self._clock()) - self._clock()).total_seconds()
        if outcome.failure in (Failure.PAUSED, Failure.MISCONFIGURED):
            self._free_at[row.channel] = asyncio.get_running_loop().time() + seconds
        return max(seconds, 0.0)

    async def _send(self, row: Claimed, channel: Channel, wait: float) -> Outcome:
        self._free_at[channel.name] = asyncio.get_running_loop().time() + wait + self._intervals[channel.name]
        if wait:
            await self._pause(wait)
        file = None
        if row.attachment_id is not None:
            try:
                file = await self._ready(row.attachment_id)
            except Exception as error:
                log.warning("file_not_ready", kind=type(error).__name__, attachment=row.attachment_id)
                return NotSent(Failure.RETRY, "file")
        choices = tuple(Choice(value, label) for value, label in row.choices or ())
        outcome = await channel.send(
            Outbound(row.channel, row.address, f"o{row.id}", row.text, choices, file, row.message_id)
        )
        name = "sent" if isinstance(outcome, Sent) else outcome.failure.value
        self._on_sent(Delivery(row.channel, name, (self._clock() - row.at).total_seconds()))
        return outcome

    async def _pause(self, seconds: float) -> None:
        """Wait, but not when the program stops."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass

    # --- settling

    def _settle(
        self, unit: Unit, now: datetime, outcomes: Sequence[tuple[Claimed, Outcome]], lease: tuple[int, str]
    ) -> None:
        outbox = Outbox(unit, now)
        settled = [self._settled(row, outcome, now) for row, outcome in outcomes]
        outbox.settle(settled)
        for row, outcome in outcomes:
            if isinstance(outcome, NotSent):
                self._consequences(unit, outbox, row, outcome, now)
        outbox.release([lease])

    def _settled(self, row: Claimed, outcome: Outcome, now: datetime) -> Settled:
        if isinstance(outcome, Sent):
            return Settled(row, "sent", platform_id=outcome.platform_id)
        why = f"{outcome.failure} {outcome.detail}".strip()[:40]
        match outcome.failure:
            case Failure.WINDOW_CLOSED | Failure.ABSENT | Failure.UNREACHABLE:
                return Settled(row, "held", failure=why)
            case Failure.REFUSED:
                return Settled(row, "failed", failure=why)
        return Settled(row, "waiting", _due(row, outcome, now), failure=why)

    def _consequences(self, unit: Unit, outbox: Outbox, row: Claimed, outcome: NotSent, now: datetime) -> None:
        """What a failure means beyond its row."""
        people = People(unit, now, Audit(unit, now, Actor()))
        match outcome.failure:
            case Failure.PAUSED:
                outbox.pause(row.channel, _due(row, outcome, now))
            case Failure.MISCONFIGURED:
                outbox.pause(row.channel, _due(row, outcome, now), outcome.detail)
                log.error("channel_misconfigured", channel=row.channel, detail=outcome.detail)
            case Failure.UNREACHABLE:
                people.mark_unreachable(row.account_id, outcome.detail or "unreachable")
                outbox.hold(row.account_id, "unreachable")
            case Failure.ABSENT:
                outbox.hold(row.account_id, "absent")
        if outcome.moved_to:
            people.move_account(row.account_id, outcome.moved_to)


def _due(row: Claimed, outcome: NotSent, now: datetime) -> datetime:
    """When a row that was not sent is tried again."""
    if outcome.failure is Failure.MISCONFIGURED:
        return now + PAUSE_WHEN_MISCONFIGURED
    return outcome.retry_at or now + timedelta(seconds=min(2**row.attempts, 300))
