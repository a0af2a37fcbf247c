"""Everything that a play needs: a congress, the platform's stand-in, the program's processes and a crowd."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, func, select, update

from storage.database import open_database, reading, transaction
from storage.tables import attachments, outbox
from tests.bot_api import BotApiStandIn
from tests.kill.balancer import Balancer
from tests.kill.bot_process import POLL, BotProcess
from tests.kill.bot_settings import generous_settings
from tests.kill.congress import found_congress
from tests.kill.crowd import Crowd, Size
from tests.kill.verdict import Verdict, judge


class Stuck(Exception):
    """The play did not come to its end in time; says how far it came."""


@dataclass(frozen=True, kw_only=True)
class Play:
    """What is played. `folder` takes files and logs, `database_url` names an empty database.

    `patience` is how many seconds all of it may take; the same `seed` gives the same stories and moments.
    """

    database_url: str
    folder: Path
    size: Size = field(default_factory=Size)
    redis_url: str = ""
    replicas: int = 1
    webhook: bool = False
    driver: str = "ptb"
    seed: int = 1
    patience: float = 120.0


class Stage:
    """A play that runs. `kills` counts them."""

    def __init__(
        self, play: Play, engine: Engine, stand_in: BotApiStandIn, bots: list[BotProcess], balancer: Balancer
    ) -> None:
        self.play, self.engine, self.stand_in, self.bots, self.balancer = play, engine, stand_in, bots, balancer
        self.chance = Random(play.seed)
        self.kills = 0
        self.crowd: Crowd

    async def settled(self) -> None:
        """Return when nothing waits any more, on either side."""
        while not await asyncio.to_thread(self._is_settled):  # noqa: ASYNC110  # only the database could tell
            await asyncio.sleep(POLL)

    async def perform(self, misfortune: Coroutine[Any, Any, None]) -> Verdict:
        """Let everybody act while that goes on; then wait until all is answered, and judge."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.crowd.live())
            group.create_task(misfortune)
        await self.settled()
        return await asyncio.to_thread(self._judge)

    async def kill_at_random(self, kills: int) -> None:
        """Kill one of the bots after random answers, now and then again while it starts."""
        for steps in sorted(self.chance.sample(range(1, self.crowd.all_steps), kills)):
            await self.crowd.reach(steps)
            await asyncio.sleep(self.chance.uniform(0, 0.05))  # into the midst of what follows
            bot = self.chance.choice(self.bots)
            self.kill(bot)
            bot.start()
            if self.chance.random() < 0.2:
                await asyncio.sleep(self.chance.uniform(0, 1.0))
                self.kill(bot)
                bot.start()
            await bot.ready()

    def kill(self, bot: BotProcess) -> None:
        """Kill one of the bots. What it was fetching is leased for three minutes more, which are not waited for."""
        bot.kill()
        self.kills += 1
        leased = update(attachments).where(attachments.c.lease_until.is_not(None))
        with transaction(self.engine) as unit:
            unit.write(leased.values(lease_until=datetime.fromtimestamp(0, UTC)))

    def _is_settled(self) -> bool:
        waiting = select(func.count()).where(outbox.c.state.in_(("waiting", "held")))
        wanted = select(func.count()).where(attachments.c.state == "wanted")
        with reading(self.engine) as unit:
            open_rows = [unit.read(query).scalar_one() for query in (waiting, wanted)]
        return not any(open_rows) and not self.stand_in.waiting_updates

    def _judge(self) -> Verdict:
        verdict = judge(self.engine, self.crowd.residents)
        verdict.kills = self.kills
        verdict.problems += self.stand_in.violations
        verdict.problems += [line for bot in self.bots for line in bot.complaints]
        return verdict


@asynccontextmanager
async def staged(play: Play) -> AsyncIterator[Stage]:
    """Set a play up: bots that are ready, people on their pages. Raises Stuck when its patience is at an end."""
    async with AsyncExitStack() as building:
        cells = await asyncio.to_thread(found_congress, play.database_url)
        engine = open_database(play.database_url)
        building.callback(engine.dispose)
        stand_in = building.enter_context(BotApiStandIn())
        bots, balancer = await _bots(play, stand_in, building)
        stage = Stage(play, engine, stand_in, bots, balancer)
        crowd = stage.crowd = Crowd(play.size, stand_in, f"http://{balancer.address}", cells, stage.chance)
        building.push_async_callback(crowd.go_home)
        try:
            async with asyncio.timeout(play.patience):
                for bot in bots:
                    bot.start()
                for bot in bots:
                    await bot.ready()
                await crowd.gather()
                yield stage
        except TimeoutError as error:
            logs = "\n".join(bot.log[-2000:] for bot in bots)
            raise Stuck(f"{crowd.steps} of {crowd.all_steps} answers after {stage.kills} kills:\n{logs}") from error


async def _bots(play: Play, stand_in: BotApiStandIn, building: AsyncExitStack) -> tuple[list[BotProcess], Balancer]:
    """The processes, not yet started, and what all of them are reached by."""
    settings = generous_settings(play.folder, play.database_url, stand_in, webhook=play.webhook)
    settings |= {"MINSHENG_REDIS_URL": play.redis_url, "MINSHENG_TELEGRAM__DRIVER": play.driver}
    bots = [building.enter_context(BotProcess(play.folder, settings)) for _ in range(play.replicas)]
    balancer = await building.enter_async_context(Balancer([bot.address for bot in bots]))
    settings["MINSHENG_TELEGRAM__WEBHOOK_URL"] = f"http://{balancer.address}/telegram" if play.webhook else ""
    return bots, balancer
