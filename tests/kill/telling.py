"""`python -m tests.kill.telling`: killed again and again while it tells many people something, it tells each once.

Some of them have blocked the bot, some are unknown to the platform; now and then it refuses all, or cuts a line.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import httpx
from sqlalchemy import Engine, update

from bot.channels.webchat_identity import COOKIE
from storage.announcement_reports import Totals
from storage.area_index import AreaIndex
from storage.database import open_database, reading, transaction
from storage.store import Store
from storage.tables import congresses
from tests.bot_api import BotApiStandIn
from tests.bot_api.faults import drops_before, too_many_requests
from tests.bot_api.send_log import Limits
from tests.kill.announced import NEVER_QUIET, announce
from tests.kill.balancer import Balancer
from tests.kill.bot_process import BotProcess
from tests.kill.bot_settings import generous_settings
from tests.kill.congress import found_congress
from tests.kill.resident import Part
from tests.kill.summary import summed_up
from tests.kill.web_resident import WebResident
from tests.servers import PostgresServer, RedisServer, Server

TITLE, TEXT = "征集公告", "欢迎提出明年的民生实事项目建议"
FIRST_CHAT = 2_000_001
ONE_IN = 100  # has blocked the bot; as many are unknown to the platform
STRUCK = 0.002  # of the sends
# Seconds: what the platform has taken and not yet answered at a kill comes twice, once for each person. On a busy
# machine it answers late.
ANSWERED_WITHIN = 0.25


@dataclass(frozen=True, kw_only=True)
class Play:
    """So many people on Telegram and on pages of the web chat. Of the `kills` of the program every third goes with one
    of the `servers`; `per_second` is the limit of the platform, `patience` in seconds."""

    database_url: str
    folder: Path
    on_telegram: int
    on_web: int
    kills: int
    redis_url: str = ""
    servers: Sequence[Server] = ()
    replicas: int = 1
    per_second: int = 500
    driver: str = "ptb"
    seed: int = 1
    patience: float = 600.0


@dataclass
class Verdict:
    """`problems` is empty when every promise was kept."""

    told: int = 0
    doubled: int = 0
    kills: int = 0
    losses_of_servers: int = 0
    problems: list[str] = field(default_factory=list)


class Telling:
    """A play that runs."""

    def __init__(self, play: Play, stand_in: BotApiStandIn, bots: Sequence[BotProcess], engine: Engine) -> None:
        self.play, self.stand_in, self.bots, self.engine = play, stand_in, bots, engine
        self.chance = Random(play.seed)
        self.verdict = Verdict()
        chats = range(FIRST_CHAT, FIRST_CHAT + play.on_telegram)
        self.chats = list(chats)
        self.unknown = {chat for chat in chats if chat % ONE_IN == 7}
        self.blocked = {chat for chat in chats if chat % ONE_IN == 8}
        self.visitors: list[WebResident] = []

    def meet(self) -> None:
        """Let the platform know people, and have its moods."""
        for chat in self.chats:
            if chat not in self.unknown:
                person = self.stand_in.person(chat)
                if chat in self.blocked:
                    person.deactivates()
        moody = self.chance.random
        for effect in (too_many_requests(1), drops_before()):
            self.stand_in.faults.add(effect, method="sendMessage", when=lambda _: moody() < STRUCK, times=None)

    async def suffer(self) -> None:
        """Kill one of the replicas, or a server, whenever some more were told."""
        steps = sorted(self.chance.sample(range(1, self.play.on_telegram * 9 // 10), self.play.kills))
        for at, step in enumerate(steps):
            await self._until(partial(self._has_told, step))
            bot = self.chance.choice(self.bots)
            bot.kill()
            self.verdict.kills += 1
            if self.play.servers and at % 3 == 0:
                await asyncio.to_thread(self.chance.choice(self.play.servers).restart)
                self.verdict.losses_of_servers += 1
            bot.start()
            await bot.ready()

    async def end(self, number: int) -> None:
        """Wait until nothing is left to be sent."""
        await self._until(lambda: self._totals(number).waiting == 0 and self._totals(number).sent > 0)

    async def judge(self, number: int) -> Verdict:
        totals = await asyncio.to_thread(self._totals, number)
        told = Counter(one.chat_id for one in self.stand_in.messages if TEXT in one.text)
        verdict = self.verdict
        verdict.told = len(told)
        verdict.doubled = sum(times - 1 for times in told.values())
        reachable = set(self.chats) - self.unknown - self.blocked
        verdict.problems += [f"{chat} was not told" for chat in sorted(reachable - told.keys())]
        verdict.problems += [f"{chat} was told, though unreachable" for chat in sorted(told.keys() - reachable)]
        in_flight = round(ANSWERED_WITHIN * self.play.per_second)
        if verdict.doubled > verdict.kills * in_flight or max(told.values(), default=0) > 1 + verdict.kills:
            verdict.problems.append(f"{verdict.doubled} were told twice at {verdict.kills} kills")
        for one in self.visitors:
            heard = sum(TEXT in text for text in one.memory.heard)
            if heard != 1:
                verdict.problems.append(f"visitor {one.account} heard it {heard} times")
        audience = self.play.on_telegram + self.play.on_web + 1  # and its author, who has no account
        sums = totals.sent + totals.waiting + totals.held + sum(totals.failed.values()) + sum(totals.skipped.values())
        if not totals.audience == sums == audience:
            verdict.problems.append(f"the report does not sum up: {totals} of {audience}")
        verdict.problems += self.stand_in.violations
        return verdict

    def _has_told(self, count: int) -> bool:
        return len(self.stand_in.messages) >= count

    def _totals(self, number: int) -> Totals:
        with reading(self.engine) as unit:
            return Store(unit, datetime.now(UTC), AreaIndex(())).announcement_reports.totals(number)

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110  # only the database, or the platform, could tell
            await asyncio.sleep(0.05)


async def tell(play: Play) -> Verdict:
    """Play it. Raises TimeoutError when its patience is at an end."""
    async with AsyncExitStack() as building, asyncio.timeout(play.patience):
        cells = await asyncio.to_thread(found_congress, play.database_url)
        engine = open_database(play.database_url)
        building.callback(engine.dispose)
        with transaction(engine) as unit:
            unit.write(update(congresses).values(rules=NEVER_QUIET.dump()))
        limits = Limits(overall_per_second=play.per_second, chat_burst=100)
        stand_in = building.enter_context(BotApiStandIn(limits=limits))
        settings = generous_settings(play.folder, play.database_url, stand_in, webhook=True)
        settings["MINSHENG_REDIS_URL"] = play.redis_url
        settings |= {"MINSHENG_TELEGRAM__DRIVER": play.driver, "MINSHENG_TELEGRAM__PER_SECOND": str(play.per_second)}
        bots = [building.enter_context(BotProcess(play.folder, settings)) for _ in range(play.replicas)]
        balancer = await building.enter_async_context(Balancer([bot.address for bot in bots]))
        settings["MINSHENG_TELEGRAM__WEBHOOK_URL"] = f"http://{balancer.address}/telegram"
        telling = Telling(play, stand_in, bots, engine)
        telling.meet()
        for bot in bots:
            bot.start()
        for bot in bots:
            await bot.ready()
        telling.visitors += [await _visitor(balancer, building) for _ in range(play.on_web)]
        to = [("telegram", str(chat)) for chat in telling.chats]
        number = announce(engine, cells[0].id, TITLE, TEXT, [*to, *(("web", one.account) for one in telling.visitors)])
        await telling.suffer()
        await telling.end(number)
        return await telling.judge(number)


async def _visitor(balancer: Balancer, building: AsyncExitStack) -> WebResident:
    http = httpx.AsyncClient(base_url=f"http://{balancer.address}", trust_env=False, verify=False)
    await building.enter_async_context(http)
    cookie = (await http.get("/chat")).raise_for_status().cookies[COOKIE]
    visitor = WebResident(http, cookie, Part([], hasty=False, thinks=lambda: 0.0, on_answer=lambda: None))
    await building.enter_async_context(visitor.online())
    return visitor


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill.telling", description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--visitors", type=int, default=50, help="with the web chat open")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--replicas", type=int, default=1, help="more than one: on PostgreSQL, with Redis")
    parser.add_argument("--driver", choices=("ptb", "aiogram"), default="aiogram")
    parser.add_argument("--per-second", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began = time.monotonic()
    with ExitStack() as servers:
        folder = Path(servers.enter_context(tempfile.TemporaryDirectory(prefix="minsheng-telling-")))
        on_server = chosen.database == "postgresql" or chosen.replicas > 1
        postgres = servers.enter_context(PostgresServer()) if on_server else None
        redis = servers.enter_context(RedisServer()) if chosen.replicas > 1 else None
        url = postgres.databases.create() if postgres else f"sqlite:///{folder / 'minsheng.sqlite3'}"
        play = Play(
            database_url=url,
            folder=folder,
            on_telegram=chosen.people,
            on_web=chosen.visitors,
            kills=chosen.kills,
            redis_url=redis.url if redis else "",
            servers=[server for server in (postgres, redis) if server],
            replicas=chosen.replicas,
            per_second=chosen.per_second,
            driver=chosen.driver,
            seed=chosen.seed,
            patience=3_600.0,
        )
        verdict = asyncio.run(tell(play))
    return summed_up(verdict, began)


if __name__ == "__main__":
    sys.exit(main())
