"""Real residents' messages, each played as the visit of a resident who proposes it.

A row of the file is {"id", "user", "subject", "detail", "time"} and becomes one visit of the account `user`, who says
"提建议", writes subject and detail, answers what is asked by reading it, and submits: one row, one proposal.

Their years are drawn together into the time from the beginning of the collecting window until now: the order is kept,
and gaps keep their proportions. Guaranteed is this order: rows are played in rounds of up to 64 different people, each
round ends before the next begins, and one person's rows follow each other; within a round all speak at the same time.

Keys derive from row and step, and who is heard a second time reads the stored answers again: so a second run goes the
same ways and changes nothing, and one that was broken off is taken up where it stopped.
"""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, field_validator

from bot.channels.webchat import WebChat
from bot.clock import wall_clock
from bot.replay_lines import read_lines
from bot.replay_places import Ground, look_around
from bot.replay_stage import Stage
from bot.replay_summary import Summary, summary_of
from bot.replay_visitor import Visitor
from bot.settings import Settings
from handlers.messages import Inbound, Received
from storage.database import Clock, open_database, reading
from storage.replays import Replays, Told

AT_ONCE = 64
CHANNEL = WebChat.name
ZONE = ZoneInfo("Asia/Shanghai")
STEPS_AT_MOST = 40  # nobody answers for ever
THINKS_FOR = timedelta(seconds=15)  # between two messages, so that nobody is taken for a flood


class Row(BaseModel):
    """One message of a resident, as it was published. `time` comes as 2019/2/14 20:00:00 or 2019-02-14 20:00:00."""

    id: str = Field(coerce_numbers_to_str=True)
    user: str = Field(min_length=1, max_length=128)
    subject: str = ""
    detail: str = ""
    time: datetime

    @field_validator("subject", "detail", mode="before")
    @classmethod
    def _or_nothing(cls, written: Any) -> Any:
        return "" if written is None else written

    @field_validator("time", mode="before")
    @classmethod
    def _in_either_format(cls, written: Any) -> datetime:
        numbers = [int(number) for number in re.findall(r"\d+", str(written))[:6]]
        if len(numbers) < 3:
            raise ValueError("is no time")
        return datetime(*numbers, tzinfo=ZONE)  # type: ignore[arg-type,misc]  # three to six numbers

    @property
    def words(self) -> str:
        return f"{self.subject}\n{self.detail}".strip()


async def replay_messages(
    settings: Settings, path: Path, progress: Callable[[int, int], None], clock: Clock = wall_clock
) -> Summary:
    """Play every row of a file; `progress` hears how many of how many are done. Raises Refused.

    The database must be migrated, and a congress must be collecting proposals now.
    """
    began = time.monotonic()
    rows = sorted(read_lines(path, Row.model_validate), key=lambda row: row.time)
    now = clock()
    ground = _look_around(settings, now)
    moments = _moments(rows, ground.opens, now)
    async with Stage(settings, moments[0] if rows else now, {(CHANNEL, row.user) for row in rows}) as stage:
        play = _Play(stage, pause=max(THINKS_FOR, timedelta(minutes=1.2) / settings.messages_per_minute))
        done = 0
        for together in rounds(list(zip(rows, moments, strict=True))):
            stage.move(together[-1][1])
            await play.round([_visitor(row, ground) for row, _ in together])
            done += len(together)
            progress(done, len(rows))
        await stage.finish()
        tally = stage.read(lambda unit: Replays(unit).tally(CHANNEL, play.keys))
    return summary_of(len(play.keys), play.duplicates, [tally], time.monotonic() - began)


def _look_around(settings: Settings, now: datetime) -> Ground:
    engine = open_database(settings.database)
    try:
        with reading(engine) as unit:
            return look_around(unit, now)
    finally:
        engine.dispose()


def _moments(rows: Sequence[Row], opens: datetime, now: datetime) -> list[datetime]:
    """When each row is played: the last one now, the others before it, drawn together as far as must be."""
    if not rows:
        return []
    first, last = rows[0].time, rows[-1].time
    shrunk = min(1.0, max(now - opens, timedelta()) / max(last - first, timedelta(seconds=1)))
    return [now - (last - row.time) * shrunk for row in rows]


def rounds(rows: Sequence[tuple[Row, datetime]]) -> Iterator[list[tuple[Row, datetime]]]:
    """Rows of different people, in order; who has one in a round already waits for the next, with all their rows."""
    waiting = deque(rows)
    while waiting:
        chosen: list[tuple[Row, datetime]] = []
        later: list[tuple[Row, datetime]] = []
        people = set[str]()
        while waiting and len(chosen) < AT_ONCE and len(later) < AT_ONCE:
            one = waiting.popleft()
            (later if one[0].user in people else chosen).append(one)
            people.add(one[0].user)
        waiting.extendleft(reversed(later))
        yield chosen


def _visitor(row: Row, ground: Ground) -> Visitor:
    home = ground.homes[crc32(row.user.encode()) % len(ground.homes)] if ground.homes else None
    return Visitor(CHANNEL, row.user, row.id, row.words, home)


@dataclass(slots=True)
class _Play:
    """Visits as they go on; `keys` are those of all messages so far."""

    stage: Stage
    pause: timedelta
    keys: list[str] = field(default_factory=list)
    duplicates: int = 0

    async def round(self, visitors: Sequence[Visitor]) -> None:
        """All of them speak, are answered, and speak again, until the last one is done."""
        saying = [(visitor, visitor.begins(self.stage.now)) for visitor in visitors]
        for _ in range(STEPS_AT_MOST):
            told = await self._say([inbound for _, inbound in saying])
            self.stage.move(self.stage.now + self.pause)
            answers = [(visitor, visitor.answers(told[inbound.key], self.stage.now)) for visitor, inbound in saying]
            saying = [(visitor, answer) for visitor, answer in answers if answer]
            if not saying:
                return

    async def _say(self, batch: Sequence[Inbound]) -> dict[str, list[Told]]:
        received = await self.stage.play(batch)
        self.stage.taken()
        self.duplicates += received.count(Received.REPEATED)
        keys = [inbound.key for inbound in batch]
        self.keys += keys
        told = self.stage.read(lambda unit: Replays(unit).replies(CHANNEL, keys))
        if not all(told.values()):
            await self.stage.finish()
            told = self.stage.read(lambda unit: Replays(unit).replies(CHANNEL, keys))
        return told
