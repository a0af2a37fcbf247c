"""The one way out: what waits in the outbox is claimed chat by chat, sent at its channel's pace, and settled.

Woken by commits, by due moments, and now and then to look for what another replica left behind. What has been sent
is settled in the same transaction as the next rows are claimed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf

import structlog

from bot.channels.base import Channel, Failure, NotSent, Outcome, Sent
from bot.settling import Finished, due_at, settle
from bot.writer import Writer
from handlers.messages import Choice, File, Outbound
from storage.database import Clock, Unit
from storage.outbox import Claim, Claimed, Outbox

LEASE = timedelta(seconds=30)
SEND_WITHIN = 15.0  # seconds, its file included
LOOK_EVERY = 15.0  # seconds between looks for what no wake told of
CHATS_AT_ONCE = 128  # of one channel; fewer where it is slow, so that no reply waits behind what is in hand
PAUSE_AFTER_A_FAULT = 1.0  # seconds
SLACK = 1.02  # a platform's clock and ours do not tick alike: stay 2 % under its limit
LATE = 0.005  # seconds that a timer is set behind a moment of the database, which has other fractions

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What `on_sent` hears of each attempt, once it is recorded: channel, the platform's id of the person, outcome
    ("sent" or a kind of failure), seconds since it might leave."""

    channel: str
    account: str
    outcome: str
    seconds: float


@dataclass(slots=True)
class _Way:
    """One channel's way out, as this process knows it. Moments are those of the event loop."""

    channel: Channel
    interval: float  # the least seconds between two sends
    rest: timedelta  # after each message to a chat
    room: int  # chats that may be in hand
    in_hand: int = 0
    woken: bool = True
    free_at: float = 0.0
    claims_at: float = 0.0
    paused_until: float = 0.0

    @property
    def opens_at(self) -> float:
        """When the next rows may be claimed; infinite when something else must happen first."""
        return max(self.claims_at, self.paused_until) if self.woken and self.in_hand < self.room else inf


class Sender:
    """Sends what waits. `ready` gives the file of an attachment, making it first where needed; `holder` is who sends
    (see storage.holders)."""

    def __init__(
        self,
        writer: Writer,
        channels: Mapping[str, Channel],
        *,
        clock: Clock,
        ready: Callable[[int], Awaitable[File | None]],
        on_sent: Callable[[Delivery], None],
        holder: str = "",
    ) -> None:
        self._holder = holder
        self._writer, self._clock, self._ready, self._on_sent = writer, clock, ready, on_sent
        self._ways = {name: _way(channel) for name, channel in channels.items()}
        self._finished: list[Finished] = []
        self._deliveries: set[asyncio.Task[None]] = set()
        self._something = asyncio.Event()
        self._quiet = asyncio.Event()
        self._stopping = asyncio.Event()
        self._look_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Let sends in work finish; what is not yet sent stays in the outbox."""
        self._stopping.set()
        self._something.set()
        if self._task:
            await self._task

    def wake(self, mail: Iterable[tuple[str, int]]) -> None:
        """Something waits for these chats: (channel, account id)."""
        for channel in {channel for channel, _ in mail} & self._ways.keys():
            self._wake(self._ways[channel])

    async def arrived(self, channel: str, external_ids: Sequence[str]) -> None:
        """These people are there again: what was held for them goes out."""
        self.wake(await self._writer.do(lambda unit: Outbox(unit, self._clock()).revive(channel, external_ids)))

    async def quiet(self) -> None:
        """Wait until nothing is in hand and nothing waits that may leave now."""
        await self._quiet.wait()

    def _wake(self, way: _Way) -> None:
        way.woken = True
        self._quiet.clear()
        self._something.set()

    # --- claiming and settling

    async def _run(self) -> None:
        while not self._stopping.is_set() or self._deliveries or self._finished:
            self._something.clear()
            try:
                await self._step()
            except Exception as error:  # noqa: BLE001  # whatever it is, what still waits must go on
                log.error("sender_fault", kind=type(error).__name__)
                await self._pause(PAUSE_AFTER_A_FAULT)

    async def _step(self) -> None:
        if self._look_at <= asyncio.get_running_loop().time():
            await self._look()
        finished, self._finished = self._finished, []
        wanted = {} if self._stopping.is_set() else self._wanted()
        if finished or wanted:
            await self._exchange(finished, wanted)
        else:
            await self._rest()

    async def _look(self) -> None:
        """Find what no wake told of: rows from before a restart, other replicas' leftovers, people who are back."""
        self._look_at = asyncio.get_running_loop().time() + LOOK_EVERY
        for name, way in self._ways.items():
            way.woken = True
            if present := way.channel.present():
                await self.arrived(name, list(present))

    def _wanted(self) -> dict[str, int]:
        """How many chats to claim, of each channel that was woken, is not paused and has room."""
        now = asyncio.get_running_loop().time()
        return {name: way.room - way.in_hand for name, way in self._ways.items() if way.opens_at <= now}

    async def _rest(self) -> None:
        """Wait until there is something to do."""
        if not self._deliveries:
            self._quiet.set()
        opens_at = inf if self._stopping.is_set() else min(way.opens_at for way in self._ways.values())
        try:
            async with asyncio.timeout_at(min(self._look_at, opens_at)):
                await self._something.wait()
        except TimeoutError:
            pass
        self._quiet.clear()

    async def _exchange(self, finished: Sequence[Finished], wanted: Mapping[str, int]) -> None:
        """Record what became of rows, and claim the next ones."""
        until = asyncio.get_running_loop().time() + LEASE.total_seconds()
        for name in wanted:
            self._ways[name].woken = False
        try:
            claims = await self._writer.do(lambda unit: self._write(unit, finished, wanted))
        except Exception:
            for name in wanted:
                self._ways[name].woken = True
            raise
        for name, (claim, again_in) in claims.items():
            self._begin(self._ways[name], claim, again_in, until)
        for one in finished:
            if one.outcome is not None:
                self._on_sent(_delivery(one, one.outcome))
                await self._greet(one.row, one.outcome)

    def _write(
        self, unit: Unit, finished: Sequence[Finished], wanted: Mapping[str, int]
    ) -> dict[str, tuple[Claim, float | None]]:
        """What was claimed of each channel, and in how many seconds there may be more."""
        now = self._clock()
        for name in {one.row.channel for one in finished}:
            settle(unit, now, [one for one in finished if one.row.channel == name], self._ways[name].rest)
        claims = {}
        for name, count in wanted.items():
            claim = Outbox(unit, now).claim(name, count, LEASE, self._ways[name].interval, self._holder)
            claims[name] = claim, (claim.again_at - now).total_seconds() if claim.again_at else None
        return claims

    def _begin(self, way: _Way, claim: Claim, again_in: float | None, until: float) -> None:
        """Begin to deliver what was claimed."""
        if again_in is not None:
            way.woken = True
            way.claims_at = asyncio.get_running_loop().time() + again_in
            way.paused_until = max(way.paused_until, way.claims_at if claim.is_paused else 0.0)
        for row in claim.rows:
            way.in_hand += 1
            task = asyncio.create_task(self._deliver(way, row, until - SEND_WITHIN))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)

    async def _greet(self, row: Claimed, outcome: Outcome) -> None:
        """Who came while we found them absent is not left waiting."""
        is_absent = isinstance(outcome, NotSent) and outcome.failure is Failure.ABSENT
        if is_absent and row.external_id in self._ways[row.channel].channel.present():
            await self.arrived(row.channel, [row.external_id])

    # --- sending

    async def _deliver(self, way: _Way, row: Claimed, latest: float) -> None:
        """Send one row when its moment has come, but not after `latest`."""
        outcome = await self._send(way, row) if await self._turn(way, row, latest) else None
        finished = Finished(row, outcome, now := self._clock(), due_at(row, outcome, now))
        self._come_back(way, finished)
        way.in_hand -= 1
        self._finished.append(finished)
        self._wake(way)  # for the next row of this chat, and because there is room again

    async def _turn(self, way: _Way, row: Claimed, latest: float) -> bool:
        """Wait for the row's moment, drawn for all replicas, and then for the turn in this process, which may be
        behind. False when the row is not to leave: the program stops, the channel pauses, or the lease runs out."""
        await self._pause((row.at - self._clock()).total_seconds())
        now = asyncio.get_running_loop().time()
        leaves = max(now, way.free_at)
        if self._stopping.is_set() or leaves > latest:
            return False
        way.free_at = leaves + way.interval
        await self._pause(leaves - now)
        return not self._stopping.is_set() and way.paused_until <= asyncio.get_running_loop().time()

    async def _send(self, way: _Way, row: Claimed) -> Outcome:
        try:
            async with asyncio.timeout(SEND_WITHIN):
                file = await self._ready(row.attachment_id) if row.attachment_id is not None else None
                choices = tuple(Choice(value, label) for value, label in row.choices or ())
                key = f"o{row.id}"
                return await way.channel.send(
                    Outbound(row.channel, row.address, key, row.text, choices, file, row.message_id)
                )
        except Exception as error:  # noqa: BLE001  # whatever a channel or a file's maker did, the row is kept
            log.warning("send_fault", kind=type(error).__name__, channel=row.channel, attachment=row.attachment_id)
            return NotSent(Failure.RETRY, type(error).__name__)

    def _come_back(self, way: _Way, finished: Finished) -> None:
        """See to it that the chat is looked at again, and that nothing leaves through a pause."""
        loop = asyncio.get_running_loop()
        if isinstance(finished.outcome, Sent) and way.rest:
            loop.call_later(way.rest.total_seconds() + LATE, self._wake, way)
        if finished.due_at:
            seconds = (finished.due_at - finished.at).total_seconds()
            loop.call_later(max(seconds, 0.0) + LATE, self._wake, way)
            if isinstance(finished.outcome, NotSent) and finished.outcome.failure is not Failure.RETRY:
                way.paused_until = max(way.paused_until, loop.time() + seconds)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not when the program stops."""
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self._stopping.wait()
            except TimeoutError:
                pass


def _way(channel: Channel) -> _Way:
    limits = channel.limits
    room = max(4, int(min(CHATS_AT_ONCE, limits.per_second)))
    return _Way(channel, SLACK / limits.per_second, timedelta(seconds=limits.chat_interval), room)


def _delivery(finished: Finished, outcome: Outcome) -> Delivery:
    row = finished.row
    name = "sent" if isinstance(outcome, Sent) else outcome.failure.value
    return Delivery(row.channel, row.external_id, name, (finished.at - row.at).total_seconds())
