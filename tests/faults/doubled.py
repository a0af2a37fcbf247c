"""Every update comes twice, by two webhooks, at the same moment, to two replicas."""

import asyncio
import socket
from pathlib import Path
from random import Random

from sqlalchemy import Engine
from starlette.routing import Route

from handlers.messages import Received
from tests.bot.channels.telegram_stage import served
from tests.bot_api import BotApiStandIn
from tests.faults.replicas import replicas
from tests.kill.congress import found_congress
from tests.kill.crowd import Crowd, Size
from tests.kill.stories import STEPS_ON_AVERAGE
from tests.kill.verdict import judge

PEOPLE = 10


async def doubled(engine: Engine, url: str, folder: Path, rounds: int) -> list[str]:
    """So many messages, about; whatever is wrong in the end."""
    cells = await asyncio.to_thread(found_congress, url)
    size = Size(on_telegram=PEOPLE, on_web=0, stories=max(1, round(rounds / PEOPLE / STEPS_ON_AVERAGE)))
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as listener,
        BotApiStandIn() as platform,
    ):
        webhook_url = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram"
        async with replicas(engine, url, folder, platform, webhook_url) as both:
            crowd = Crowd(size, platform, "http://nowhere.test", cells, Random(1))
            async with served([Route("/telegram", both.relay, methods=["POST"])], listener):
                await crowd.gather()
                try:
                    await crowd.live()
                    await both.sent()
                    await platform.wait_until_async(lambda: not platform.waiting_updates)
                finally:
                    await crowd.go_home()
            handed, repeated = both.turned(Received.ACTED_ON), both.turned(Received.REPEATED)
        verdict = judge(engine, crowd.residents)
        steps = crowd.all_steps
        # Telegram hands some of it over anew when the second replica names the webhook again.
        if not verdict.messages == handed == steps <= repeated:
            verdict.problems.append(f"{steps} messages, {verdict.messages} stored, {handed} acted on, {repeated} not")
        if verdict.doubled:
            verdict.problems.append(f"{verdict.doubled} replies came twice")
        return verdict.problems + platform.violations
