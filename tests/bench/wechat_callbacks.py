"""How many callbacks of an Official Account a second one core takes, and how long WeChat waits for one.

They are in secure mode, encrypted beforehand, and post the conversation that Telegram's updates are measured with
(tests.bench.turns). The program runs as a process of its own on one core, with SQLite; what calls it has the other one.
Each answer comes after the commit. Where the account may not push, the reply travels in it; where it may, only what is
words alone does, and all else leaves meanwhile, as many a second as are set where nobody sets anything.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from storage.database import open_database
from tests.bench.latency import CONNECTIONS, IN_MEMORY, PER_SECOND, WARMING, half_and_most, named
from tests.bench.traffic import TURNS_PER_CONVERSATION, suggestion
from tests.bench.turns import outcome
from tests.bench.webhook_load import at_full_speed, at_random_times, collect_in, without_rich
from tests.kill.bot_process import BotProcess
from tests.kill.bot_settings import COOKIE_SECRET
from tests.kill.wechat_calls import SETTINGS, Line, message, request
from tests.wechat_api import WeChatStandIn
from tests.wechat_api.account import Window

PEOPLE = 120
_NAMES = {False: "wechat_answers", True: "wechat_pushes"}
_TICKS = os.sysconf("SC_CLK_TCK")  # proc_pid_stat(5): utime, stime


class Callbacks(Line):
    """Posts whole requests. Raises RuntimeError for one that was not taken."""

    async def post(self, body: bytes) -> None:
        answer = await self.ask(body)
        if answer.status != 200:
            raise RuntimeError(answer.status)


def callbacks(people: int, rounds: int) -> Iterator[bytes]:
    """So many conversations of each, people taking turns message by message."""
    for round_number in range(rounds):
        first = 1 + round_number * people * TURNS_PER_CONVERSATION
        for step in range(TURNS_PER_CONVERSATION):
            for person in range(people):
                start = first + person * TURNS_PER_CONVERSATION
                account = _openid(person)
                yield request(account, message(account, start + step, _said(person, start)[step]))


def _said(person: int, start: int) -> list[Mapping[str, str]]:
    """As tests.bench.turns makes the traffic ours."""
    answers = suggestion(person, start)
    place = {"Location_X": str(answers.latitude), "Location_Y": str(answers.longitude), "Scale": "16", "Label": ""}
    texts = [{"MsgType": "text", "Content": words} for words in ("提建议", answers.text, "1", "1")]
    photo = {"MsgType": "image", "MediaId": answers.photo, "PicUrl": "http://picture.test/1"}
    return [texts[0], texts[1], {"MsgType": "location", **place}, photo, texts[2], texts[3]]


@asynccontextmanager
async def serving_account(within: Path | None = None, *, pushes: bool = False) -> AsyncIterator[tuple[BotProcess, str]]:
    """The program with a core to itself, and the URL of its new database. Where it `pushes`, a stand-in of WeChat's API
    takes that beside what calls it."""
    with TemporaryDirectory(dir=within) as name, _other_core() as core, WeChatStandIn() as platform:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.db'}"
        collect_in(url)
        settings = SETTINGS | {
            "MINSHENG_DATA_DIR": str(folder / "data"),
            "MINSHENG_DATABASE_URL": url,
            "MINSHENG_SECRET": COOKIE_SECRET,
            "MINSHENG_MESSAGES_PER_MINUTE": "1000000",
            "PYTHONPATH": str(without_rich(folder)),
        }
        if pushes:
            settings |= platform.settings | {"MINSHENG_WECHAT__ACTIVE": "true"}
            _open_for_ever(platform)
        with BotProcess(folder, settings) as bot:
            bot.start()
            os.sched_setaffinity(bot.process_id, {core})  # before it has any threads, which inherit that
            await bot.ready()
            yield bot, url
            await bot.stop()
        if platform.violations or bool(platform.calls("message/custom/send")) is not pushes:
            raise RuntimeError(f"violations: {platform.violations[:3]}")


def _open_for_ever(platform: WeChatStandIn) -> None:
    """Let everybody be pushed to, as often as it may be."""
    for person in range(PEOPLE):
        platform.resident(_openid(person))
    for follower in platform.account.followers.values():
        follower.windows["message"] = Window(sys.maxsize, datetime.max.replace(tzinfo=UTC))


def _openid(person: int) -> str:
    return f"oResident{person:04}"


@contextmanager
def _other_core() -> Iterator[int]:
    """A core that this process keeps off meanwhile, where there are two."""
    cores = os.sched_getaffinity(0)
    given = max(cores)
    os.sched_setaffinity(0, cores - {given} or cores)
    try:
        yield given
    finally:
        os.sched_setaffinity(0, cores)


def _cpu_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def speed(rounds: int, people: int = PEOPLE, *, pushes: bool = False) -> dict[str, float]:
    """Turns a second, and milliseconds of CPU of a turn: the medians of so many conversations of everybody, after a
    first one. Raises RuntimeError when not all of them have come to their end."""
    posted, turns = list(callbacks(people, 1 + rounds)), people * TURNS_PER_CONVERSATION
    seconds, spent = list[float](), list[float]()
    async with serving_account(pushes=pushes) as (bot, url):
        for at in range(0, len(posted), turns):
            began, before = time.perf_counter(), _cpu_seconds(bot.process_id)
            await at_full_speed(bot.address, posted[at : at + turns], min(CONNECTIONS, people), Callbacks)
            seconds.append(time.perf_counter() - began)
            spent.append(_cpu_seconds(bot.process_id) - before)
        proposals = await asyncio.to_thread(_proposals, url)
    if proposals != people * (1 + rounds):
        raise RuntimeError(f"{proposals} conversations came to their end")
    return {
        f"{_NAMES[pushes]}_turns_per_second": turns / median(seconds[1:]),
        f"{_NAMES[pushes]}_cpu_ms_per_turn": median(spent[1:]) / turns * 1000,
    }


async def latency(seconds: int, within: Path | None = None, *, pushes: bool = False) -> dict[str, float]:
    """Milliseconds that half, and all but a hundredth, of the answers take at most, at so many a second."""
    turns = round((seconds + WARMING) * PER_SECOND)
    posted = list(callbacks(PEOPLE, 1 + turns // (PEOPLE * TURNS_PER_CONVERSATION)))[:turns]
    async with serving_account(within, pushes=pushes) as (bot, _):
        found = await at_random_times(bot.address, posted, PER_SECOND, CONNECTIONS, Callbacks)
    where = "" if within is None else "_in_memory"
    return named(f"{_NAMES[pushes]}_latency{where}", half_and_most(found[round(WARMING * PER_SECOND) :]))


async def in_short() -> dict[str, float]:
    """In half a minute."""
    return await speed(1) | await speed(1, pushes=True) | await latency(3, IN_MEMORY)


async def measure() -> dict[str, float]:
    """All of it; latency on a disk of memory, and on the one that temporary files go to."""
    figures: dict[str, float] = {}
    for pushes in _NAMES:
        figures |= await speed(5, pushes=pushes)
        figures |= await latency(10, IN_MEMORY, pushes=pushes)
        figures |= await latency(30, pushes=pushes)  # one pause of a shared disk is not all that is measured
    return figures


def _proposals(url: str) -> int:
    engine = open_database(url)
    try:
        return outcome(engine)[0]
    finally:
        engine.dispose()
