"""Two replicas of the whole program in this process, on one database, and the doors by which Telegram reaches them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import Engine, func, select
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.telegram_settings import TelegramDriver, TelegramMode
from bot.channels.webchat_limits import WebChatSettings
from bot.settings import TelegramSettings
from bot.web import web_app
from bot.wiring import Program
from handlers.messages import Received
from storage.database import reading
from storage.tables import outbox
from tests.bot.channels.telegram_stage import WEBHOOK_SECRET
from tests.bot.program_stage import running, settings_for
from tests.bot_api import TOKEN, BotApiStandIn
from tests.bot_api.parameters import JsonObject

COUNT = 2
_UNLIMITED = 1_000_000
_SECRET = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}  # Bot API, setWebhook: secret_token
_LOOK_EVERY = 0.01  # seconds


@dataclass
class Replicas:
    """`programs` that run, a `door` of each."""

    programs: list[Program]
    doors: list[httpx.AsyncClient]
    engine: Engine

    async def post(self, at: int, update: JsonObject) -> None:
        """Hand an update to one replica, as Telegram does; returns when it is committed."""
        (await self.doors[at % COUNT].post("/telegram", json=update, headers=_SECRET)).raise_for_status()

    async def relay(self, request: Request) -> Response:
        """Where Telegram posts to: hands what comes to all replicas at the same moment."""
        body = await request.body()
        posts = (door.post("/telegram", content=body, headers=_SECRET) for door in self.doors)
        answers = await asyncio.gather(*posts)
        return Response(status_code=max(answer.status_code for answer in answers))

    async def sent(self) -> None:
        """Return when nothing waits in the outbox any more."""

        def waiting() -> int:
            with reading(self.engine) as unit:
                return int(unit.read(select(func.count()).where(outbox.c.state != "sent")).scalar_one())

        while await asyncio.to_thread(waiting):  # noqa: ASYNC110  # only the database could tell
            await asyncio.sleep(_LOOK_EVERY)

    def turned(self, outcome: Received) -> int:
        """How many messages of Telegram ended so, in all replicas."""
        label = {"channel": "telegram", "outcome": outcome.value}
        found = (one.metrics.registry.get_sample_value("minsheng_turns_total", label) for one in self.programs)
        return sum(int(value or 0) for value in found)


@asynccontextmanager
async def replicas(
    engine: Engine, url: str, folder: Path, platform: BotApiStandIn, webhook_url: str = ""
) -> AsyncIterator[Replicas]:
    """Both, started. Telegram calls nobody by itself where there is no `webhook_url`."""
    telegram = TelegramSettings.model_validate(
        {
            "token": TOKEN,
            "driver": TelegramDriver.PTB,
            "api_base": platform.base_url,
            "mode": TelegramMode.WEBHOOK,
            "webhook_secret": WEBHOOK_SECRET,
            "webhook_url": webhook_url,
            "per_second": 1000,
            "chat_interval": 0,
        }
    )
    web = WebChatSettings(messages_per_minute=_UNLIMITED, messages_per_minute_of_network=_UNLIMITED)
    settings = settings_for(folder, url, telegram=telegram, web=web, messages_per_minute=_UNLIMITED)
    async with AsyncExitStack() as building:
        programs = [await building.enter_async_context(running(settings)) for _ in range(COUNT)]
        doors = [
            await building.enter_async_context(
                httpx.AsyncClient(transport=httpx.ASGITransport(web_app(program)), base_url="http://door.test")
            )
            for program in programs
        ]
        yield Replicas(programs, doors, engine)
