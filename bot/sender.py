"""The one way out: what waits in the outbox is claimed chat by chat, sent at its channel's pace, and settled.

Claiming, and settling what has been sent, is done at the end of a transaction of the writer: of the one that stores
the replies, so that they leave right after it, else of one that is made for it. For that the sender wakes by itself:
told by other commits, at due moments, and now and then to look for what another replica left behind.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

import structlog

from bot.channels.base import Channel, Failure, NotSent, Outcome, Sent
from bot.departures import Departure, Departures
from bot.sent_log import SentLog
from bot.settling import Finished, due_at, settle
from bot.writer import Exchange, Writer
from handlers.messages import Choice, Earlier, File, Inbound, Notice, NoticeKind, Outbound
from storage.database import Clock, Unit
from storage.outbox import Claim, Claimed, Outbox
from storage.responses import Responses

LEASE = timedelta(seconds=30)
SEND_WITHIN = 15.0  # seconds, its file included
LOOK_EVERY = 15.0  # seconds between looks for what no wake told of
AT_ONCE = 500  # rows of a channel that pushes nothing
CHATS_AT_ONCE = 128  # of one channel; fewer where it is slow, so that no reply waits behind what is in hand
PAUSE_AFTER_A_FAULT = 1.0  # seconds
SLACK = 1.01  # what leaves evenly arrives less so: stay 1 % under a platform's limit
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
    departures: Departures
    in_hand: int = 0
    woken: bool = True
    free_at: float = 0.0
    claims_at: float = 0.0
    paused_until: float = 0.0

    @property
    def opens_at(self) -> float:
        """When the next rows may be claimed."""
        return max(self.claims_at, self.paused_until)

    @property
    def wakes_at(self) -> float:
        """When the next rows are to be claimed; infinite when something else must happen first."""
        return self.opens_at if self.woken and self.in_hand < self.room else inf


class Sender:
    """Sends what waits. `ready` gives the file of an attachment, making it first where needed; `holder` is who sends
    (see storage.holders), `sent_log` is for who comes after it."""

    def __init__(
        self,
        writer: Writer,
        channels: Mapping[str, Channel],
        *,
        clock: Clock,
        ready: Callable[[int], Awaitable[File | None]],
        on_sent: Callable[[Delivery], None],
        sent_log: SentLog,
        holder: str = "",
    ) -> None:
        self._holder, self._sent_log = holder, sent_log
        self._writer, self._clock, self._ready, self._on_sent = writer, clock, ready, on_sent
        self._ways = {name: _way(channel) for name, channel in channels.items() if channel.capabilities.pushes}
        # What travels in the response to a message does not leave by us.
        self._silent = channels.keys() - self._ways.keys()
        self._finished: list[Finished] = []
        self._exchanging = False
        self._back: dict[str, set[str]] = {}
        self._deliveries: set[asyncio.Task[None]] = set()
        self._something = asyncio.Event()
        self._quiet = asyncio.Event()
        self._stopping = asyncio.Event()
        self._look_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._writer.accompany(self._join)
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
        while not self._stopping.is_set() or self._deliveries or self._finished or self._exchanging:
            self._something.clear()
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001  # whatever it is, what still waits must go on
                self._failed(error)
            if self._has_work():
                self._writer.nudge()
            await self._rest()

    async def _look(self) -> None:
        """Let go what was held for people who are back; now and then look for what no wake told of: rows from before
        a restart, other replicas' leftovers."""
        back, self._back = self._back, {}
        if self._look_at <= asyncio.get_running_loop().time():
            self._look_at = asyncio.get_running_loop().time() + LOOK_EVERY
            for name, way in self._ways.items():
                way.woken = True
                back[name] = set(way.channel.present())
            for name in sorted(self._silent):
                await self._await_contact(name)
        for name, present in back.items():
            if present:
                await self.arrived(name, sorted(present))

    async def _await_contact(self, channel: str) -> None:
        """What waits for people to whom nothing is pushed is not counted as on its way."""
        held = AT_ONCE
        while held == AT_ONCE:
            held = await self._writer.do(lambda unit: Responses(unit, self._clock()).await_contact(channel, AT_ONCE))

    def _has_work(self) -> bool:
        return not self._exchanging and bool(self._finished or self._wanted(()))

    def _wanted(self, channels: Collection[str]) -> dict[str, int]:
        """How many chats to claim, of each channel that is not paused, has room, and was woken or is one of these."""
        if self._stopping.is_set():
            return {}
        now = asyncio.get_running_loop().time()
        return {
            name: way.room - way.in_hand
            for name, way in self._ways.items()
            if (way.woken or name in channels) and way.in_hand < way.room and way.opens_at <= now
        }

    async def _rest(self) -> None:
        """Wait until there is something to do."""
        waits = self._exchanging or self._has_work()
        if not waits and not self._deliveries:
            self._quiet.set()
        wakes_at = min((way.wakes_at for way in self._ways.values()), default=inf)
        opens_at = inf if waits or self._stopping.is_set() else wakes_at
        try:
            async with asyncio.timeout_at(min(self._look_at, opens_at)):
                await self._something.wait()
        except TimeoutError:
            pass
        self._quiet.clear()

    def _join(self, messages: Sequence[Inbound]) -> Exchange | None:
        """Our part of a transaction that acts on these messages: record what became of rows, and claim the next ones.
        One at a time, so that no channel has more in hand than it may."""
        wanted = {} if self._exchanging else self._wanted({message.channel for message in messages})
        if self._exchanging or not (wanted or self._finished):
            return None
        finished, self._finished, self._exchanging = self._finished, [], True
        until = asyncio.get_running_loop().time() + LEASE.total_seconds()
        for name in wanted:
            self._ways[name].woken = False
        return Exchange(
            wanted,
            do=lambda unit: self._exchange(unit, finished, wanted),
            done=lambda claims: self._exchanged(finished, claims, until),
            failed=lambda error: self._failed(error, wanted),
        )

    def _exchange(
        self, unit: Unit, finished: Sequence[Finished], wanted: Mapping[str, int]
    ) -> dict[str, tuple[Claim, float | None]]:
        """What was claimed of each channel, and in how many seconds there may be more."""
        now = self._clock()
        for name in {one.row.channel for one in finished}:
            settle(unit, now, [one for one in finished if one.row.channel == name], self._ways[name].rest)
        claims = {}
        for name, count in wanted.items():
            way = self._ways[name]
            windows = way.channel.capabilities.windows
            claim = Outbox(unit, now).claim(name, count, LEASE, way.interval, self._holder, windows=windows)
            claims[name] = claim, (claim.again_at - now).total_seconds() if claim.again_at else None
        return claims

    def _exchanged(
        self, finished: Sequence[Finished], claims: Mapping[str, tuple[Claim, float | None]], until: float
    ) -> None:
        """After the commit: deliver what was claimed, and tell what became of what was delivered."""
        self._exchanging = False
        self._something.set()
        if finished:
            self._sent_log.keep(sent for one in self._finished for sent in one.sent)
        for name, (claim, again_in) in claims.items():
            self._begin(self._ways[name], claim, again_in, until)
        for one in finished:
            if one.outcome is not None:
                self._tell(one.row, one.outcome, one.at)

    def _failed(self, error: Exception, wanted: Iterable[str] = ()) -> None:
        log.error("sender_fault", kind=type(error).__name__)
        self._exchanging = False
        self._something.set()
        for name in wanted:
            self._ways[name].woken = True
        for way in self._ways.values():
            way.claims_at = max(way.claims_at, asyncio.get_running_loop().time() + PAUSE_AFTER_A_FAULT)

    def _begin(self, way: _Way, claim: Claim, again_in: float | None, until: float) -> None:
        """Begin to deliver what was claimed."""
        if again_in is not None:
            way.woken = True
            way.claims_at = asyncio.get_running_loop().time() + again_in
            way.paused_until = max(way.paused_until, way.claims_at if claim.is_paused else 0.0)
        if claim.rows:
            self._quiet.clear()
        for row in claim.rows:
            way.in_hand += 1
            task = asyncio.create_task(self._deliver(way, row, until - SEND_WITHIN))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)

    def _tell(self, row: Claimed, outcome: Outcome, at: datetime) -> None:
        """Tell who listens. Who came while we found them absent is not left waiting."""
        try:
            self._on_sent(_delivery(row, outcome, at))
        except Exception as error:  # noqa: BLE001  # whoever listens, what still waits must go on
            log.error("sender_fault", kind=type(error).__name__)
        is_absent = isinstance(outcome, NotSent) and outcome.failure is Failure.ABSENT
        if is_absent and row.external_id in self._ways[row.channel].channel.present():
            self._back.setdefault(row.channel, set()).add(row.external_id)

    # --- sending

    async def _deliver(self, way: _Way, row: Claimed, latest: float) -> None:
        """Send one row when its moment has come, but not after `latest`."""
        departure = await self._turn(way, row, latest)
        outcome = await self._send(way, row) if departure else None
        if departure:
            way.departures.answered(departure, asyncio.get_running_loop().time())
        finished = Finished(row, outcome, now := self._clock(), due_at(row, outcome, now))
        self._sent_log.note(finished.sent)
        self._come_back(way, finished)
        way.in_hand -= 1
        self._finished.append(finished)
        self._wake(way)  # for the next row of this chat, and because there is room again

    async def _turn(self, way: _Way, row: Claimed, latest: float) -> Departure | None:
        """Wait for the row's moment, drawn for all replicas, and then for the turn in this process, which may be
        behind. None when the row is not to leave: the program stops, the channel pauses, or the lease runs out."""
        await self._pause((row.at - self._clock()).total_seconds())
        now = asyncio.get_running_loop().time()
        leaves = max(now, way.free_at)
        if self._stopping.is_set() or leaves > latest:
            return None
        way.free_at = leaves + way.interval
        await self._pause(leaves - now)
        now = asyncio.get_running_loop().time()
        while (opens_at := way.departures.opens_at(now)) > now and not self._stopping.is_set():
            await self._pause(opens_at - now)
            now = asyncio.get_running_loop().time()
        if self._stopping.is_set() or way.paused_until > now or now > latest:
            return None
        return way.departures.leave(now)

    async def _send(self, way: _Way, row: Claimed) -> Outcome:
        try:
            async with asyncio.timeout(SEND_WITHIN):
                file = await self._ready(row.attachment_id) if row.attachment_id is not None else None
                choices = tuple(Choice(value, label) for value, label in row.choices or ())
                key = f"o{row.message_id}"
                edits = Earlier(*row.edits) if row.edits else None
                room = row.window.room if row.window else 0
                sent = row.channel, row.address, key, row.text, choices, file, row.message_id, edits, room
                return await way.channel.send(Outbound(*sent, _notice(row), row.consents, row.following))
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


def _notice(row: Claimed) -> Notice | None:
    return Notice(**{**row.notice, "kind": NoticeKind(row.notice["kind"])}) if row.notice else None


def _way(channel: Channel) -> _Way:
    limits = channel.limits
    room = max(4, int(min(CHATS_AT_ONCE, limits.per_second)))
    most = max(1, int(min(limits.per_second, sys.maxsize)))
    interval, rest = SLACK / limits.per_second, timedelta(seconds=limits.chat_interval)
    return _Way(channel, interval, rest, room, Departures(most, window=most * interval))


def _delivery(row: Claimed, outcome: Outcome, at: datetime) -> Delivery:
    name = "sent" if isinstance(outcome, Sent) else outcome.failure.value
    return Delivery(row.channel, row.external_id, name, (at - row.at).total_seconds())
