"""Feed recorded messages through the real way in, at the times they tell, and print the replies.

A file of JSON lines as {"channel": "web", "account": "r1", "message_id": "m1", "at": "2026-09-01T09:00:00+08:00",
"kind": "text", "text": "提建议"}; kinds text, choice, location (latitude, longitude), photo and document (path), voice,
event (start, blocked, returned, edit). Prints a JSON line per reply, and a summary as the last line. What was played
before has no effect again. Use a database of its own, and no running bot.

--messages plays a file of residents' messages instead (id, user, subject, detail, time): each row is the visit of a
resident who proposes it. A congress must be collecting now; the rows' years are drawn together into the time since it
began to collect, in the same order and with gaps in the same proportion, so that the last row is played as of today.
"""

import argparse
import asyncio
import sys
from pathlib import Path

import uvloop

from bot.commands.foundation import prepare
from bot.replay import replay
from bot.replay_residents import replay_messages
from bot.replay_summary import Summary
from bot.settings import Settings, load_settings

BAR = 40  # characters


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--messages", action="store_true", help="the file holds residents' messages, one a row")


def run(parsed: argparse.Namespace) -> None:
    settings = load_settings()
    prepare(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        summary = runner.run(_play(settings, parsed.file, messages=parsed.messages))
    print(summary.line(), flush=True)


async def _play(settings: Settings, file: Path, *, messages: bool) -> Summary:
    return await (replay_messages(settings, file, _show) if messages else replay(settings, file, print))


def _show(done: int, of: int) -> None:
    """A bar on standard error, drawn over itself."""
    filled = BAR * done // of
    end = "\n" if done == of else ""
    print(f"\r[{'█' * filled}{'·' * (BAR - filled)}] {done}/{of}", end=end, file=sys.stderr, flush=True)
