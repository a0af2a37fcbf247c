"""Recorded messages go through the real way in, at the times they tell, and the replies through the real way out.

Guaranteed: lines are taken in order of `at` (then of the file), and the clock stands at it; each line's replies have
gone out before the next line is taken. Only lines of different people within one second go in together. Jobs are not
run: `minsheng tick` does that. Replay into a database of its own: while it runs, no other replica should.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.replay_lines import Line, read_lines
from bot.replay_stage import Account, Stage
from bot.replay_summary import Summary, summary_of
from bot.settings import Settings
from handlers.messages import Outbound, Received
from storage.replays import Replays, Tally, Told

AT_ONCE = 64
TOGETHER = timedelta(seconds=1)


async def replay(settings: Settings, path: Path, tell: Callable[[str], None]) -> Summary:
    """Play the lines of a file (see `bot.replay_lines`); `tell` gets a JSON line per reply. Raises Refused.

    The database must be migrated. A line that was played before has no effect: it counts as a duplicate.
    """
    began = time.monotonic()
    lines = sorted(read_lines(path, Line.model_validate), key=lambda line: line.at)
    if not lines:
        return summary_of(0, 0, [], 0.0)
    received: list[Received] = []
    shown = defaultdict[Account, Told](lambda: Told(""))
    async with Stage(settings, lines[0].at, {line.sender for line in lines}) as stage:
        for batch in batches(lines):
            stage.move(batch[-1].at)
            received += await stage.play([line.inbound(path.parent, shown[line.sender]) for line in batch])
            for reply in _replies(stage):
                if reply.sent.choices:
                    shown[reply.to] = reply.told
                tell(reply.line())
        await stage.finish()
        for reply in _replies(stage):
            tell(reply.line())
        tallies = _tallies(stage, lines)
    return summary_of(len(lines), received.count(Received.REPEATED), tallies, time.monotonic() - began)


@dataclass(frozen=True, slots=True)
class _Reply:
    """What went out, to whom, and in answer to what (None for what nobody asked for)."""

    sent: Outbound
    to: Account
    in_reply_to: str | None

    @property
    def told(self) -> Told:
        return Told(self.sent.text, tuple((choice.value, choice.label) for choice in self.sent.choices))

    def line(self) -> str:
        told: dict[str, object] = {
            "channel": self.sent.channel,
            "account": self.to[1],
            "in_reply_to": self.in_reply_to,
            "text": self.sent.text,
            "choices": [{"value": choice.value, "label": choice.label} for choice in self.sent.choices],
        }
        if self.sent.file:
            told["file"] = self.sent.file.name
        return json.dumps(told, ensure_ascii=False)


def _replies(stage: Stage) -> list[_Reply]:
    """What was sent since we asked last."""
    sent = stage.taken()
    origins = stage.read(lambda unit: Replays(unit).origins([message.message_id for message in sent])) if sent else {}
    replies = []
    for message in sent:
        account, key = origins[message.message_id]
        replies.append(_Reply(message, (message.channel, account), key and key.removeprefix(f"{account}:")))
    return replies


def _tallies(stage: Stage, lines: Sequence[Line]) -> list[Tally]:
    keys = defaultdict[str, dict[str, None]](dict)
    for line in lines:
        keys[line.channel][line.key] = None
    return stage.read(lambda unit: [Replays(unit).tally(channel, list(those)) for channel, those in keys.items()])


def batches(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """What goes in together: neighbours of different people within a second."""
    batch: list[Line] = []
    for line in lines:
        is_full = len(batch) == AT_ONCE or any(one.sender == line.sender for one in batch)
        if batch and (is_full or line.at - batch[0].at > TOGETHER):
            yield batch
            batch = []
        batch.append(line)
    if batch:
        yield batch
