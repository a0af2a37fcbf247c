"""Asking Telegram for updates, and forgetting none before it is committed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress

import structlog

from bot.channels.telegram_api import ApiError, NetworkError, within
from handlers.messages import Inbound

# Held while polling, so that one replica at a time does. Entering it may take as long as it likes.
PollLease = Callable[[], AbstractAsyncContextManager[None]]
Pause = Callable[[float], Awaitable[None]]
# Offset, limit and time-out in seconds, as in bot.channels.telegram_api.BotApi.
GetUpdates = Callable[[int, int, int], Awaitable[list[object]]]

_BATCH = 100  # updates at most (Bot API, getUpdates: limit)
_ANSWER_TIME = 10.0  # seconds beyond the poll's own until an answer is given up
_CONFIRMING_TIME = 5.0  # seconds
_LONGEST_PAUSE = 30.0  # seconds
# No update has such a number; offsets below zero would make Telegram forget updates (Bot API, getUpdates: offset).
_NUMBERS = range(1, 2**62)

log = structlog.get_logger()


class NotCommitted(Exception):
    """A message of the batch was not stored, or its number cannot be told: the batch is asked for again."""


class Poller:
    """The loop around getUpdates.

    `read` gives what an update is for us, if anything; `hand_in` whether a message was committed; `before` runs
    each time polling begins. The offset moves to the first update that is not committed, and Telegram forgets
    what lies before it (Bot API, getUpdates: offset).
    """

    def __init__(
        self,
        get_updates: GetUpdates,
        *,
        timeout: int,
        read: Callable[[object], Inbound | None],
        hand_in: Callable[[Inbound], Awaitable[bool]],
        before: Callable[[], Awaitable[None]],
        lease: PollLease,
        pause: Pause,
    ) -> None:
        self._get_updates = get_updates
        self._timeout = timeout
        self._read = read
        self._hand_in = hand_in
        self._before = before
        self._lease = lease
        self._pause = pause
        self._offset = 0
        self._confirmed = 0
        self._failures = 0

    async def run(self) -> None:
        """Poll until cancelled; what was taken by then is still handed in and confirmed."""
        while True:
            try:
                async with self._lease():
                    await self._before()
                    await self._poll()
            except Exception as error:  # noqa: BLE001  # whatever a network or a lease raises, polling goes on
                if _is_cancelled():  # and the lease failed to end
                    return
                self._failures += 1
                seconds = pause_after(error, self._failures)
                log.warning("telegram_poll_failed", error=kind_of(error), again_in=seconds)
                await self._pause(seconds)

    async def _poll(self) -> None:
        try:
            while True:
                await self._take(await self._ask(_BATCH, self._timeout, self._timeout + _ANSWER_TIME))
                self._failures = 0
        except asyncio.CancelledError:
            await self._confirm()
            raise

    async def _ask(self, limit: int, timeout: int, patience: float) -> list[object]:
        offset = self._offset
        batch = await within(patience, self._get_updates(offset, limit, timeout))
        self._confirmed = offset
        return batch

    async def _confirm(self) -> None:
        """Tell how far we are. What this answers with is left for the next poller: no offset passes it."""
        if self._offset != self._confirmed:
            with suppress(ApiError, NetworkError):
                await self._ask(1, 0, _CONFIRMING_TIME)

    async def _take(self, batch: Sequence[object]) -> None:
        handing_in = asyncio.ensure_future(self._hand_over(batch))
        try:
            await asyncio.shield(handing_in)
        except asyncio.CancelledError:
            with suppress(NotCommitted):
                await handing_in
            raise

    async def _hand_over(self, batch: Sequence[object]) -> None:
        """Hand everything in: messages of one person in order, those of different people side by side."""
        committed = [True] * len(batch)
        lanes: dict[str, list[tuple[int, Inbound]]] = {}
        for position, raw in enumerate(batch):
            if inbound := self._read(raw):
                committed[position] = False
                lanes.setdefault(inbound.account, []).append((position, inbound))
        await asyncio.gather(*(self._hand_in_lane(lane, committed) for lane in lanes.values()))
        self._advance(batch, committed)

    async def _hand_in_lane(self, lane: Sequence[tuple[int, Inbound]], committed: list[bool]) -> None:
        for position, inbound in lane:
            committed[position] = await self._hand_in(inbound)
            if not committed[position]:
                return  # what follows must not overtake it

    def _advance(self, batch: Sequence[object], committed: Sequence[bool]) -> None:
        numbers = [number_of(raw) for raw in batch]
        for number, is_committed in zip(numbers, committed, strict=True):
            if not is_committed:
                raise NotCommitted
            # Numbers follow one another, so one that cannot be read is taken for the next (Bot API, Update).
            self._offset = (number or self._offset) + 1
        if batch and not any(numbers):
            raise NotCommitted


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def number_of(raw: object) -> int | None:
    """An update's own number, None where it has no proper one."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if type(number) is int and number in _NUMBERS else None


def pause_after(error: Exception, failures: int) -> float:
    """Seconds to wait before the next try: as long as the platform says, else twice as long each time."""
    if isinstance(error, ApiError) and error.retry_after is not None:
        return error.retry_after
    return min(2.0 ** min(failures - 1, 10), _LONGEST_PAUSE)


def kind_of(error: BaseException) -> str:
    """What a log may know of a fault."""
    if isinstance(error, ApiError):
        return str(error.code)
    return str(error) if isinstance(error, NetworkError) else type(error).__name__
