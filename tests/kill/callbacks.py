"""`python -m tests.kill.callbacks`: residents whose WeChat hands many messages over more than once, while it is killed.

Where the account may not push, every answer travels in the response to its message; where it may, each either does or
is pushed. One message in five comes again, some of them beside the first, to another replica. Each is acted on once,
and answered alike as often as it comes.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy import Engine, select

from bot.channels.chinese_coordinates import to_gcj02
from handlers.messages import Place
from storage.database import open_database, reading
from storage.tables import messages
from tests.kill.bot_process import BotProcess
from tests.kill.bot_settings import COOKIE_SECRET
from tests.kill.congress import Cell, found_congress
from tests.kill.resident import Part, Resident
from tests.kill.stage import Stuck
from tests.kill.stories import STEPS_ON_AVERAGE, Act, Imagination, Locates, Says, Shows, Story
from tests.kill.summary import summed_up
from tests.kill.verdict import judge
from tests.kill.wechat_calls import SETTINGS, Line, message, request
from tests.servers import PostgresServer
from tests.wechat_api import Screen, WeChatStandIn
from tests.wechat_api.account import Follower as AtPlatform
from tests.wechat_api.account import Window

TRIES, ANSWERED_WITHIN = 3, 5.0  # "接收普通消息": seconds, and how often a message comes in all
ONE_IN = 5  # messages is handed over again, though it was answered
REPEATED = 3  # times at most


@dataclass(frozen=True, kw_only=True)
class Play:
    """So many people, and stories of each. All of them write so many messages a second together; `patience` in
    seconds. `pushes`: the account may push."""

    database_url: str
    folder: Path
    people: int
    stories: int
    kills: int
    per_second: float = 100.0
    replicas: int = 1
    pushes: bool = False
    seed: int = 1
    patience: float = 120.0


@dataclass
class Verdict:
    """`problems` is empty when every promise was kept. Of all `deliveries` of `messages`, `repeats` came though the
    message was answered or in work, `beside` the first; `unanswered` got no answer, and WeChat tried again. Of the
    replies, so many were `pushed`, and `doubled` came twice."""

    messages: int = 0
    proposals: int = 0
    deliveries: int = 0
    repeats: int = 0
    beside: int = 0
    unanswered: int = 0
    pushed: int = 0
    doubled: int = 0
    kills: int = 0
    problems: list[str] = field(default_factory=list)


class Unanswered(Exception):
    """A message got no answer, however often it came: WeChat would say so to its person, and forget it."""


class WeChat:
    """Hands messages over, to any replica that takes connections."""

    def __init__(self, bots: Sequence[BotProcess], chance: Random, verdict: Verdict) -> None:
        self.chance, self.verdict = chance, verdict
        self.numbers = itertools.count(7_000_000_000)
        self.repeating = asyncio.TaskGroup()
        self._bots = bots
        self._up = set(range(len(bots)))
        self._something_up = asyncio.Event()
        self._something_up.set()
        self._free: list[list[Line]] = [[] for _ in bots]

    async def kill(self, at: int) -> None:
        """Kill a replica; returns when it is there again."""
        self._up.discard(at)
        if not self._up:
            self._something_up.clear()
        for line in self._free[at]:
            line.close()
        self._free[at].clear()
        self._bots[at].kill()
        self.verdict.kills += 1
        self._bots[at].start()
        await self._bots[at].ready()
        self._up.add(at)
        self._something_up.set()

    async def hand_over(self, person: str, plain: bytes) -> str:
        """What somebody is shown who wrote this."""
        first = self.chance.randrange(len(self._bots))
        if self.chance.randrange(ONE_IN):
            return await self._delivered(person, plain, first)
        others = range(first + 1, first + 1 + self.chance.randint(1, REPEATED))
        again = [self._delivered(person, plain, at) for at in others]
        self.verdict.repeats += len(again)
        if self.chance.randrange(2):
            self.verdict.beside += len(again)
            answer, *same = await asyncio.gather(self._delivered(person, plain, first), *again)
            self._compare(answer, same)
            return answer
        answer = await self._delivered(person, plain, first)
        self.repeating.create_task(self._compare_later(answer, again))
        return answer

    def close(self) -> None:
        for line in itertools.chain(*self._free):
            line.close()

    async def _compare_later(self, answer: str, again: Sequence[Awaitable[str]]) -> None:
        self._compare(answer, await asyncio.gather(*again))

    def _compare(self, answer: str, same: Sequence[str]) -> None:
        self.verdict.problems += ["a repeat was answered otherwise" for other in same if other != answer]

    async def _delivered(self, person: str, plain: bytes, first: int) -> str:
        """Tried again where there is no answer. Raises Unanswered."""
        failures = []
        for at in range(first, first + TRIES):
            self.verdict.deliveries += 1
            try:
                return await self._asked(person, plain, at)
            except (OSError, EOFError, TimeoutError) as error:
                self.verdict.unanswered += 1
                failures.append(repr(error))
        raise Unanswered(", ".join(failures))

    def _line(self, at: int) -> Line | None:
        """One to a replica that is open, if there is any."""
        while self._free[at]:
            if (line := self._free[at].pop()).is_open:
                return line
            line.close()
        return None

    async def _asked(self, person: str, plain: bytes, wanted: int) -> str:
        await self._something_up.wait()
        at = wanted % len(self._bots)
        at = at if at in self._up else min(self._up)
        line = self._line(at)
        async with asyncio.timeout(ANSWERED_WITHIN):
            try:
                if line is None:
                    line = Line(self._bots[at].address)
                    await line.open()
                answer = await line.ask(request(person, plain))
            except BaseException:
                if line:
                    line.close()
                raise
        self._free[at].append(line)
        if answer.status != 200:
            raise TimeoutError(answer.status)
        return answer.text


class Follower(Resident):
    """A person who follows the account."""

    channel = "wechat"

    def __init__(self, account: str, part: Part, wechat: WeChat) -> None:
        super().__init__(account, part)
        self._wechat = wechat

    async def _do(self, act: Act) -> tuple[str, str | None]:
        number = next(self._wechat.numbers)
        if answer := await self._wechat.hand_over(self.account, message(self.account, number, _fields(act))):
            self.take(answer)
        return str(number), act.text if isinstance(act, Says) else None


class _Screens(list[Screen]):
    """What the platform shows somebody; `tell` hears the text of each, on the loop."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._loop = tell, asyncio.get_running_loop()

    def append(self, screen: Screen) -> None:
        super().append(screen)
        self._loop.call_soon_threadsafe(self._tell, screen.text)


def _fields(act: Act) -> Mapping[str, str]:
    if isinstance(act, Locates):
        shown = to_gcj02(Place(act.latitude, act.longitude))
        return {"MsgType": "location", "Location_X": str(shown.latitude), "Location_Y": str(shown.longitude)}
    assert isinstance(act, Says)
    return {"MsgType": "text", "Content": act.text}


class Callbacks:
    """A play that runs."""

    def __init__(self, play: Play, bots: Sequence[BotProcess], cells: list[Cell]) -> None:
        chance = Random(play.seed)
        self.verdict = Verdict()
        self._bots, self._play = bots, play
        self.wechat = WeChat(bots, Random(play.seed), self.verdict)
        imagination = Imagination(cells, chance)
        self._steps, self._kills = 0, asyncio.Queue[int]()
        thinks = partial(Random(1).expovariate, play.per_second / play.people)
        self.people = [
            Follower(
                f"oResident{number:05}", Part(stories, hasty=False, thinks=thinks, on_answer=self._one), self.wechat
            )
            for number, stories in enumerate(_told(imagination, play.stories) for _ in range(play.people))
        ]
        steps = sum(len(story.steps) for person in self.people for story in person.stories)
        self._deadly = set(chance.sample(range(1, steps * 9 // 10), play.kills))

    async def run(self) -> None:
        """Return when everybody has acted out everything, and the program has been killed as often as it is to be."""
        async with self.wechat.repeating as group:
            group.create_task(self._suffer())
            for person in self.people:
                group.create_task(person.live())

    def are_pushed_to(self, platform: WeChatStandIn) -> None:
        """Everybody is, as often as it may be, and reads it."""
        for person in self.people:
            windows = {"message": Window(sys.maxsize, datetime.max.replace(tzinfo=UTC))}
            known = AtPlatform(person.account, windows=windows, screens=_Screens(person.take))
            platform.account.followers[person.account] = known

    def judge(self, engine: Engine) -> Verdict:
        found, verdict = judge(engine, self.people), self.verdict
        verdict.messages, verdict.proposals, verdict.doubled = found.messages, found.proposals, found.doubled
        verdict.problems += found.problems + list(_handed_over_otherwise(engine, {0, 1} if self._play.pushes else {1}))
        if found.doubled > verdict.kills:
            verdict.problems.append(f"{found.doubled} replies came twice")
        verdict.problems += [line for bot in self._bots for line in bot.complaints]
        return verdict

    def _one(self) -> None:
        self._steps += 1
        if self._steps in self._deadly:
            self._kills.put_nowait(self._steps)

    async def _suffer(self) -> None:
        for at in range(self._play.kills):
            await self._kills.get()
            await self.wechat.kill(at % len(self._bots))


def _told(imagination: Imagination, count: int) -> list[Story]:
    """Stories without pictures, which such an account cannot fetch."""
    plain = (
        story
        for story in imagination.stories(sys.maxsize, hasty=True)
        if not any(isinstance(step.act, Shows) for step in story.steps)
    )
    return list(itertools.islice(plain, count))


def _handed_over_otherwise(engine: Engine, times: Collection[int]) -> Iterator[str]:
    """Whatever did not travel in so many responses, to a message of its own person."""
    with reading(engine) as unit:
        rows = unit.read(select(messages.c.id, messages.c.account_id, messages.c.direction, messages.c.response)).all()
    carried = Counter((number, row.account_id) for row in rows if row.response for number in row.response["carried"])
    for row in rows:
        if row.direction == "out" and carried.pop((row.id, row.account_id), 0) not in times:
            yield f"message {row.id} travelled in more responses than one, or in none"
    if carried:
        yield f"{len(carried)} messages travelled in responses to other people"


async def called_back(play: Play) -> Verdict:
    """Play it. Raises Stuck where somebody waits in vain, or its patience is at an end."""
    async with AsyncExitStack() as building:
        cells = await asyncio.to_thread(found_congress, play.database_url)
        engine = open_database(play.database_url)
        building.callback(engine.dispose)
        settings = {
            "MINSHENG_DATABASE_URL": play.database_url,
            "MINSHENG_DATA_DIR": str(play.folder / "data"),
            "MINSHENG_SECRET": COOKIE_SECRET,
            "MINSHENG_MESSAGES_PER_MINUTE": "1000000",
            **SETTINGS,
        }
        platform = building.enter_context(WeChatStandIn()) if play.pushes else None
        if platform:
            pushing = {"MINSHENG_WECHAT__ACTIVE": "true", "MINSHENG_WECHAT__PER_SECOND": "1000"}
            settings |= platform.settings | pushing
        bots = [building.enter_context(BotProcess(play.folder, settings)) for _ in range(play.replicas)]
        for bot in bots:
            bot.start()
        for bot in bots:
            await bot.ready()
        callbacks = Callbacks(play, bots, cells)
        building.callback(callbacks.wechat.close)
        if platform:
            callbacks.are_pushed_to(platform)
        try:
            async with asyncio.timeout(play.patience):
                await callbacks.run()
        except* (Unanswered, TimeoutError) as failed:
            logs = "\n".join(bot.log[-2000:] for bot in bots)
            raise Stuck(f"{callbacks.verdict}, {failed.exceptions[0]}:\n{logs}") from failed
        verdict = await asyncio.to_thread(callbacks.judge, engine)
        if platform:
            verdict.pushed = sum(len(person.screens) for person in platform.account.followers.values())
            verdict.problems += platform.violations
        return verdict


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill.callbacks", description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--messages", type=int, default=20_000, help="about so many, without repeats")
    parser.add_argument("--per-second", type=float, default=100.0, help="of them")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--replicas", type=int, default=1, help="more than one: on PostgreSQL")
    parser.add_argument("--pushes", action="store_true", help="the account may push")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began = time.monotonic()
    with ExitStack() as servers:
        folder = Path(servers.enter_context(tempfile.TemporaryDirectory(prefix="minsheng-callbacks-")))
        url = f"sqlite:///{folder / 'minsheng.sqlite3'}"
        if chosen.database == "postgresql" or chosen.replicas > 1:
            url = servers.enter_context(PostgresServer()).databases.create()
        play = Play(
            database_url=url,
            folder=folder,
            people=chosen.people,
            stories=max(1, round(chosen.messages / chosen.people / STEPS_ON_AVERAGE)),
            kills=chosen.kills,
            per_second=chosen.per_second,
            replicas=chosen.replicas,
            pushes=chosen.pushes,
            seed=chosen.seed,
            patience=3_600.0,
        )
        verdict = asyncio.run(called_back(play))
    return summed_up(verdict, began)


if __name__ == "__main__":
    sys.exit(main())
